import json
from pathlib import Path

import pytest

from functions import settings as settings_module
from functions.errors import SettingError
from functions.platform_settings import PLATFORM_SETTINGS
from functions.settings import APP_ROOT, SETTINGS, Setting, read_settings, value_of
from tests.support.running_app import PROJECT

BY_NAME = {setting.name: setting for setting in SETTINGS}
OF_THIS_MACHINE = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
"""Settings in local.settings.example.json that deployments set otherwise, or not at all."""


def test_defaults() -> None:
    chosen = read_settings({})
    assert chosen.models_folder == APP_ROOT / "models"
    assert chosen.model == "champion"
    assert chosen.models_source == "package"
    assert chosen.models_refresh_seconds == 60
    assert chosen.max_body_bytes == 262_144
    assert chosen.max_batch_body_bytes == 4_194_304
    assert chosen.max_drives == 1000
    assert chosen.max_json_depth == 32
    assert chosen.max_requests_in_progress == 24
    assert chosen.log_hash_key == ""
    assert chosen.max_reject_share == 0.5
    assert chosen.escape_formulas == "rejects"
    assert chosen.score_threads == 2
    assert chosen.download_chunk_bytes == 16_777_216
    assert value_of(BY_NAME["BLOB_TRIGGER_SOURCE"], {}) == "EventGrid"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MODELS_FOLDER", "elsewhere", APP_ROOT / "elsewhere"),
        ("MODELS_FOLDER", "/mnt/models", Path("/mnt/models")),
        ("MODEL", " v1 ", "v1"),
        ("MODELS_SOURCE", "container", "container"),
        ("MODELS_REFRESH_SECONDS", "1", 1),
        ("MAX_BODY_BYTES", "1024", 1024),
        ("MAX_BATCH_BODY_BYTES", "1024", 1024),
        ("MAX_DRIVES", "1", 1),
        ("MAX_JSON_DEPTH", "8", 8),
        ("MAX_REQUESTS_IN_PROGRESS", "1", 1),
        ("MAX_BYTES_IN_PROGRESS", "1024", 1024),
        ("LOG_HASH_KEY", "secret", "secret"),
        ("MAX_REJECT_SHARE", "0", 0.0),
        ("MAX_REJECT_SHARE", "1", 1.0),
        ("ESCAPE_FORMULAS", "all", "all"),
        ("ESCAPE_FORMULAS", "none", "none"),
        ("SCORE_THREADS", "64", 64),
        ("RANGE_BYTES", "4096", 4096),
        ("DOWNLOAD_CHUNK_BYTES", "65536", 65536),
        ("BLOB_TRIGGER_SOURCE", "LogsAndContainerScan", "LogsAndContainerScan"),
    ],
)
def test_good_values(name: str, text: str, value: object) -> None:
    assert value_of(BY_NAME[name], {name: text}) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("MODEL", "  ", "a name"),
        ("MODELS_SOURCE", "blob", "one of package, container"),
        ("MODELS_REFRESH_SECONDS", "0", "a whole number from 1 to 86400 seconds"),
        ("MAX_BODY_BYTES", "1023", "a whole number from 1024 to 104857600 bytes"),
        ("MAX_BODY_BYTES", "1e6", "a whole number from 1024 to 104857600 bytes"),
        ("MAX_BODY_BYTES", "9" * 5000, "a whole number from 1024 to 104857600 bytes"),
        ("MAX_BODY_BYTES", "²", "a whole number from 1024 to 104857600 bytes"),
        ("MAX_DRIVES", "0", "a whole number from 1 to 100000 drives"),
        ("MAX_JSON_DEPTH", "7", "a whole number from 8 to 512 levels"),
        ("MAX_REQUESTS_IN_PROGRESS", "0", "a whole number from 1 to 10000 requests"),
        ("MAX_REJECT_SHARE", "50%", "a number from 0 to 1"),
        ("ESCAPE_FORMULAS", "yes", "one of none, rejects, all"),
        ("MAX_REJECT_SHARE", "nan", "a number from 0 to 1"),
        ("MAX_REJECT_SHARE", "-0.1", "a number from 0 to 1"),
        ("SCORE_THREADS", "0", "a whole number from 1 to 64 threads"),
        ("SCORE_THREADS", "-1", "a whole number from 1 to 64 threads"),
        ("DOWNLOAD_CHUNK_BYTES", "16MB", "a whole number from 65536 to 268435456 bytes"),
        ("BLOB_TRIGGER_SOURCE", "eventgrid", "one of EventGrid, LogsAndContainerScan"),
    ],
)
def test_bad_values(name: str, text: str, expected: str) -> None:
    setting: Setting[object] = BY_NAME[name]
    with pytest.raises(SettingError) as caught:
        value_of(setting, {name: text})
    for found in (name, repr(text), expected, str(setting.default)):
        assert found in caught.value.detail


def test_a_bad_value_stops_reading() -> None:
    with pytest.raises(SettingError, match="SCORE_THREADS"):
        read_settings({"SCORE_THREADS": "many"})


def test_a_former_name_is_read_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("RANGE_BYTES", raising=False)
    monkeypatch.setenv("CHUNK_BYTES", "5000")
    settings_module.settings.cache_clear()
    assert settings_module.settings().range_bytes == 5000
    (warned,) = caplog.records
    assert warned.levelname == "WARNING"
    assert {"CHUNK_BYTES", "RANGE_BYTES"} <= set(warned.getMessage().replace(":", "").split())
    assert read_settings({"CHUNK_BYTES": "5000", "RANGE_BYTES": "6000"}).range_bytes == 6000
    settings_module.settings.cache_clear()


def test_an_empty_value_counts_as_not_set() -> None:
    assert read_settings({"SCORE_THREADS": "", "MODEL": ""}) == read_settings({})


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_can_be_parsed_and_every_setting_has_a_meaning(setting: Setting[object]) -> None:
    setting.parse(setting.default)
    assert setting.meaning.endswith(".")


def test_the_table_has_every_setting() -> None:
    defined = [value for value in vars(settings_module).values() if isinstance(value, Setting)]
    assert [setting.name for setting in defined if setting not in SETTINGS] == []


def test_the_example_has_every_setting_and_no_other() -> None:
    example = json.loads((PROJECT / "local.settings.example.json").read_text())["Values"]
    platform = {setting.name: setting.value for setting in PLATFORM_SETTINGS}
    assert example.keys() - OF_THIS_MACHINE - platform.keys() == BY_NAME.keys()
    assert {name: example[name] for name in platform} == platform
    for name, setting in BY_NAME.items():
        setting.parse(example[name])


def test_every_setting_is_read_from_this_process() -> None:
    """No other module reads the environment under a name of its own; score.py sets one, for OpenBLAS."""
    readers = [
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "functions").rglob("*.py")
        if "environ" in path.read_text() or "getenv" in path.read_text()
    ]
    assert sorted(readers) == [
        "functions/blueprints/batch.py",
        "functions/http/responses.py",
        "functions/platform_settings.py",
        "functions/score.py",
        "functions/settings.py",
        "functions/storage/accounts.py",
    ]
    assert (PROJECT / "functions/score.py").read_text().count("environ") == 1
