"""A damaged snapshot is an error that names it, and never the end of the process.

Each damage is read by a child process: Arrow follows a wrong offset out of the memory it may read.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from functions.scoring.seal import SEAL_BYTES
from tests.functions.scoring.history.test_snapshots import DAY, days, kept, load, writer
from tests.support.running_app import PROJECT

DRIVES = 300

CHILD = """
import datetime as dt, json, resource, sys
from pathlib import Path
from functions.errors import SnapshotError
from functions.scoring.history.day_cache import DayCache
from functions.scoring.history.folder_store import FolderSnapshotStore
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
folder, day = Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2])
store = FolderSnapshotStore(folder)
path = folder / sys.argv[2] / "day.arrow"
for number, damaged in enumerate(sorted(folder.glob("*.damaged"))):
    path.write_bytes(damaged.read_bytes())
    print(number, flush=True)
    try:
        found = DayCache().day(store, day, store.versions(day), (5, 187))
        print(json.dumps("joined"), flush=True)
    except SnapshotError as error:
        print(json.dumps(error.detail), flush=True)
"""


def damage(content: bytes, chance: random.Random) -> bytes:
    """Flip one bit or eight, or overwrite a stretch by zeros or by anything."""
    data = bytearray(content)
    kind = chance.choice(["bit", "bits", "zeros", "anything"])
    if kind in ("bit", "bits"):
        for _ in range(1 if kind == "bit" else 8):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    else:
        size = chance.choice([8, 64, 512])
        start = chance.randrange(len(data) - size)
        data[start : start + size] = bytes(size) if kind == "zeros" else chance.randbytes(size)
    return bytes(data)


@pytest.mark.parametrize("sealed", [True, False])
def test_whatever_is_damaged(tmp_path: Path, sealed: bool) -> None:
    chance = random.Random(19)
    wrote = writer(tmp_path)
    values = [[float(number % 9), number % 7] for number in range(DRIVES)]
    wrote.add(days(*[DAY.isoformat()] * DRIVES), kept([f"S{number}" for number in range(DRIVES)], values))
    wrote.commit()
    content = load(tmp_path)
    content = content if sealed else content[:-SEAL_BYTES]
    tries = 0
    while tries < 200:
        data = damage(content, chance)
        if data != content:
            (tmp_path / f"{tries:04}.damaged").write_bytes(data)
            tries += 1
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), DAY.isoformat()],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()[1::2]]
    assert done.returncode == 0, f"{done.returncode} at damage {len(answers)}: {done.stderr}"
    assert len(answers) == tries
    errors = [answer for answer in answers if answer != "joined"]
    assert all("2014-01-25/day.arrow is damaged" in error for error in errors)
    if sealed:
        assert len(errors) == tries
    else:
        assert errors
