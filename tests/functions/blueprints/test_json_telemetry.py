"""What smartctl prints, as files and as arrays over HTTP, and the collector's: on the running app."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas

from collector.command_line import main
from functions.http.body import SMARTCTL
from tests.collector.recorded import recording
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, faults, read_csv, record, row, table
from tests.support.fake_smartctl import install
from tests.support.fake_smartctl import record as put_recording
from tests.support.running_app import RunningApp, RunningAzurite
from tests.support.smartctl_outputs import output, recorded

DAY = dt.date(2046, 3, 9)
RAW = {int(name.split("_")[1]): value for name, value in WORN.items()} | {188: 0, 198: 0}


def on(day: dt.date) -> dict[str, int]:
    """Return the local time of a noon."""
    return {"time_t": int(dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC).timestamp())}


def host(day: dt.date = DAY) -> list[dict[str, Any]]:
    """Make what smartctl prints on a host: of two disks, and of an NVMe drive."""
    return [
        output("A", raw={**RAW, 5: 0, 187: 0, 197: 0}, local_time=on(day)),
        recorded("nvme-970-evo-plus") | {"local_time": on(day)},
        output("B", raw=RAW, local_time=on(day)),
    ]


def lines(documents: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in documents).encode()


def test_an_object_a_line(fleet: Fleet) -> None:
    etag = fleet.drop("host 1/2046-03-09.json", lines(host()))
    told = fleet.summary("host 1/2046-03-09", etag, status="scored")
    assert told["lines"] == {"data": 3, "accepted": 2, "rejected": 1}
    assert told["source"]["name"] == f"{fleet.folder}/host 1/2046-03-09.json"
    assert fleet.outputs() == [
        f"host 1/2046-03-09.{ending}" for ending in ("csv", "rejects.csv", "report.html", "summary.json")
    ]
    scored = read_csv(fleet.output("host 1/2046-03-09.csv"))
    assert [(line["line"], line["serial_number"], line["risk"]) for line in scored] == [
        ("1", "A", "low"),
        ("3", "B", "critical"),
    ]
    (reject,) = read_csv(fleet.output("host 1/2046-03-09.rejects.csv"))
    assert (reject["line"], reject["code"]) == ("2", "not_ata")


def test_a_packed_array_with_the_history_of_a_csv(fleet: Fleet) -> None:
    week_before = str(DAY - dt.timedelta(days=7))
    rows = [row(serial, week_before, "ST4000DM000-1F2168") for serial in ("A", "B")]
    fleet.summary("before", fleet.drop("before.csv", table(rows)), status="scored")
    etag = fleet.drop("day.JSON.gz", gzip.compress(json.dumps(host(), indent=2).encode()))
    told = fleet.summary("day", etag, status="scored")
    assert told["history"]["rows_with_history"] == 2
    assert {line["history_days"] for line in read_csv(fleet.output("day.csv"))} == {"7"}


@pytest.mark.parametrize(
    "data", [b'[{"a": 1}', b"date,serial_number,model\n", lines(host()).decode().encode("utf-16")]
)
def test_a_file_that_fails_as_a_whole(fleet: Fleet, data: bytes) -> None:
    told = fleet.summary("day", fleet.drop("day.json", data), status="failed")
    assert told["error"]["code"] == "bad_file"
    assert fleet.outputs() == ["day.summary.json"]


@pytest.mark.parametrize("other", ["day.csv", "day.json.gz"])
def test_two_files_of_one_stem(fleet: Fleet, app: RunningApp, other: str) -> None:
    """The first keeps its outputs; the other is refused until one of the two is gone."""
    data = lines(host(DAY + dt.timedelta(days=1)))
    fleet.summary("day", fleet.drop("day.json", data), status="scored")
    before = {name: fleet.output(name) for name in fleet.outputs()}
    fleet.drop(other, table([row("C", "2046-03-10")]) if other.endswith(".csv") else gzip.compress(data))
    app.wait_for(rf"{fleet.folder}/{other} would write")
    assert {name: fleet.output(name) for name in fleet.outputs()} == before


@pytest.mark.parametrize("kind", ["application/json", SMARTCTL])
def test_an_array_over_http(http: httpx.Client, kind: str) -> None:
    """Each is answered or refused on its own, as by itself; the order is that of the request."""
    documents: list[Any] = [
        *host(),
        record(**WORN),
        output("C", raw=RAW, rotation_rate=0, local_time=on(DAY)),
        output("", raw={5: -1}, local_time=on(DAY)),
        7,
    ]
    answer = http.post("/predict/batch", content=json.dumps(documents), headers={"content-type": kind})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["answered"], found["refused"]) == (3, 4)
    first, nvme, second, of_telemetry, solid, faulty, number = found["results"]
    assert (first["forecast"]["risk"], second["forecast"]["risk"]) == ("low", "critical")
    assert (solid["forecast"]["scope"], solid["forecast"]["probability"]) == ("unknown", None)
    assert nvme["problem"]["code"] == of_telemetry["problem"]["code"] == "no_ata_attributes"
    assert faults(faulty["problem"]) == {
        "[5].ata_smart_attributes.table[0].raw.value": "-1",
        "[5].serial_number": "''",
    }
    assert faults(number["problem"]) == {"[6]": "7"}
    alone = http.post("/predict?reasons=risky", json=documents[2], headers={"content-type": SMARTCTL}).json()
    assert alone == second["forecast"]


def test_outputs_among_rows_of_telemetry(http: httpx.Client) -> None:
    found = http.post("/predict/batch", json={"drives": [record(**WORN), *host()]}).json()
    assert [sorted(each) for each in found["results"]] == [["forecast"], *[["problem"]] * 3]


@pytest.mark.parametrize("body", ["[", "[{}", "[{}, x]", '[{"a": 1}] []', "[NaN]"])
def test_an_array_that_is_no_json(http: httpx.Client, body: str) -> None:
    answer = http.post("/predict/batch", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "broken_json")


def test_an_array_of_too_many(http: httpx.Client) -> None:
    too_many: list[list[Any]] = [[{}] * 1_001, [{"a": [{}] * 300}] * 1_001]
    for documents in too_many:
        answer = http.post("/predict/batch", json=documents)
        assert (answer.status_code, answer.json()["code"]) == (422, "too_many_drives")
    assert http.post("/predict/batch", json=[]).json()["results"] == []


@pytest.fixture
def collecting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A host with a failing disk, an NVMe and a SAS drive; its name."""
    folder = tmp_path / "bin"
    folder.mkdir()
    install(folder, {"/dev/sda": "sat", "/dev/nvme0": "nvme", "/dev/sdb": "scsi"})
    put_recording(folder, "sda@sat", recording("usb-jmicron-failing"))
    put_recording(folder, "nvme0@nvme", recording("nvme-970-evo-plus"))
    put_recording(folder, "sdb", recording("sas-hitachi"))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("DRIVECAST_COLLECT_STATE", str(tmp_path / "state"))
    return folder.name


