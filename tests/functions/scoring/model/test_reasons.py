import numpy as np
import pytest

from functions.scoring.model.reasons import Reason, reasons_of_row, sentence

NAN = float("nan")


@pytest.mark.parametrize(
    ("attribute", "value", "earlier", "text"),
    [
        (5, 24, [(7, 8)], "Reallocated sectors rose from 8 to 24 in 7 days"),
        (5, 24, [(7, 24), (28, 8)], "Reallocated sectors rose from 8 to 24 in 28 days"),
        (5, 24, [(7, 24), (28, 24)], "Reallocated sectors at 24, unchanged in 28 days"),
        (5, 24, [(6, 24)], "Reallocated sectors at 24, unchanged in 6 days"),
        (5, 24, [], "Reallocated sectors at 24"),
        (5, 8, [(7, 24)], "Reallocated sectors at 8"),
        (241, 12345678901, [(7, 1000)], "Blocks written rose from 1,000 to 12,345,678,901 in 7 days"),
        (194, 41, [], "Temperature at 41 °C"),
        (194, 41, [(7, 30)], "Temperature rose from 30 to 41 in 7 days"),
        (194, 30, [(7, 41)], "Temperature fell from 41 to 30 in 7 days"),
        (194, 30, [(7, 30)], "Temperature at 30 °C"),
        (241, 1000, [(7, 999)], "Blocks written rose from 999 to 1,000 in 7 days"),
        (187, 8, [(7, 24), (28, 8)], "Uncorrectable errors reported to the host at 8"),
        (187, 0, [(7, 0)], "Uncorrectable errors reported to the host at 0, unchanged in 7 days"),
    ],
)
def test_sentences(attribute: int, value: float, earlier: list[tuple[int, float]], text: str) -> None:
    assert sentence(attribute, value, earlier) == text


def test_the_strongest_three_that_raise_the_risk() -> None:
    contributions = np.array([0.1, 2.0, -3.0, 0.04, 0.5, 0.1])
    attributes = [5, 187, 188, 194, 197, 198]
    now = dict.fromkeys(attributes, 1.0)
    found = reasons_of_row(contributions, attributes, now, [], {})
    assert [reason.attribute for reason in found] == [187, 197, 5]  # of two equal ones the lower number


def test_what_hardly_counts_is_no_reason() -> None:
    assert reasons_of_row(np.array([0.049, -1.0]), [5, 187], {5: 1.0, 187: 2.0}, [], {}) == []


def test_a_reason_in_full() -> None:
    found = reasons_of_row(np.array([1.23456]), [5], {5: 24.0}, [(7, {5: 24.0}), (28, {5: 8.0})], {})
    assert found == [
        Reason(
            attribute=5,
            name="Reallocated Sectors Count",
            value=24.0,
            change=16.0,
            change_days=28,
            contribution=1.2346,
            sentence="Reallocated sectors rose from 8 to 24 in 28 days",
        )
    ]


def test_changes() -> None:
    def change(value: float, *earlier: tuple[int, float]) -> tuple[float | None, int | None, float | None]:
        seen = [(age, {5: before}) for age, before in earlier]
        (reason,) = reasons_of_row(np.array([1.0]), [5], {5: value}, seen, {})
        return reason.value, reason.change_days, reason.change

    assert change(3.0) == (3.0, None, None)
    assert change(3.0, (7, 3.0), (28, 3.0)) == (3.0, 28, 0.0)
    assert change(3.0, (7, NAN), (28, 1.0)) == (3.0, 28, 2.0)


def test_an_attribute_that_is_not_reported_is_no_reason() -> None:
    now = {5: NAN, 187: 1.0, 197: 2.0, 198: 3.0}
    before = [(7, {**now, 5: 3.0})]
    found = reasons_of_row(np.array([4.0, 3.0, 2.0, 1.0]), [5, 187, 197, 198], now, before, {})
    assert [reason.attribute for reason in found] == [187, 197, 198]


def test_a_reason_names_the_attribute_that_was_taken_in_place_of_a_missing_one() -> None:
    now, before = {197: NAN, 198: 24.0}, [(7, {197: NAN, 198: 8.0})]
    (found,) = reasons_of_row(np.array([1.0]), [197], now, before, {197: 198})
    assert (found.attribute, found.value, found.change) == (198, 24.0, 16.0)
    assert found.sentence.startswith("Offline uncorrectable sectors")
    (own,) = reasons_of_row(np.array([1.0]), [197], {**now, 197: 3.0}, before, {197: 198})
    assert (own.attribute, own.value) == (197, 3.0)
