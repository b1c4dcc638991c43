"""Damage to bytes: what disks, copies that were broken off, and memory without parity do to them."""

from __future__ import annotations

import random


def flip(data: bytes, chance: random.Random) -> bytes:
    """Flip one to three bits."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def cut(data: bytes, chance: random.Random) -> bytes:
    """Leave the beginning alone, or nothing."""
    return data[: chance.choice([0, chance.randrange(len(data))])]


def stretch(data: bytes, chance: random.Random) -> bytes:
    """Overwrite a stretch with zeros or with noise."""
    start = chance.randrange(len(data))
    length = min(len(data) - start, chance.choice([8, 64, 512, 4096, len(data)]))
    filler = bytes(length) if chance.random() < 0.7 else chance.randbytes(length)
    return data[:start] + filler + data[start + length :]


def add(data: bytes, chance: random.Random) -> bytes:
    """Add bytes at the end: others, or the same once more."""
    return data + (data if chance.random() < 0.3 else chance.randbytes(chance.randint(1, 64)))


def damage(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with some damage; not equal to what they were."""
    while True:
        damaged = chance.choice([flip, flip, cut, stretch, stretch, add])(data, chance)
        if damaged != data:
            return damaged
