"""Files of what smartctl prints, through the engine: outputs as of a CSV, whatever the form."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.http.drives import many_drives, one_drive
from functions.scoring.csv.rejects import MOST_LISTED
from functions.scoring.engine import file_limits
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.scorer import Scorer
from functions.scoring.online.forecast import Forecast, forecasts
from functions.scoring.report.tally import Source, Tally
from tests.shared_cases import case
from tests.support.drives import WORN, Scored, cut, row, score, table
from tests.support.smartctl_outputs import NOON, output, outputs, recorded

RAW = {int(name.split("_")[1]): value for name, value in WORN.items()} | {188: 0, 194: 25, 198: 0}
GOOD = [output("S1", raw=RAW), output("S2", raw={**RAW, 5: 0, 187: 0, 197: 0})]


def lines(documents: list[Any]) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in documents).encode()


FORMS: dict[str, Callable[[list[Any]], bytes]] = {
    "a line each": lines,
    "array": lambda documents: json.dumps(documents).encode(),
    "array on lines": lambda documents: json.dumps(documents, indent=1).encode(),
    "one after another": lambda documents: "\n".join(
        json.dumps(each, indent=2) for each in documents
    ).encode(),
    "gzip": lambda documents: gzip.compress(lines(documents)),
}


def as_json(engine: CsvEngine, data: bytes, **options: Any) -> Scored:
    return score(engine, data, name=options.pop("name", "day.json"), **options)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_outputs(engine: CsvEngine, form: str) -> None:
    documents = [*GOOD, recorded("nvme-970-evo-plus"), output("S3", raw={5: -1}), *GOOD[:1]]
    plain = as_json(engine, lines(documents))
    found = as_json(engine, FORMS[form](documents))
    assert found.scored == plain.scored
    told = [(each["line"], each["code"]) for each in found.rejected()]
    assert told == [("1", "repeated_drive"), ("3", "not_ata"), ("4", "bad_value")]
    assert found.summary["lines"] == {"data": 5, "accepted": 2, "rejected": 3}
    assert [each["line"] for each in found.rows()] == ["2", "5"]


def test_outputs_are_those_of_a_csv_of_these_drives(engine: CsvEngine) -> None:
    found = as_json(engine, lines(GOOD)).rows()
    clean: dict[str, Any] = {"smart_5_raw": 0, "smart_187_raw": 0, "smart_197_raw": 0}
    model = "ST4000DM000-1F2168"
    of_csv = score(engine, table([row("S1", model=model, **WORN), row("S2", model=model, **clean)])).rows()
    for one, other in zip(found, of_csv, strict=True):
        assert {**one, "line": ""} == {**other, "line": ""}
    assert found[0]["risk"] == "critical"


def answers(documents: list[Any], scorer: Scorer) -> list[Forecast | None]:
    drives, _ = many_drives(json.dumps(documents).encode(), scorer.attributes, 1000, [])
    found = iter(forecasts([drive for drive in drives if drive is not None], scorer, "risky"))
    return [None if drive is None else next(found) for drive in drives]


@given(st.lists(outputs(), min_size=1, max_size=5), st.sampled_from(sorted(FORMS)))
def test_a_drive_is_answered_as_over_http(
    engine: CsvEngine, scorer: Scorer, documents: list[Any], form: str
) -> None:
    """One by one, as a batch and in a file: bit for bit; what is refused is refused everywhere."""
    if form == "one after another":
        documents = [{"form": "decides the first line"} | documents[0], *documents[1:]]
    for number, document in enumerate(documents):
        document["serial_number"] = document["serial_number"] and f"{document['serial_number']}{number}"
    found = as_json(engine, FORMS[form](documents))
    by_line = {int(each["line"]): each for each in found.rows()}
    refused = {int(each["line"]) for each in found.rejected()}
    for line, (document, answer) in enumerate(zip(documents, answers(documents, scorer), strict=True), 1):
        if answer is None:
            assert line in refused
            continue
        written = by_line[line]
        probability = None if written["probability"] == "" else float(written["probability"])
        assert probability == answer.probability
        assert (written["risk"], written["scope"]) == (answer.risk, answer.scope)
        assert [int(each) for each in written["missing"].split()] == answer.missing
        assert (written["date"], written["serial_number"]) == (answer.date, answer.serial_number)
        told = [reason.sentence for reason in answer.reasons]
        assert [written[f"reason_{number}"] for number in (1, 2, 3)] == told + [""] * (3 - len(told))
        alone = one_drive(json.dumps(document).encode(), True, scorer.attributes, [])
        assert forecasts([alone], scorer, "risky") == [answer]


def test_rotation_and_family_reach_scope_and_decoding(engine: CsvEngine) -> None:
    named: dict[str, Any] = {"model_name": "made by nobody", "raw": {**RAW, 197: 1, 188: 0x0001_0001_0001}}
    found = as_json(
        engine,
        lines(
            [
                output("S1", model_family="", rotation_rate=None, **named),
                output("S2", model_family="Seagate Exos X16", rotation_rate=7200, **named),
                output("S3", model_family="", rotation_rate=0, **named),
            ]
        ),
    ).rows()
    assert [each["scope"] for each in found] == ["similar", "similar", "unknown"]


def test_history_is_joined_and_kept_as_for_a_csv(engine: CsvEngine, tmp_path: Path) -> None:
    earlier = [
        output(f"S{number}", raw={**RAW, 5: 0}, local_time={"time_t": NOON - 7 * 86_400}) for number in (1, 2)
    ]
    store = FolderSnapshotStore(tmp_path / "json")
    written = as_json(engine, lines(earlier), name="earlier.json", store=store)
    assert len(written.summary["history"]["snapshots_written"]) == 1
    found = as_json(engine, json.dumps(GOOD).encode(), store=store)
    assert {each["history_days"] for each in found.rows()} == {"7"}
    model = "ST4000DM000-1F2168"
    of_csv = FolderSnapshotStore(tmp_path / "csv")
    worn = {**WORN, "smart_5_raw": 0}
    score(
        engine,
        table(row(f"S{number}", "2014-01-18", model, **worn) for number in (1, 2)),
        name="earlier.csv",
        store=of_csv,
    )
    clean: dict[str, Any] = {"smart_5_raw": 0, "smart_187_raw": 0, "smart_197_raw": 0}
    same = score(
        engine, table([row("S1", model=model, **WORN), row("S2", model=model, **clean)]), store=of_csv
    )
    assert [each["probability"] for each in found.rows()] == [each["probability"] for each in same.rows()]


def test_a_fleet_of_other_drives_is_no_damaged_file(scorer: Scorer) -> None:
    engine = CsvEngine(scorer)
    found = as_json(engine, lines([GOOD[0], *[recorded("nvme-970-evo-plus")] * 9]))
    assert found.summary["lines"] == {"data": 10, "accepted": 1, "rejected": 9}
    with pytest.raises(TelemetryFileError, match=r"no_attributes: 3\)"):
        as_json(engine, lines([GOOD[0], {}, {}, {}, recorded("nvme-970-evo-plus")]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b"date,serial_number,model\n",
        lines(GOOD).decode().encode("utf-16"),
        json.dumps(GOOD).encode()[:-1],
        json.dumps([*GOOD, "x"]).encode().replace(b'"x"', b"x"),
        gzip.compress(lines(GOOD))[:-12],
    ],
)
def test_what_fails_as_a_whole(engine: CsvEngine, data: bytes) -> None:
    with pytest.raises(TelemetryFileError):
        as_json(engine, data)


def test_a_table_that_is_json_says_so_and_the_other_way_round(engine: CsvEngine) -> None:
    with pytest.raises(TelemetryFileError, match=r"\.json\b"):
        score(engine, lines(GOOD), name="day.csv")
    with pytest.raises(TelemetryFileError, match=r"\.csv\b"):
        as_json(engine, table([row()]))


def test_only_so_many_objects(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_limits, "MAX_OBJECTS", 2)
    assert as_json(CsvEngine(scorer), lines(GOOD)).summary["lines"]["data"] == 2
    with pytest.raises(TelemetryFileError, match=r"\b2 lines or objects\b"):
        as_json(CsvEngine(scorer), lines([*GOOD, output("S3")]))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("08a-two-outputs-concatenated", ["2", "repeated_drive"]),
        ("08b-array", ["2", "repeated_drive"]),
        ("08d-plain-good", ["1"]),
        ("05b-sas-with-defects", ["not_ata"]),
        ("05c-sata-drive-seen-as-scsi", ["not_ata"]),
        ("05d-standby", ["no_attributes"]),
        ("05e-usb-bridge", ["no_attributes"]),
        ("05f-health-only-ata", ["no_attributes"]),
        ("07a-noserial", ["bad_serial_number"]),
        ("07b-empty-serial", ["bad_serial_number"]),
    ],
)
def test_cases_of_the_field(engine: CsvEngine, name: str, told: list[str]) -> None:
    found = as_json(engine, case(f"{name}.json").read_bytes())
    assert [each["line"] for each in found.rows()] + [each["code"] for each in found.rejected()] == told


def test_what_powershell_writes_is_refused_by_name(engine: CsvEngine) -> None:
    with pytest.raises(TelemetryFileError, match="UTF-16"):
        as_json(engine, case("06a-powershell-utf16le.json").read_bytes())


class Nowhere:
    """A sink that counts."""

    size = 0

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        return len(data)

    def seek(self, offset: int, /) -> int:
        return offset

    def truncate(self) -> int:
        return 0


HOSTILE: dict[str, Callable[[], Iterator[bytes]]] = {
    "empty objects": lambda: (b"{}\n" * 10_000 for _ in range(30)),
    "an array of empty objects": lambda: iter([b"[{}", *[b",{}" * 10_000] * 30, b"]"]),
    "line ends": lambda: iter([b"{}", *[b"\n" * 100_000] * 30]),
    "deep": lambda: iter([b"{}\n", *[b"[" * 100_000] * 200]),
    "a deep array": lambda: iter([b"[" * 100_000] * 200),
    "a long text": lambda: iter([b'[{"a": "', *[b"x" * 100_000] * 200, b'"}]']),
    "commas": lambda: iter([b"[", *[b"," * 100_000] * 100]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_bounded_memory(scorer: Scorer, name: str) -> None:
    def stream() -> Iterator[bytes]:
        return HOSTILE[name]()

    tally = Tally()
    engine = CsvEngine(scorer, 2)

    class Again:
        def __iter__(self) -> Iterator[bytes]:
            return stream()

    size = sum(map(len, stream()))
    tracemalloc.start()
    try:
        with pytest.raises(TelemetryFileError) as caught:
            engine.score(Again(), Source("x.json", "1", size), Nowhere(), Nowhere(), None, tally)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(caught.value.detail) < 1_000
    assert peak < 200 * 2**20
    if name.endswith("empty objects"):
        assert f"{MOST_LISTED:,}" in caught.value.detail


def test_chunks_of_any_size(engine: CsvEngine) -> None:
    data = json.dumps(GOOD, indent=1).encode()
    whole = as_json(engine, data)
    for size in (1, 7, 64, 65):
        assert score(engine, cut(data, [size]), name="day.json")[:3] == whole[:3]
