"""The walls of the house, computed from the code's imports: order, cycles, sizes of folders and of files."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]

ROOMS = (
    "functions.errors",
    "functions.version",
    "functions.settings",
    "functions.platform_settings",
    "functions.call_threads",
    "functions.log_records",
    "functions.without_pandas",
    "functions.html",
    "functions.scoring.smart",
    "functions.scoring.drive_database",
    "functions.scoring.raw_values",
    "functions.scoring.telemetry",
    "functions.scoring.smartctl",
    "functions.scoring.drive_keys",
    "functions.scoring.seal",
    "functions.scoring.model",
    "functions.scoring.csv",
    "functions.scoring.json",
    "functions.scoring.history",
    "functions.scoring.shadow",
    "functions.scoring.report",
    "functions.scoring.engine",
    "functions.scoring.online",
    "functions.output_folder",
    "functions.score",
    "functions.storage",
    "functions.http",
    "functions.pages",
    "functions.serving",
    "functions.batch",
    "functions.blueprints",
    "function_app",
    "training.errors",
    "training.log_odds_model",
    "training.downloading",
    "training.simulation",
    "training.telemetry",
    "training.protocol",
    "training.options",
    "training.metrics",
    "training.fitting",
    "training.exploration",
    "training.selection",
    "training.reporting",
    "training.probes",
    "training.backtesting",
    "training.tracking",
    "training.versions",
    "training.run",
    "training.challenge",
    "training.commands",
    "training.__main__",
    "devhost.errors",
    "devhost.logs",
    "devhost.worker_options",
    "devhost.grpc_messages",
    "devhost.indexing_errors",
    "devhost.app_settings",
    "devhost.azurite",
    "devhost.host_config",
    "devhost.runtime",
    "devhost.storage",
    "devhost.outputs",
    "devhost.invocations",
    "devhost.manual_run",
    "devhost.timer_trigger",
    "devhost.queues",
    "devhost.blobs",
    "devhost.http",
    "devhost.banner",
    "devhost.worker",
    "devhost.supervisor",
    "devhost.__main__",
    "ops.errors",
    "ops.console",
    "ops.ages",
    "ops.app",
    "ops.outputs",
    "ops.poison",
    "ops.reference",
    "ops.cost",
    "ops.health",
    "ops.logs",
    "ops.watch",
    "ops.status",
    "ops.start",
    "ops.smoke",
    "ops.doctor",
    "ops.deploy",
    "ops.restore",
    "ops.destroy",
    "ops.demo",
    "ops.upload",
    "ops.__main__",
    "collector.errors",
    "collector.exit_codes",
    "collector.files",
    "collector.drives",
    "collector.telemetry",
    "collector.sending",
    "collector.prometheus",
    "collector.options",
    "collector.settings",
    "collector.outbox",
    "collector.run",
    "collector.command_line",
    "collector.__main__",
    "tools",
    "examples",
    "tests",
    "benchmarks",
)
"""The rooms from the foundation up: a room imports those before it, never one after it."""

MOST_MODULES = 25
"""Modules in a folder, its ``__init__`` apart."""

MOST_LINES = 400

APPS = "tests/devhost/apps"
"""Apps for devhost: not packages, each is its own world."""


@cache
def modules() -> dict[str, Path]:
    """Return every module of the tree by its dotted name; a package by its ``__init__``."""
    found = {"function_app": ROOT / "function_app.py"}
    for top in {room.partition(".")[0] for room in ROOMS} - {"function_app"}:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if not path.relative_to(ROOT).as_posix().startswith(APPS):
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imported(module: str) -> frozenset[str]:
    """Return the modules of the tree that a module imports, wherever in it, for types too."""
    known = modules()
    path = known[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            full = [f"{source}.{alias.name}" for alias in node.names]
            names = [name if name in known else source for name in full]
        found |= {name for name in names if name in known}
    return frozenset(found)


def floor(module: str) -> int:
    """Return the number of a module's room; a package that only holds rooms is on the floor below them."""
    for number, room in enumerate(ROOMS):
        if module == room or module.startswith(f"{room}."):
            return number
    assert modules()[module].name == "__init__.py", f"{module} is in no room: give it one, or ROOMS a line"
    return -1


def test_no_import_climbs() -> None:
    for module, path in modules().items():
        if path.name == "__init__.py" and floor(module) < 0:
            continue
        for other in imported(module):
            assert floor(other) <= floor(module), f"{module} imports {other}, whose room comes after its own"


def test_no_imports_go_in_a_circle() -> None:
    graph = {module: imported(module) - {module} for module in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" imports ".join(reversed(error.args[1]))) from None


def test_no_folder_is_crowded() -> None:
    folders: dict[Path, int] = {}
    for path in modules().values():
        if path.name != "__init__.py":
            folders[path.parent] = folders.get(path.parent, 0) + 1
    folders.pop(ROOT)
    for folder, count in folders.items():
        assert count <= MOST_MODULES, f"{folder.relative_to(ROOT)} has {count} modules"


def test_no_file_is_long() -> None:
    for path in [*modules().values(), *(ROOT / APPS).rglob("*.py")]:
        count = len(path.read_text(encoding="utf-8").splitlines())
        assert count <= MOST_LINES, f"{path.relative_to(ROOT)} has {count} lines"


def test_every_room_is_there() -> None:
    assert [
        room for room in ROOMS if not any(floor(module) == ROOMS.index(room) for module in modules())
    ] == []


def test_every_folder_of_code_has_rooms() -> None:
    tops = {path.parent.name for path in ROOT.glob("[!.]*/*.py")}
    assert tops <= {room.partition(".")[0] for room in ROOMS}


def test_a_class_has_its_name_for_itself() -> None:
    """Counted in code; tests may call what they make as they like."""
    homes: dict[str, str] = {}
    for module, path in modules().items():
        if module.partition(".")[0] == "tests":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                other = homes.setdefault(node.name, module)
                assert other == module, f"{module} and {other} have a class {node.name} each"
