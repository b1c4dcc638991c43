"""Records of several lines are found, the same ones wherever the file is cut."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.scoring.csv import byte_ranges, multiline
from functions.scoring.csv.blocks import Block, Record, line_blocks, line_count
from functions.scoring.csv.byte_ranges import around, byte_range, owned_lines, range_count
from functions.scoring.csv.quoted_breaks import Around, with_records
from functions.scoring.csv.quotes import LineEnd, read_line

WIDTH = 3
RECORD_BYTES = 40
RECORD_LIMIT = multiline.RECORD_BYTES
LINES = st.one_of(
    st.text('",ab', max_size=8),
    st.sampled_from(["a,b,c", 'a,"b', 'a,b,"', 'b",c', '"', '",b,c', 'a","b', 'b","c', "", 'a,"b"', '""']),
)


@pytest.fixture
def short_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of 40 bytes at most, so that some are longer."""
    for module in (multiline, byte_ranges):
        monkeypatch.setattr(module, "RECORD_BYTES", RECORD_BYTES)


def file_of(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def by_csv(lines: list[str]) -> dict[int, Record]:
    """Return the record of every line that belongs to one, by Python's own strict reader; lines from 2 on."""
    found: dict[int, Record] = {}
    for first in range(len(lines)):
        for last in range(first, len(lines)):
            part = [f"{line}\n" for line in lines[first : last + 1]]
            try:
                rows = list(csv.reader(part, strict=True))
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    continue
                break
            is_record = last > first and len(rows) == 1 and len(rows[0]) == WIDTH
            if is_record and len("".join(part)) <= RECORD_BYTES:
                for line in range(first, last + 1):
                    found.setdefault(line + 2, Record(first + 2, last + 2))
            break
    return found


def marked(blocks: Iterator[Block]) -> tuple[bytes, dict[int, Record]]:
    """Return the lines of blocks, and the record of every line that belongs to one."""
    data = b""
    found: dict[int, Record] = {}
    for block in blocks:
        data += block.data
        for line in range(block.first_line, block.first_line + line_count(block.data)):
            for record in block.records:
                if record.first <= line <= record.last:
                    found.setdefault(line, record)
    return data, found


def blocks_of(data: bytes, block_bytes: int, first_line: int = 2) -> Iterator[Block]:
    for block in line_blocks([data], block_bytes):
        yield Block(block.first_line + first_line - 1, block.data, block.too_long)


@pytest.mark.usefixtures("short_records")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(st.lists(LINES, max_size=12), st.integers(12, 60))
@example(['a,"b', 'b",c', "a,b,c"], 12)
@example(['a,"b', "a,b,c", 'b",c'], 12)
@example(['a,b,"', "a,b,c", '"', '",b,c'], 60)
@example(['a,"b', 'b","c', 'c"'], 12)
def test_records_are_those_of_a_strict_reader(lines: list[str], block_bytes: int) -> None:
    data = file_of(lines)
    blocks = list(blocks_of(data, block_bytes))
    given_back = list(with_records(iter(blocks), WIDTH))
    assert [(block.first_line, block.data) for block in given_back] == [
        (block.first_line, block.data) for block in blocks
    ]
    assert marked(iter(given_back)) == (data, by_csv(lines))


@pytest.mark.usefixtures("short_records")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(st.lists(LINES, max_size=12), st.integers(1, 70), st.integers(12, 60))
@example(['a,"b', "b", "b", "b", 'b",c', "a,b,c"], 3, 60)
@example(['a,"b', "x" * 29, 'b",c'], 8, 60)
@example(['a,"b', "x" * 30, 'b",c'], 8, 60)
def test_ranges_make_no_difference(lines: list[str], range_bytes: int, block_bytes: int) -> None:
    data = b"h,e,d\n" + file_of(lines)

    def read(start: int, end: int) -> Iterator[bytes]:
        yield data[start:end]

    before = 1
    whole = b""
    found: dict[int, Record] = {}
    for index in range(range_count(len(data), range_bytes)):
        part = byte_range(index, len(data), range_bytes)
        own = b"".join(owned_lines(read, part, len(data)))
        count = line_count(own)
        if not index:
            own = own.split(b"\n", 1)[1]
        blocks = blocks_of(own, block_bytes, max(2, before))
        of_range = marked(with_records(blocks, WIDTH, around(read, part, len(data))))
        assert of_range[0] == own
        whole += own
        found |= of_range[1]
        before += count
    assert whole == file_of(lines)
    assert found == by_csv(lines)


def test_what_is_around_is_read_only_where_a_quote_may_reach_across() -> None:
    asked: list[str] = []

    def context(side: str, data: bytes) -> list[bytes]:
        asked.append(side)
        return [data]

    def ask(data: bytes) -> tuple[list[str], dict[int, Record]]:
        asked.clear()
        beside = Around(
            lambda: context("before", b'a,b,c\na,"b\n'), lambda: context("behind", b'b",c\na,b,c\n')
        )
        found = marked(with_records(iter([Block(10, data)]), WIDTH, beside))[1]
        return asked, found

    long = b"a,b,c\n" * (RECORD_LIMIT // 6 + 1)
    assert ask(long) == ([], {})
    assert ask(b'"a","b","c"\n') == ([], {})
    assert ask(b'a","b","c"\n' + long) == (["before"], {})
    assert ask(b'b",c\n') == (["before"], {10: Record(9, 10)})
    assert ask(long + b'a,"b\n')[0] == ["behind"]
    assert ask(b'b"x\na,"b\n') == (["behind"], {11: Record(11, 12)})
    assert ask(b"b\n") == (["behind", "before"], {10: Record(9, 11)})


def test_the_first_range_suspects_nothing_before_it() -> None:
    (block,) = with_records(iter([Block(2, b"a,b,c\n")]), WIDTH, Around(None, pytest.fail))
    assert not block.records


@pytest.mark.parametrize(("more", "found"), [(0, True), (1, False)])
@pytest.mark.parametrize("range_bytes", [RECORD_LIMIT // 3, RECORD_LIMIT, RECORD_LIMIT + 12])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_longest_record(range_bytes: int, more: int, found: bool, end: bytes) -> None:
    """In lines with a row before and, at times, no line feed at the end, which counts as one."""
    middle = b"x" * (RECORD_LIMIT // 2 - 10) + b"\n"
    record = b'a,"b\n' + middle + b"x" * (RECORD_LIMIT - len(middle) - 5 - 5 + more) + b'b",c' + end
    data = b"h,e,d\na,b,c\n" + record
    assert len(record.removesuffix(b"\n")) + 1 == RECORD_LIMIT + more

    def read(start: int, stop: int) -> Iterator[bytes]:
        yield data[start:stop]

    records: dict[int, Record] = {}
    for index in range(range_count(len(data), range_bytes)):
        part = byte_range(index, len(data), range_bytes)
        own = b"".join(owned_lines(read, part, len(data)))
        own = own if index else own.split(b"\n", 1)[1]
        blocks = blocks_of(own, RECORD_LIMIT, data.count(b"\n", 0, data.index(own)) + 1 if own else 0)
        records |= marked(with_records(blocks, WIDTH, around(read, part, len(data))))[1]
    assert records == (dict.fromkeys([3, 4, 5], Record(3, 5)) if found else {})


def test_a_quote_that_closes_before_a_carriage_return() -> None:
    blocks = [Block(2, b'a,b,"\r\n"\r\na,b,c\r\n')]
    assert marked(with_records(iter(blocks), WIDTH))[1] == dict.fromkeys([2, 3], Record(2, 3))


def test_a_line_longer_than_a_block_ends_every_record() -> None:
    blocks = [Block(2, b'a,"b\n'), Block(3, b"x\n", too_long=True), Block(4, b'b",c\n')]
    assert marked(with_records(iter(blocks), WIDTH))[1] == {}


@pytest.mark.parametrize("strays", [1, 100])
def test_no_more_is_held_than_a_record_may_have(strays: int) -> None:
    read = 0

    def blocks() -> Iterator[Block]:
        nonlocal read
        for number in range(100):
            read += 1
            yield Block(2 + number * 10_000, b'a,"b\n' * (number < strays) + b"a,b,c\n" * 9_999)

    for number, block in enumerate(with_records(blocks(), WIDTH)):
        assert not block.records
        assert (read - number) * 60_000 < RECORD_LIMIT + 2 * 60_000


def test_a_block_has_no_records_of_earlier_ones() -> None:
    blocks = [
        Block(2, b'a,"b\nb",c\n'),
        Block(4, b'a,b,c\na,"b\n'),
        Block(6, b'b",c\n'),
        Block(7, b"a,b,c\n"),
    ]
    found = [block.records for block in with_records(iter(blocks), WIDTH)]
    assert found == [(Record(2, 3),), (Record(5, 6),), (Record(5, 6),), ()]


def test_lines_between_strays_are_not_read_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def spy(line: bytes, *, in_quotes: bool) -> tuple[LineEnd, int]:
        read.append((line, in_quotes))
        return read_line(line, in_quotes=in_quotes)

    monkeypatch.setattr(multiline, "read_line", spy)
    good = b'"a","b","c"\n' * 500
    data = good + b'a,b,"c\n' + good + b'a,"b\nb",c\n' + good
    (block,) = with_records(iter([Block(2, data)]), WIDTH)
    assert block.records == (Record(1003, 1004),)
    assert read == [
        (b'a,b,"c', False),
        (b'"a","b","c"', True),
        (b'a,"b', False),
        (b'b",c', True),
        (b'b",c', False),
    ]


def test_many_open_quotes_take_no_longer_than_as_many_lines() -> None:
    data = b'a","b\n' * 150_000
    (block,) = with_records(iter([Block(2, data)]), width=100_000)
    assert len(block.records) == 0
    (block,) = with_records(iter([Block(2, data + b'a"\n')]), width=100_000)
    assert block.records == (Record(50_003, 150_002),)
