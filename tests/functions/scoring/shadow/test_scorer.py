"""The engine with a challenger: the champion's outputs are the same bytes, whatever the challenger does."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.ensemble import HistGradientBoostingClassifier

from functions.scoring.csv.blocks import line_blocks
from functions.scoring.engine.block import optional_attributes
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.features import FeaturePlan
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Observations, Scorer, Scores
from functions.scoring.report.summary import summary_json
from functions.scoring.report.tally import Source, Tally
from tests.functions.scoring.engine.test_merge import same
from tests.functions.scoring.engine.test_whole_file import FILES, long_table
from tests.real_data import WHOLE_DAY_2014, needs_real_data
from tests.support.drives import HEADER, WORN, Scored, row, score, table
from tests.support.in_ranges import score_in_ranges
from tests.support.running_app import PROJECT
from tests.support.small_model import EVIDENCE, FEATURES, build_version, training_rows
from tests.support.snapshots import forget_models
from training.log_odds_model import LogOddsModel

NARROW = [
    number for number, feature in enumerate(FEATURES) if feature.attribute != 194 and not feature.window
]
"""Columns of a model that reads no temperature and no history."""
COUNTERS = [number for number, feature in enumerate(FEATURES) if feature.attribute != 194]
"""The same with history."""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, small_models: Path) -> dict[str, Scorer]:
    """The small v1 (linear) and v2 (trees); narrower: v3 on the counters of the day, v4 with history."""
    folder = tmp_path_factory.mktemp("narrow") / "models"
    features, failed = training_rows()
    for version, columns in (("v3", NARROW), ("v4", COUNTERS)):
        seen = features[:, columns]
        trees = HistGradientBoostingClassifier(
            max_iter=15, max_leaf_nodes=8, early_stopping=False, random_state=3
        ).fit(seen, failed)
        build_version(folder, version, LogOddsModel([trees]), seen, [FEATURES[number] for number in columns])
    return {
        "v1": Scorer(Model.load(small_models, "v1")),
        "v2": Scorer(Model.load(small_models, "v2")),
        "v3": Scorer(Model.load(folder, "v3")),
        "v4": Scorer(Model.load(folder, "v4")),
    }


def reported(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a summary without its challenger."""
    return {key: value for key, value in summary.items() if key != "challenger"}


def fleet(rows: int = 300, date: str = "2014-01-25") -> bytes:
    """Make drives whose counters change from day to day."""
    days = int((np.datetime64(date) - np.datetime64("2013-12-28")).astype(int))
    return table(
        row(
            f"Z{number:04d}",
            date,
            smart_5_raw=number % 50 + days,
            smart_187_raw=number % 7 * (number % 3) + days * (number % 2),
            smart_197_raw=(40 - days) * (number % 5 == 0),
            smart_194_raw=20 + number % 13,
        )
        for number in range(rows)
    )