def test_the_collectors_upload(
    collecting: str,
    app: RunningApp,
    azurite: RunningAzurite,
    fleet: Fleet,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = azurite.blobs.get_container_client("telemetry")
    sas = generate_container_sas(
        str(client.account_name),
        "telemetry",
        account_key=azurite.blobs.credential.account_key,
        permission=ContainerSasPermissions.from_string("cw"),
        expiry=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1),
    )
    monkeypatch.setenv("DRIVECAST_COLLECT_HOST", fleet.folder)
    assert main(["--upload", f"{client.url}?{sas}", "--upload-as", "json"]) == 0, capsys.readouterr().err
    (name,) = client.list_blob_names(name_starts_with=f"{fleet.folder}/")
    etag = client.get_blob_client(name).get_blob_properties().etag
    stem = name.removeprefix(f"{fleet.folder}/").removesuffix(".json")
    told = fleet.summary(stem, str(etag), status="scored")
    assert told["lines"] == {"data": 3, "accepted": 1, "rejected": 2}
    (scored,) = read_csv(fleet.output(f"{stem}.csv"))
    document = json.loads(recording("usb-jmicron-failing").read_text(encoding="utf-8"))
    assert (scored["serial_number"], scored["model"]) == (document["serial_number"], document["model_name"])


def test_the_collectors_batch(collecting: str, app: RunningApp, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--send", app.base_url, "--send-as", "batch"]) == 0
    told = capsys.readouterr()
    document = json.loads(recording("usb-jmicron-failing").read_text(encoding="utf-8"))
    (line,) = [line for line in (told.out + told.err).splitlines() if document["serial_number"] in line]
    assert "risk " in line
