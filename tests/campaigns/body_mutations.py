"""Bodies of requests, sound and not: drives as JSON text, tensors, and bytes that somebody has mishandled."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from typing import Any

COLUMNS = ("smart_5_raw", "smart_187_raw", "smart_188_raw", "smart_197_raw", "smart_198_raw", "smart_194_raw")

NUMBERS = (
    *("null", "0", "48", "48.0", "1e2", "-0.0", "2.5", "-1", "1e999", "9" * 400, "281474976710655"),
    *("281474976710656", "5e-324", "true", '"7"', "[]", "{}", "1.0000000000000000000001", "1E+2"),
)
TEXTS = (
    *('""', '" "', '"Z300AAAA"', '" Z300AAAA "', '"ST4000DM000"', "null", "7", r'"a\u0000b"', r'"\u0378"'),
    *('"Größe"', r'"\ud83d\ude00"', '"' + "x" * 129 + '"', r'"\"', r'"\ufeffZ"', '"=1+1"'),
)
DATES = (
    *('"2014-01-25"', '"2014-01-18"', '"2013-12-28"', '"2014-02-30"', '"1999-12-31"', '"2100-01-01"'),
    *('"2014-1-5"', '"2014-W04-6"', '"20140125"', "null", "20140125", '"2014-01-25T00:00:00Z"'),
)
OTHER = ("1e999", "{}", '"x"', r'"\ud800"', r'"\udc00"', "[1, 2]", "null", "[[[[]]]]", '{"date": 1}')

JUNK = (
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\x00",
    b"\xff",
    b"null",
    b"1e999",
    b"-",
    b"\xed\xa0\x80",
)

KINDS = (
    *("text/csv", "application/octet-stream", "text/plain", "application/vnd.smartmontools+json", "*/*", ""),
    *("application/json; charset=utf-8", "application/json; charset=x", "multipart/form-data"),
)


def drive(chance: random.Random) -> str:
    """Write a drive, mostly sound, as JSON text; a name may be in it twice."""
    fields = [
        ("date", _mostly('"2014-01-25"', DATES, chance)),
        ("serial_number", _mostly('"Z300AAAA"', TEXTS, chance)),
        ("model", _mostly('"ST4000DM000"', TEXTS, chance)),
        *_raw_values(chance, 6),
    ]
    if chance.random() < 0.4:
        fields.append(("history", _history(chance)))
    if chance.random() < 0.3:
        fields.append(
            (chance.choice(["capacity_bytes", "note", "failure"]), chance.choice([*NUMBERS, *OTHER]))
        )
    if chance.random() < 0.05:
        del fields[chance.randrange(len(fields))]
    if chance.random() < 0.3:
        chance.shuffle(fields)
    return _object(fields)


def _mostly(usual: str, odd: tuple[str, ...], chance: random.Random) -> str:
    return chance.choice(odd) if chance.random() < 0.05 else usual


def _raw_values(chance: random.Random, most: int) -> list[tuple[str, str]]:
    def value() -> str:
        if chance.random() < 0.08:
            return chance.choice(NUMBERS)
        return str(chance.choice([0, chance.randrange(300), chance.randrange(2**48)]))

    return [(chance.choice(COLUMNS), value()) for _ in range(chance.randint(0, most))]


def _history(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(["null", "{}", "[null]", "7", "[]"])
    rows = []
    for _ in range(chance.randint(0, 3)):
        fields = [("date", _mostly(chance.choice(DATES[1:3]), DATES, chance)), *_raw_values(chance, 3)]
        if chance.random() < 0.2:
            fields.append((chance.choice(["serial_number", "model"]), chance.choice(TEXTS)))
        if chance.random() < 0.1:
            fields.append(("note", chance.choice(OTHER)))
        rows.append(_object(fields))
    return f"[{', '.join(rows)}]"


def _object(fields: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in fields) + "}"


def tensor_request(rows: list[list[float | None]], **more: Any) -> dict[str, Any]:
    """Make a request of the Open Inference Protocol."""
    shape = [len(rows), len(rows[0]) if rows else 0]
    return {"inputs": [{"name": "features", "datatype": "FP32", "shape": shape, "data": rows, **more}]}


def feature_rows(chance: random.Random, width: int) -> list[list[float | None]]:
    """Make rows of features that float32 holds exactly."""
    values = [None, 0.0, 0.0, 1.0, 2.5, 48.0, -3.0, 65536.0]
    return [[chance.choice(values) for _ in range(width)] for _ in range(chance.randint(1, 5))]


def mutate(body: bytes, chance: random.Random) -> bytes:
    """Mishandle a body once."""
    index = chance.randrange(len(body) + 1)
    match chance.choice(["cut", "insert", "byte", "twice", "drop", "deep", "long", "mark"]):
        case "cut":
            return body[:index]
        case "insert":
            return body[:index] + chance.choice(JUNK) + body[index:]
        case "byte":
            return body[:index] + chance.randbytes(1) + body[index + 1 :]
        case "twice":
            end = min(len(body), index + chance.randint(1, 80))
            return body[:end] + body[index:]
        case "drop":
            return body[:index] + body[index + chance.randint(1, 20) :]
        case "deep":
            count = chance.choice([10, 31, 32, 33, 2_000])
            return body[:index] + b"[" * count + b"]" * count + body[index:]
        case "long":
            return body[:index] + chance.choice(JUNK) * chance.choice([1_000, 70_000, 300_000]) + body[index:]
        case _:
            return b"\xef\xbb\xbf" + body


def mishandled(body: bytes, chance: random.Random) -> tuple[bytes, dict[str, str]]:
    """Mishandle a body some times, and say in headers what may not be true; return both."""
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        body = mutate(body, chance)
    headers = {"content-type": "application/json" if chance.random() < 0.7 else chance.choice(KINDS)}
    if chance.random() < 0.2:
        encoding = chance.choice(["gzip", "gzip", "GZIP", "deflate", "identity", "br", "gzip, gzip"])
        headers["content-encoding"] = encoding
        if chance.random() < 0.8:
            body = zlib.compress(body) if encoding == "deflate" else gzip.compress(body, mtime=0)
    if chance.random() < 0.1:
        lengths = ["0", "1", str(len(body)), str(len(body) + 1), "-1", "x", "", "9" * 30, str(len(body) // 2)]
        headers["inference-header-content-length"] = chance.choice(lengths)
    return body, headers
