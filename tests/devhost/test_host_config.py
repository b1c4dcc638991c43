"""host.json."""

import json
from pathlib import Path

import pytest

from devhost import host_config
from devhost.errors import DevhostError


def load(folder: Path, document: object, environment: dict[str, str] | None = None) -> host_config.HostConfig:
    (folder / "host.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return host_config.load(folder, environment or {})


def test_defaults_are_the_hosts(tmp_path: Path) -> None:
    config = load(tmp_path, {"version": "2.0"})
    assert config.route_prefix == "api"
    assert config.poison_blob_threshold == 5
    assert config.queue_batch_size == 16
    assert config.queue_max_dequeue_count == 5
    assert config.queue_base64
    assert config.function_timeout is None


def test_values_are_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        {
            "functionTimeout": "1.02:03:04",
            "logging": {"logLevel": {"default": "Warning", "Function.score": "Trace"}},
            "extensions": {
                "http": {"routePrefix": "", "maxOutstandingRequests": 7},
                "blobs": {"maxDegreeOfParallelism": 2, "poisonBlobThreshold": 9},
                "queues": {
                    "batchSize": 1,
                    "newBatchThreshold": 0,
                    "maxDequeueCount": 2,
                    "visibilityTimeout": "00:00:30",
                    "messageEncoding": "none",
                    "maxPollingInterval": "00:00:02",
                },
            },
        },
    )
    assert config.function_timeout == 93784
    assert config.log_levels == {"default": 30, "Function.score": 5}
    assert (config.route_prefix, config.max_outstanding_requests) == ("", 7)
    assert (config.blob_max_degree_of_parallelism, config.poison_blob_threshold) == (2, 9)
    assert (config.queue_batch_size, config.queue_new_batch_threshold) == (1, 0)
    assert (config.queue_max_dequeue_count, config.queue_visibility_timeout) == (2, 30)
    assert (config.queue_base64, config.queue_max_polling_interval) == (False, 2)


def test_the_environment_wins_as_in_the_host(tmp_path: Path) -> None:
    environment = {"AzureFunctionsJobHost__extensions__queues__batchSize": "3", "PATH": "/bin"}
    assert load(tmp_path, {"extensions": {"queues": {"batchSize": 8}}}, environment).queue_batch_size == 3


@pytest.mark.parametrize(
    ("document", "output"),
    [
        ("{", "host.json"),
        ("[]", " list"),
        ({"extensions": {"blobs": {"poisonBlobThreshold": 0}}}, "Threshold is 0;"),
        ({"extensions": {"queues": {"batchSize": 33}}}, "batchSize is 33"),
        ({"extensions": {"queues": {"batchSize": True}}}, "batchSize is True"),
        ({"extensions": {"queues": {"batchSize": 1.5}}}, "batchSize is 1.5"),
        ({"extensions": {"queues": {"messageEncoding": "hex"}}}, '"base64" or "none"'),
        ({"extensions": {"queues": {"visibilityTimeout": 30}}}, "visibilityTimeout"),
        ({"functionTimeout": "5 minutes"}, "functionTimeout is '5 minutes'"),
        ({"logging": {"logLevel": {"default": "Loud"}}}, "default is 'Loud';"),
    ],
)
def test_a_bad_value_is_said(tmp_path: Path, document: object, output: str) -> None:
    with pytest.raises(DevhostError) as raised:
        load(tmp_path, document)
    assert output in str(raised.value)


def test_the_projects_own_host_json_is_good() -> None:
    host_config.load(Path(__file__).resolve().parents[2], {})
