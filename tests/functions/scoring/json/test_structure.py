"""Brackets and commas outside of texts, however the bytes are cut."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.json.structure import Structure

TEXTS = st.text('"\\[]{},x', max_size=5)
VALUES = st.recursive(
    st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


def looked_at(data: bytes, size: int) -> list[tuple[int, int, int]]:
    structure, found = Structure(), []
    for start in range(0, len(data), size):
        indices = structure.look(data[start : start + size])
        found += [
            (start + at, code, depth)
            for at, code, depth in zip(
                indices.at.tolist(), indices.codes.tolist(), indices.depths.tolist(), strict=True
            )
        ]
    assert structure.depth == (found[-1][2] if found else 0)
    return found


def by_hand(data: bytes) -> list[tuple[int, int, int]]:
    found, depth, in_text, escaped = [], 0, False, False
    for at, code in enumerate(data):
        if escaped:
            escaped = False
        elif in_text:
            in_text, escaped = code != ord('"'), code == ord("\\")
        elif code == ord('"'):
            in_text = True
        elif code in b"[]{},":
            depth += (code in b"[{") - (code in b"]}")
            found.append((at, code, depth))
    return found


@given(VALUES, st.integers(1, 9))
def test_places_are_those_that_reading_by_hand_finds(value: Any, size: int) -> None:
    data = json.dumps(value).encode()
    assert looked_at(data, size) == by_hand(data)
