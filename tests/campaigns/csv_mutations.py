"""Telemetry CSVs that somebody has mishandled: rows like Backblaze's, with random faults in any place."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

type Mutation = Callable[[bytes, random.Random], bytes]

SMART = (1, 5, 7, 9, 187, 188, 194, 197, 198, 241)

VALUES = (
    *("", "0", "7", "48.0", "1e3", "NaN", "nan", "inf", "-0", "-1", "1e400", "5e-324", "281474976710655"),
    *("281474976710656", "9223372036854775808", "1_000", "0x1F", "12.5", "+5", " 5", "5 ", "\u0665", "true"),
    *("null", "1,5", "9" * 400, "1.000000000000000000001", ".5", "5.", "--", "=1+1", "\x00", "1\x00"),
)
TEXTS = (
    *("", " ", "ST4000DM000", "Größe", "日本", '"', "a,b", "two\nlines", "x" * 129, "\ufeff", "\u0378"),
    *("\U0001f600", "tab\tbed", "null", "=cmd", "-", "\x7f", "\u2028", "'", "\\", "Z\x00"),
)
DATES = (
    *("2014-01-25", "2014-01-24", "2014-02-30", "1999-12-31", "2100-01-01", "2014-1-5", "20140125", ""),
    *("2014-01-25T00:00:00", "25.01.2014", "0000-00-00", " 2014-01-25"),
)
JUNK = (
    *(b"", b",", b'"', b'""', b"oops", b"\x00" * 40, b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\r", b"\x0b"),
    *(b'"open', b'closed"', b"a,b,c", b"," * 30, b"#", b"\x1a", b"\x85", b"\xe2\x80\xa8", b'"a\rb"'),
)


def telemetry(chance: random.Random) -> bytes:
    """Make a sound CSV: columns in any order, some left out, others added, some values quoted."""
    columns = ["date", "serial_number", "model", "capacity_bytes", "failure"]
    for number in SMART:
        columns += [f"smart_{number}_normalized"] * (chance.random() < 0.3)
        columns += [f"smart_{number}_raw"] * (chance.random() < 0.9)
    columns += [f"note_{n}" for n in range(chance.choice([0, 0, 1, 5]))]
    if chance.random() < 0.5:
        chance.shuffle(columns)
    text = io.StringIO()
    if chance.random() < 0.3:
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    drives = chance.choice([1, 3, 20, 60])
    for _ in range(chance.choice([0, 1, 2, 10, 60])):
        writer.writerow([_value(chance, name, drives) for name in columns])
    return text.getvalue().encode()


def _value(chance: random.Random, name: str, drives: int) -> object:
    odd = chance.random() < 0.01
    if name == "date":
        return chance.choice(DATES) if odd else chance.choice(DATES[:2])
    if name in {"serial_number", "model"}:
        return chance.choice(TEXTS) if odd else f"{name[0].upper()}{chance.randrange(drives)}"
    return chance.choice(VALUES) if odd else chance.choice(["", 0, 0, 0, 25, chance.randrange(2**48)])


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Mishandle a file once."""
    ways = [*COMMON, *RARE]
    weights = [4] * len(COMMON) + [1] * len(RARE)
    return chance.choices(ways, weights)[0](data, chance)


def _junk_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(JUNK))
    return b"\n".join(lines)


def _other_value(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    fields = lines[at].split(b",")
    fields[chance.randrange(len(fields))] = chance.choice([*VALUES, *TEXTS, *DATES]).encode()
    lines[at] = b",".join(fields)
    return b"\n".join(lines)


def _line_moved(data: bytes, chance: random.Random) -> bytes:
    """Take a line away, and put it back elsewhere: never, once or twice."""
    lines = data.split(b"\n")
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.randrange(3)):
        lines.insert(chance.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def _line_broken(data: bytes, chance: random.Random) -> bytes:
    """Join a line with the next one, or break it in two."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    if chance.random() < 0.5:
        lines[at : at + 2] = [b"".join(lines[at : at + 2])]
    else:
        index = chance.randrange(len(lines[at]) + 1)
        lines[at : at + 1] = [lines[at][:index], lines[at][index:]]
    return b"\n".join(lines)


def _long_line(data: bytes, chance: random.Random) -> bytes:
    index = chance.randrange(len(data) + 1)
    filler = chance.choice([b"x", b'"', b",", b"\x00", b'""', b"x,"])
    return data[:index] + filler * chance.choice([70_000, 140_000, 1_100_000]) + data[index:]


def _other_header(data: bytes, chance: random.Random) -> bytes:
    header, _, rest = data.partition(b"\n")
    others = [b"", header.upper(), header + b"," + header, b" " + header, header + b",x" * 3_000]
    return chance.choice(others) + b"\n" + rest


def _cut_off(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _inserted(data: bytes, chance: random.Random) -> bytes:
    index = chance.randrange(len(data) + 1)
    return data[:index] + chance.choice(JUNK) + data[index:]


def _changed(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    index = chance.randrange(len(data))
    byte = chance.choice([chance.randbytes(1), b'"', b",", b"\n", b"\r", b"\x00"])
    return data[:index] + byte + data[index + 1 :]


def _windows(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _mixed(data: bytes, chance: random.Random) -> bytes:
    ends = [b"\n", b"\r\n", b"\r", b"\n\r"]
    return b"".join(line + chance.choice(ends) for line in data.split(b"\n"))


def _no_end(data: bytes, _: random.Random) -> bytes:
    return data.rstrip(b"\r\n")


def _many_ends(data: bytes, chance: random.Random) -> bytes:
    return data + b"\n" * chance.choice([1, 2, 500])


def _encoded(data: bytes, chance: random.Random) -> bytes:
    kind = chance.choice(["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
    return data.decode(errors="replace").encode(kind, errors="replace")


COMMON: tuple[Mutation, ...] = (
    *(_junk_line, _other_value, _other_value, _line_moved, _line_broken, _inserted, _changed, _changed),
)
RARE: tuple[Mutation, ...] = (
    *(_long_line, _other_header, _cut_off, _encoded, _windows, _mixed, _no_end, _many_ends),
)


def mishandled(chance: random.Random) -> bytes:
    """Make a CSV with no fault, one, or several."""
    data = telemetry(chance)
    for _ in range(chance.choice([0, 1, 1, 2, 3, 8])):
        data = mutate(data, chance)
    return data
