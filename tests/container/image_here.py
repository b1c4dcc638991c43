"""The image's layout on this machine, without Docker: a Python of its own, read-only code, another user.

What the Dockerfile says is carried out as far as it can be: its ``pip install`` with a copy of this Python in
the place of the image's, its copy of the code by .dockerignore, its variables and its user. In the place of
the base image there are Microsoft's worker library and devhost's driver of it, in a folder of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devhost.runtime import PINNED
from tests.container.test_image import ROOT, instructions, left_out, variables

UV = Path(sys.executable).with_name("uv")
WORKER = ("__init__.py", "errors.py", "grpc_messages.py", "indexing_errors.py", "runtime.py")
"""Modules of devhost that drive the library; none of them imports the rest."""

_LEFT_BEHIND = ("__pycache__", "test", "idlelib", "site-packages", "config-*", "*.a")
"""Parts of a Python installation that no program needs, and packages that are not the image's."""


class ImageHere:
    """The image in a folder.

    Parameters
    ----------
    folder : Path
        Readable for everybody.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.python = self._own_python()
        self.code = folder / "home" / "site" / "wwwroot"
        self._worker = folder / "worker"
        self._copy_code()
        self._add_worker()

    def give_away(self) -> None:
        """Make folders and give them to the image's user as the Dockerfile does; this needs root."""
        (line,) = (line for line in instructions("RUN") if "useradd" in line)
        for step in line.split("&&")[2:]:
            words = step.replace("/home", str(self._folder / "home")).replace(
                "drivecast:drivecast", "10001:10001"
            )
            subprocess.run(words.split(), check=True)

    def install(self, command: str) -> None:
        """Carry out a ``python -m pip install`` of a Dockerfile; uv does it, with what it has at hand.

        Folders below /build, of a stage before the last, are those of the app.
        """
        program, _, options = command.partition("install ")
        assert program == "python -m pip ", program
        words = options.replace("--no-cache-dir ", "").replace("/build/", f"{self.code}/").split()
        self._uv("pip", "install", "--quiet", "--python", str(self.python), *words, cwd=self.code)

    def forget_packages(self) -> None:
        """Take out what was installed."""
        for packages in (self._site_packages(), self.code / ".python_packages"):
            shutil.rmtree(packages, ignore_errors=True)
            if packages == self._site_packages():
                packages.mkdir()

    def run(
        self, program: str, *arguments: str, user: int | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the image: its variables and nothing else, in the code's folder.

        Parameters
        ----------
        program : str
            Python code.
        *arguments : str
        user : int, optional
            Whose process it is; this one's otherwise.
        **settings : str
            Variables that a deployment adds.
        """
        environment = {
            **{
                name: value.replace("/home", str(self._folder / "home"))
                for name, value in variables().items()
            },
            "PATH": f"{self.python.parent}:/usr/bin:/bin",
            "LD_LIBRARY_PATH": str(self.python.parents[1] / "lib"),
            "PYTHONPATH": str(self._worker),
            "PYTHONDONTWRITEBYTECODE": "1",
            **settings,
        }
        assert not {"CONTAINER_NAME", "WEBSITE_INSTANCE_ID"} & set(environment)
        return subprocess.run(
            [str(self.python), "-c", program, *arguments],
            cwd=self.code,
            env=environment,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def _own_python(self) -> Path:
        """Copy this Python: it may be in /root, closed to others, and its packages are not the image's."""
        base = Path(sys.base_prefix)
        version = f"python{sysconfig.get_python_version()}"
        ours = self._folder / "python"
        leave = shutil.ignore_patterns(*_LEFT_BEHIND)
        shutil.copytree(base / "lib" / version, ours / "lib" / version, ignore=leave)
        for library in (base / "lib").glob("libpython3*.so*"):
            shutil.copy(library, ours / "lib")
        (ours / "lib" / version / "site-packages").mkdir()
        (ours / "bin").mkdir()
        shutil.copy(base / "bin" / version, ours / "bin" / version)
        (ours / "bin" / "python").symlink_to(version)
        return ours / "bin" / "python"

    def _site_packages(self) -> Path:
        return self.python.parents[1] / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"

    def _copy_code(self) -> None:
        for root in ("function_app.py", "functions", "host.json", "models", "requirements.txt"):
            found = [ROOT / root] if (ROOT / root).is_file() else sorted((ROOT / root).rglob("*"))
            for path in found:
                name = path.relative_to(ROOT)
                if path.is_file() and not left_out(name.as_posix()):
                    (self.code / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, self.code / name)

    def _add_worker(self) -> None:
        (self._worker / "devhost").mkdir(parents=True)
        for name in WORKER:
            shutil.copy(ROOT / "devhost" / name, self._worker / "devhost")
        library = f"azure-functions-runtime=={PINNED}"
        target = ["--target", str(self._worker), "--no-deps"]
        self._uv(
            "pip", "install", "--quiet", "--python", str(self.python), *target, library, cwd=self._folder
        )

    def _uv(self, *words: str, cwd: Path) -> None:
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.python.parents[1] / "lib")}
        environment.pop("VIRTUAL_ENV", None)
        done = subprocess.run(
            [str(UV), *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def pip_line() -> str:
    """Return the Dockerfile's line that installs packages."""
    (line,) = (line for line in instructions("RUN") if "pip install" in line)
    return " ".join(line.split())


@contextmanager
def image_here() -> Iterator[ImageHere]:
    """Make the image in a folder that other users can read, without its packages; take it away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="drivecast-image-"))
    try:
        folder.chmod(0o755)
        yield ImageHere(folder)
    finally:
        shutil.rmtree(folder)


def last_json(done: subprocess.CompletedProcess[str]) -> Any:
    """Return what a program printed last; AssertionError with what it complained of otherwise."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def as_user(words: Sequence[str]) -> int:
    """Return the user's number of a Dockerfile's USER."""
    return int(words[0].partition(":")[0])
