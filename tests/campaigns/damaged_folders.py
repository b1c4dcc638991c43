"""Damage to files that the app reads again: an error that names them, or the right outputs.

Snapshots of history in a folder, and a model's files. The app's command runs in a process of its own, so that
a crash is seen.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import override

from functions import score
from tests.campaigns.campaign import Campaign
from tests.campaigns.damage import damage
from tests.campaigns.fleet_files import WEEK, earlier_file, fleet_files
from tests.campaigns.sandbox import Sandbox

DAY = dt.date(2014, 1, 25)

MODEL_FILES = ("registry.json", "v2/manifest.json", "v2/model.onnx", "v2/explainer.npz")


def score_offline(arguments: list[str]) -> tuple[int, str]:
    """Run ``python -m functions.score`` in this process; return its exit code and what it said of errors."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = score.main(arguments)
    return code, said.getvalue()


class DamagedFolders(Campaign):
    """One damaged file a try."""

    name = "damaged-folders"

    @override
    def start(self) -> None:
        self.sandbox = self.stack.enter_context(Sandbox({}))
        self._number = 0
        self._prepare()

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        kind = self.in_history if chance.random() < 0.6 else self.in_model
        return Counter({f"{kind.__name__.removeprefix('in_')} {kind(chance)}": 1})

    def in_history(self, chance: random.Random) -> str:
        """Damage a snapshot of history."""
        history = self._copy(self._history)
        target = chance.choice(sorted(history.rglob("*.arrow")))
        self._damage(target, chance)
        return self._score(history, self.models, (target.relative_to(history).as_posix(),))

    def in_model(self, chance: random.Random) -> str:
        """Damage a file of the champion, or the registry."""
        history, models = self._copy(self._history), self._copy(self.models)
        target = models / chance.choice(MODEL_FILES)
        self._damage(target, chance)
        return self._score(history, models, (target.name, "v2", "in the registry"))

    def _copy(self, folder: Path) -> Path:
        self._number += 1
        return shutil.copytree(folder, self.folder / f"{folder.name}-{self._number}")

    def _prepare(self) -> None:
        """Score a file without damage, with two days of history, for the outputs that are right."""
        self._history = self.folder / "history"
        self._inputs = self.folder / "inputs"
        self._inputs.mkdir()
        chance = random.Random(0)
        for name, day in (("month", DAY - 4 * WEEK), ("week", DAY - WEEK)):
            (self._inputs / f"{name}.csv").write_bytes(earlier_file(day.isoformat()).stored)
            code, said = self._score_to(self.folder / name, self._history, self.models, name)
            assert code == 0, said
        file = fleet_files(chance, DAY.isoformat(), whole=0, ranges=1, zipped=0)[0]
        (self._inputs / "day.csv").write_bytes(file.stored)
        history, output = self._copy(self._history), self.folder / "right"
        code, said = self._score_to(output, history, self.models, "day")
        assert code == 0, said
        self._right = read_folder(output)
        assert b'"rows_with_history": 0' not in self._right["day.summary.json"]

    def _score_to(self, output: Path, history: Path, models: Path, name: str) -> tuple[int, str]:
        arguments = [str(self._inputs / f"{name}.csv"), "--output", str(output)]
        arguments += ["--history", str(history), "--models", str(models)]
        return self.sandbox.call(score_offline, arguments)

    def _score(self, history: Path, models: Path, names: tuple[str, ...]) -> str:
        """Score the file; return the outcome: its outputs are right, or the error has one of the names."""
        output = self.folder / f"output-{self._number}"
        try:
            code, said = self._score_to(output, history, models, "day")
            if code == 0:
                assert read_folder(output) == self._right, "other bytes"
                return "right"
            assert any(name in said for name in names), f"none of {names} in {said!r}"
            assert "Traceback" not in said
            return "refused"
        finally:
            for folder in {output, history, models} - {self.models, self._history}:
                shutil.rmtree(folder, ignore_errors=True)

    def _damage(self, path: Path, chance: random.Random) -> None:
        damaged = damage(path.read_bytes(), chance)
        self.evidence[f"damaged/{path.parent.name}/{path.name}"] = damaged
        path.write_bytes(damaged)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read a folder's files."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
