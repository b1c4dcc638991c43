"""Route constraints, with .NET's reading of numbers, dates and the rest."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devhost.http.route_constraints import constraint
from devhost.http.route_template import TemplateError

LONGEST = "79228162514264337593543950335"


@pytest.mark.parametrize(
    ("text", "fits", "fits_not"),
    [
        ("int", ["0", "-5", "+5", " 7 ", "2147483647", "-2147483648"], ["", "2147483648", "1.0", "1e3", "٣"]),
        ("INT", ["3"], ["a"]),
        ("long", ["9223372036854775807"], ["9223372036854775808", "0x1"]),
        ("bool", ["true", "FALSE", " True "], ["1", "yes", ""]),
        ("decimal", ["1", "1.5", "-1,000.25", "1-", ".5", LONGEST], ["1e3", LONGEST + "0", "", ".", "- 1"]),
        ("double", ["1", "-1.5e-3", "1,000", "NaN", "-Infinity", ".5", "5."], ["", "e3", "1e", "1-", "0x1"]),
        ("float", ["1.5", "1e400"], ["one"]),
        (
            "guid",
            [
                "00000000-0000-0000-0000-000000000001",
                "00000000000000000000000000000001",
                "{ABCDEF00-0000-0000-0000-000000000001}",
                "(abcdef00-0000-0000-0000-000000000001)",
                "{0x00000000,0x0000,0x0000,{0x00,0x00,0x00,0x00,0x00,0x00,0x00,0x01}}",
            ],
            ["", "1", "0000000000000000000000000000000g", "00000000-00000000-0000-0000-000000000001"],
        ),
        (
            "datetime",
            [
                "2018-03-01",
                "2018-03-01T10:11:12Z",
                "2018-03-01 10:11:12.345+01:00",
                "12/31/2018",
                "1 March 2018",
                "Mar 1, 2018",
                "2018-03",
                "10:30",
                "7:32pm",
                "2016-12-31 7:32pm",
            ],
            ["", "12", "abc", "2018-13-01", "2018-02-30", "31/12/2018", "25:00", "13:00pm", "2018-03-01T"],
        ),
        ("alpha", ["abc", "ABC"], ["a1", "a-b", "é"]),
        ("required", ["x"], [""]),
        ("minlength(2)", ["ab", "abc"], ["a"]),
        ("maxlength(2)", ["", "ab", "😀"], ["abc", "😀a"]),
        ("length(2)", ["ab"], ["a", "abc"]),
        ("length(1, 2)", ["a", "ab"], ["", "abc"]),
        ("min(3)", ["3", "9223372036854775807"], ["2", "three", "3.5"]),
        ("max(3)", ["3", "-9"], ["4"]),
        ("range(1,10)", ["1", "10", "+5"], ["0", "11", ""]),
        ("regex(^[a-z]+$)", ["abc", "ABC"], ["a1", ""]),
        (r"regex(\d{3})", ["a123b"], ["12"]),
        ("regex(a,b)", ["a,b"], ["ab"]),
        (r"regex(^(?<year>\d+)\z)", ["2018"], ["2018a"]),
        ("file", ["a.txt", ".a", "b/a.txt"], ["a", "a.", "", "a.b/c"]),
        ("nonfile", ["a", "a.", "a.b/c"], ["a.txt"]),
    ],
)
def test_a_constraint(text: str, fits: list[str], fits_not: list[str]) -> None:
    check = constraint(text)
    assert [value for value in fits if not check(value)] == []
    assert [value for value in fits_not if check(value)] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nonesuch", "'nonesuch'"),
        ("int(3)", "'int(3)'"),
        ("alpha()", "'alpha()'"),
        ("length", "'length'"),
        ("range(1)", "'range(1)'"),
        ("min(a)", "'a'"),
        ("length(3,1)", "'length(3,1)'"),
        ("minlength(-1)", "'minlength(-1)'"),
        ("range(3,1)", "'range(3,1)'"),
        ("regex", "regex"),
        ("regex([)", "'['"),
        ("open(", "'open('"),
    ],
)
def test_what_there_is_not(text: str, named: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(named)):
        constraint(text)


@given(st.integers(min_value=-(2**70), max_value=2**70))
def test_numbers_are_taken_by_their_size(number: int) -> None:
    assert constraint("int")(str(number)) == (-(2**31) <= number < 2**31)
    assert constraint("long")(str(number)) == (-(2**63) <= number < 2**63)
    assert constraint("range(-7,70)")(str(number)) == (-7 <= number <= 70)


def test_a_path_full_of_digits_is_a_number_or_none() -> None:
    zeros, nines = "0" * 8000 + "7", "9" * 8000
    for text in ("int", "long", "min(1)", "range(1,9)", "decimal", "double"):
        assert constraint(text)(zeros)
        assert constraint(text)(nines) is (text == "double")
    assert constraint("int")("-" + zeros)


@given(st.text(max_size=8))
def test_no_value_breaks_a_constraint(value: str) -> None:
    for text in ("int", "bool", "datetime", "decimal", "double", "guid", "length(3)", "file", "regex(^a?$)"):
        assert constraint(text)(value) in (True, False)
