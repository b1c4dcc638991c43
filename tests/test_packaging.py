"""What is deployed is exactly what is pinned, and what is pinned is exactly what is needed."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TRAINING_ONLY = {
    "pandas",
    "scikit-learn",
    "polars",
    "matplotlib",
    "shap",
    "joblib",
    "scipy",
    "skl2onnx",
    "onnx",
    "mlflow-skinny",
}
SETS = ["requirements", "requirements-dev", "requirements-tracking"]
HASHED = [*SETS, "requirements-mlflow", "requirements-azureml", "training/azureml/image/requirements"]


def requirements(name: str) -> list[Requirement]:
    """Return the requirements of a file, comments, options and blank lines left out."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    texts = [line.split("#")[0].rstrip("\\ ").strip() for line in lines]
    return [Requirement(text) for text in texts if text and not text.startswith("-")]


def pins(name: str) -> dict[str, str]:
    """Return name and version of what a requirements file installs on this platform."""
    return {
        canonicalize_name(each.name): next(iter(each.specifier)).version
        for each in requirements(name)
        if each.marker is None or each.marker.evaluate()
    }


def direct(name: str) -> list[Requirement]:
    """Return the direct requirements of a set, those it includes counted in."""
    own = requirements(f"{name}.in")
    return own + requirements("requirements.in") if name == "requirements-dev" else own


@cache
def closure(*roots: str) -> frozenset[str]:
    """Return all distributions that the given ones' installed metadata asks for, themselves included."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for text in importlib.metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.extend([canonicalize_name(needed.name), *extras(needed)])
    return frozenset(found)


def extras(needed: Requirement) -> Iterable[str]:
    """Return what a requirement's extras ask for."""
    for extra in needed.extras:
        for text in importlib.metadata.requires(needed.name) or []:
            each = Requirement(text)
            if each.marker is not None and each.marker.evaluate({"extra": extra}):
                yield canonicalize_name(each.name)


@pytest.mark.parametrize("name", SETS)
def test_every_line_is_an_exact_pin(name: str) -> None:
    for each in requirements(f"{name}.txt"):
        assert re.fullmatch(r"==[0-9][\w.]*", str(each.specifier)), each
        assert each.url is None
    text = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"^--?\w|://|file:|\.\./|^/", text, flags=re.MULTILINE), "an option, URL or path"


@pytest.mark.parametrize("name", HASHED)
def test_every_pin_has_the_digests_of_its_files(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
    found = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==.*?(?=^\S|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert len(found) == len(requirements(f"{name}.txt")) > 10
    for each in found:
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", each, re.MULTILINE), each.splitlines()[0]


@pytest.mark.parametrize(
    "name", ["Dockerfile", "training/azureml/image/Dockerfile", "tools/install_python.sh", "Makefile"]
)
def test_digests_are_asked_for(name: str) -> None:
    """Whoever installs by a requirements file says so, or what has no digest would be installed as well."""
    lines = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    installing = [
        line for line in lines if re.search(r"pip (install|sync|compile)\b.*(requirement|\.in)", line)
    ]
    assert installing
    for line in installing:
        assert re.search(r"--(require|generate)-hashes", line), line


@pytest.mark.parametrize("name", SETS)
def test_pins_are_exactly_what_the_direct_requirements_need(name: str) -> None:
    roots = [canonicalize_name(each.name) for each in direct(name)]
    assert set(pins(f"{name}.txt")) == closure(*roots)


@pytest.mark.parametrize("name", SETS)
def test_direct_requirements_are_pinned_as_they_say(name: str) -> None:
    pinned = pins(f"{name}.txt")
    for each in direct(name):
        assert each.specifier.contains(pinned[canonicalize_name(each.name)]), each


def test_the_environment_is_the_pinned_one() -> None:
    pinned = pins("requirements-dev.txt") | pins("requirements-tracking.txt")
    assert {name: importlib.metadata.version(name) for name in pinned} == pinned


def test_development_has_the_deployed_versions() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_tracking_shares_the_versions_of_development() -> None:
    development, tracking = pins("requirements-dev.txt"), pins("requirements-tracking.txt")
    shared = development.keys() & tracking.keys()
    assert {name: tracking[name] for name in shared} == {name: development[name] for name in shared}


@pytest.mark.parametrize("name", sorted(TRAINING_ONLY))
def test_training_libraries_are_not_deployed(name: str) -> None:
    assert name not in pins("requirements.txt")
    assert name not in closure(*(canonicalize_name(each.name) for each in direct("requirements")))


def beside(path: Path) -> set[str]:
    """Name what is in the folder of an app that the tests run: it is on the app's path."""
    return {each.stem for each in path.parent.glob("*.py")} if "apps" in path.parts else set()


def test_the_code_imports_only_what_is_required_directly() -> None:
    providers = importlib.metadata.packages_distributions()
    asked_for = [*direct("requirements-dev"), *direct("requirements-tracking")]
    required = {canonicalize_name(each.name) for each in asked_for}
    folders = [
        "functions",
        "collector",
        "devhost",
        "training",
        "ops",
        "tests",
        "benchmarks",
        "tools",
        "examples",
    ]
    own = {*folders, "function_app"}
    # What the app is measured against runs in an environment of its own, see benchmarks/peers.py.
    peers = {"fastapi", "pydantic", "mlflow"}
    strays = {
        f"{path.relative_to(ROOT)}: {top}"
        for folder in folders
        for path in ROOT.glob(f"{folder}/**/*.py")
        for top in imported(path) - sys.stdlib_module_names - own - beside(path)
        if not (path.name.startswith("peer_") and top in peers)
        if not required & {canonicalize_name(each) for each in providers.get(top, [])}
    }
    assert not strays


def test_the_app_imports_only_what_is_deployed() -> None:
    providers = importlib.metadata.packages_distributions()
    deployed = set(pins("requirements.txt"))
    sources = [path for path in [ROOT / "function_app.py", *ROOT.glob("functions/**/*.py")] if path.exists()]
    assert sources
    strays = {
        f"{path.relative_to(ROOT)}: {top}"
        for path in sources
        for top in imported(path) - sys.stdlib_module_names - {"functions"}
        if not deployed & {canonicalize_name(each) for each in providers.get(top, [])}
    }
    assert not strays


def imported(path: Path) -> set[str]:
    """Return the top-level packages a source file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names