@pytest.mark.parametrize(("champion", "challenger"), [("v2", "v1"), ("v1", "v2"), ("v2", "v3"), ("v3", "v2")])
def test_the_champions_outputs_are_the_same_bytes(
    models: dict[str, Scorer], champion: str, challenger: str, tmp_path: Path
) -> None:
    def run(folder: Path, shadow: Scorer | None) -> tuple[list[Scored], dict[str, bytes]]:
        engine = CsvEngine(models[champion], challenger=shadow)
        store = FolderSnapshotStore(folder)
        days = [
            score(engine, fleet(date=date), name=f"{date}.csv", store=store)
            for date in ("2013-12-28", "2014-01-18", "2014-01-25")
        ]
        return days, {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.arrow")}

    alone, snapshots = run(tmp_path / "alone", None)
    both, same_snapshots = run(tmp_path / "both", models[challenger])
    assert len(snapshots) == 3
    assert same_snapshots == snapshots
    for one, other in zip(alone, both, strict=True):
        assert "challenger" not in one.summary
        assert (other.scored, other.rejects) == (one.scored, one.rejects)
        assert summary_json(reported(other.summary)) == summary_json(one.summary)
        shadow = other.summary["challenger"]
        assert (shadow["version"], shadow["status"], shadow["rows"]) == (challenger, "compared", 300)
        for level in shadow["risk"]:
            assert sum(shadow["risk"][level].values()) == one.summary["risk"][level]


@pytest.mark.parametrize(
    ("champion", "challenger"),
    [("v2", "v1"), ("v2", "v3"), ("v2", "v4"), ("v3", "v2"), ("v3", "v4"), ("v4", "v1"), ("v4", "v3")],
)
def test_the_challenger_says_what_it_would_say_alone(
    models: dict[str, Scorer], champion: str, challenger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scores are those of a run in which it is the champion: own attributes, own history."""
    store = FolderSnapshotStore(tmp_path)
    for date in ("2013-12-28", "2014-01-18"):
        score(CsvEngine(models["v2"]), fleet(date=date), name=date, store=store)
    found: list[Scores] = []
    real = Scorer.score

    def keep(scorer: Scorer, seen: Observations) -> Scores:
        scores = real(scorer, seen)
        if scorer is models[challenger]:
            found.append(scores)
        return scores

    monkeypatch.setattr(Scorer, "score", keep)
    alone = score(CsvEngine(models[challenger]), fleet(), store=store)
    both = score(CsvEngine(models[champion], challenger=models[challenger]), fleet(), store=store)
    np.testing.assert_array_equal(found[1].features, found[0].features)
    np.testing.assert_array_equal(found[1].log_odds, found[0].log_odds)
    assert len(np.unique(found[0].features, axis=0)) > 100
    by_challenger = dict.fromkeys(alone.summary["risk"], 0)
    for counts in both.summary["challenger"]["risk"].values():
        for level, count in counts.items():
            by_challenger[level] += count
    assert by_challenger == alone.summary["risk"]


def test_a_model_agrees_with_itself(models: dict[str, Scorer]) -> None:
    shadow = score(CsvEngine(models["v2"], challenger=models["v2"]), long_table(300)).summary["challenger"]
    assert (shadow["agreement"], shadow["kappa"], shadow["rank_correlation"]) == (1.0, 1.0, 1.0)
    assert shadow["drives"] == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=FILES,
    indices=st.lists(
        st.tuples(
            st.integers(0, 12),
            st.sampled_from(["x", "-nan", "5.5", "-1", "inf", "1e300", "9" * 20, '"', " 7"]),
        ),
        max_size=3,
    ),
)
def test_no_line_is_rejected_for_what_the_challenger_reads(
    models: dict[str, Scorer], monkeypatch: pytest.MonkeyPatch, data: bytes, indices: list[tuple[int, str]]
) -> None:
    monkeypatch.setattr(line_blocks, "__defaults__", (400,))
    lines = data.split(b"\n")
    column = HEADER.split(",").index("smart_194_raw")
    for number, value in indices:
        cells = lines[number].split(b",") if 0 < number < len(lines) else []
        if len(cells) > column:
            cells[column] = value.encode()
            lines[number] = b",".join(cells)
    data = b"\n".join(lines)
    assert {*optional_attributes(models["v3"], models["v2"])} - {
        *optional_attributes(models["v3"], None)
    } == {194}
    runs = []
    for challenger in (None, models["v2"]):
        scored, rejects, tally = io.BytesIO(), io.BytesIO(), Tally()
        try:
            engine = CsvEngine(models["v3"], 1, 1.0, challenger)
            summary = engine.score([data], Source("a", "1", 1), scored, rejects, None, tally)
        except Exception as error:  # noqa: BLE001 - whatever it is, it has to be the same
            runs.append((repr(error), b"", b""))
            continue
        runs.append((str(reported(summary)), scored.getvalue(), rejects.getvalue()))
        if challenger is not None:
            assert summary["challenger"]["rows"] == tally.accepted
    assert runs[0] == runs[1]


@pytest.fixture
def asked(models: dict[str, Scorer], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[float]]:
    """Tell which temperatures a model was asked about."""
    seen: dict[str, list[float]] = {}
    real = Scorer.score

    def spy(scorer: Scorer, given: Observations) -> Scores:
        if 194 in scorer.attributes:
            seen.setdefault(scorer.model.version, []).extend(given.now[:, scorer.attributes.index(194)])
        return real(scorer, given)

    monkeypatch.setattr(Scorer, "score", spy)
    return lambda version: seen.get(version, [])


@pytest.mark.parametrize("odd", ["x", "-nan", "5.5", "-1", "inf", str(2**64), ""])
def test_a_faulty_value_is_a_missing_one_to_the_challenger(
    models: dict[str, Scorer], asked: Callable[[str], list[float]], odd: str
) -> None:
    rows = [row("A", smart_194_raw=31), row("B", smart_194_raw=odd), row("C", smart_194_raw=33)]
    run = score(CsvEngine(models["v3"], challenger=models["v2"]), table(rows))
    assert run.summary["lines"] == {"data": 3, "accepted": 3, "rejected": 0}
    assert run.summary["challenger"]["rows"] == 3
    np.testing.assert_array_equal(asked("v2"), [31, np.nan, 33])


def test_a_missing_value_of_the_challengers_hides_no_fault(models: dict[str, Scorer]) -> None:
    """The parser takes -nan for a number; it is found out by counting what is missing."""
    lines = table([row("A", smart_5_raw="-nan", smart_194_raw=""), row("B")])
    for challenger in (None, models["v2"]):
        run = score(CsvEngine(models["v3"], challenger=challenger), lines)
        assert [(line["line"], line["code"]) for line in run.rejected()] == [("2", "bad_value")]


def test_a_column_that_is_there_twice_or_not_at_all(
    models: dict[str, Scorer], asked: Callable[[str], list[float]]
) -> None:
    engine = CsvEngine(models["v3"], challenger=models["v2"])
    for name in (b"smart_194_normalized", b"smart_5_normalized"):
        run = score(engine, fleet(2).replace(b"smart_194_raw", name))
        assert run.summary["challenger"]["status"] == "compared"
    twice = b"\n".join(
        line + (b",smart_194_raw" if number == 0 else b",30")
        for number, line in enumerate(fleet(2).splitlines())
    )
    assert score(engine, twice).summary["challenger"]["rows"] == 2
    np.testing.assert_array_equal(asked("v2"), np.full(6, np.nan))


def broken(small_models: Path) -> Scorer:
    """Make a challenger whose plan does not fit its graph; ONNX Runtime refuses what it is given."""
    model = Model.load(small_models, "v2")
    model.plan = FeaturePlan(FEATURES[:-1])
    return Scorer(model)


@pytest.mark.parametrize("threads", [1, 4])
def test_a_challenger_that_fails(
    models: dict[str, Scorer],
    small_models: Path,
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(line_blocks, "__defaults__", (1000,))
    alone = score(CsvEngine(models["v1"]), fleet())
    both = score(CsvEngine(models["v1"], threads, challenger=broken(small_models)), fleet())
    assert (both.scored, both.rejects) == (alone.scored, alone.rejects)
    assert reported(both.summary) == alone.summary
    assert both.summary["challenger"] == {
        "version": "v2",
        "status": "failed",
        "reason": "InvalidArgument",
    }
    assert re.search(r"\bv2\b.*\bline 2\b.*: InvalidArgument: ", caplog.text)
    # The blocks under way when the first one fails may fail too; those after it are not tried.
    assert len(caplog.records) <= 2 * threads + 1


def test_a_challenger_that_fails_half_way(models: dict[str, Scorer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_blocks, "__defaults__", (1000,))
    real = Scorer.score

    def fail_later(scorer: Scorer, seen: Observations) -> Scores:
        found = real(scorer, seen)
        if scorer is models["v2"] and 32 in seen.now[:, scorer.attributes.index(194)]:
            found.log_odds[0] = np.nan
        return found

    monkeypatch.setattr(Scorer, "score", fail_later)
    lines = [row(f"Z{number}", smart_194_raw=32 if number == 100 else 25) for number in range(200)]
    run = score(CsvEngine(models["v3"], 2, challenger=models["v2"]), table(lines))
    assert run.summary["challenger"] == {
        "version": "v2",
        "status": "failed",
        "reason": "FloatingPointError",
    }
    assert run.summary["lines"]["accepted"] == 200


def test_a_damaged_snapshot_that_only_the_challenger_reads(models: dict[str, Scorer], tmp_path: Path) -> None:
    damaged = tmp_path / "2014-01-18" / "day.arrow"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"junk")
    engine = CsvEngine(models["v3"], challenger=models["v2"])
    run = score(engine, fleet(), store=FolderSnapshotStore(tmp_path))
    assert run.summary["status"] == "scored"
    assert run.summary["challenger"] == {"version": "v2", "status": "failed", "reason": "SnapshotError"}


@pytest.mark.parametrize("champion", ["v2", "v3"])
def test_history_of_a_shared_serial_number_is_no_history_for_the_challenger(
    models: dict[str, Scorer], champion: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the champion's history serves it, or the champion joins none; in one piece and in ranges."""
    store = FolderSnapshotStore(tmp_path)
    earlier = [row("A", "2014-01-18", smart_5_raw=7), row("B", "2014-01-18", smart_5_raw=7)]
    score(CsvEngine(models["v2"]), table(earlier), name="earlier.csv", store=store)
    forget_models(tmp_path)
    ages: list[list[int]] = []
    answer = Scorer.score

    def spy(scorer: Scorer, given: Observations) -> Scores:
        if scorer is models["v4"] and len(given.now):
            ages.append(given.ages[7].tolist())
        return answer(scorer, given)

    monkeypatch.setattr(Scorer, "score", spy)
    lines = table([row("A", **WORN), row("B"), row("A", model="WDC WD60EFRX")])
    found = score(CsvEngine(models[champion], challenger=models["v4"]), lines, store=store)
    assert ages == [[7, 7, 7], [0, 7, 0]]
    assert found.summary["challenger"]["rows"] == 3
    in_ranges = score_in_ranges(models[champion], lines, 150, store=store, challenger=models["v4"])
    same(in_ranges, found)


def test_rows_of_repeated_drives_count_once(models: dict[str, Scorer]) -> None:
    data = table([row("A", **WORN), row("B"), row("A"), row("A", **WORN), row("C")])
    run = score(CsvEngine(models["v2"], challenger=models["v1"]), data)
    assert run.summary["lines"] == {"data": 5, "accepted": 3, "rejected": 2}
    assert run.summary["challenger"]["rows"] == 3


def test_no_rows(models: dict[str, Scorer]) -> None:
    shadow = score(CsvEngine(models["v2"], challenger=models["v1"]), HEADER.encode()).summary["challenger"]
    assert (shadow["version"], shadow["rows"], shadow["agreement"]) == ("v1", 0, None)


@needs_real_data
def test_the_rank_correlation_of_a_real_day(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (Scorer(Model.load(PROJECT / "models", version)) for version in ("v2", "v1"))
    found: dict[str, list[np.ndarray[Any, Any]]] = {}
    real = Scorer.score

    def keep(scorer: Scorer, seen: Observations) -> Scores:
        scores = real(scorer, seen)
        found.setdefault(scorer.model.version, []).append(scores.log_odds)
        return scores

    monkeypatch.setattr(Scorer, "score", keep)

    def chunks() -> Iterator[bytes]:
        yield WHOLE_DAY_2014.read_bytes()

    run = score(CsvEngine(one, 1, challenger=other), chunks())
    exact = spearmanr(np.concatenate(found["v2"]), np.concatenate(found["v1"])).statistic
    shadow = run.summary["challenger"]
    assert run.summary["risk"]["unknown"] == 0 == shadow["risk"]["low"]["unknown"]
    assert shadow["rank_correlation"] == pytest.approx(exact, abs=0.005)
    assert shadow["agreement"] > 0.99


def test_the_narrow_model_is_narrow(models: dict[str, Scorer]) -> None:
    assert models["v3"].attributes == tuple(EVIDENCE)
    assert models["v3"].model.plan.windows == ()
