"""Docstrings in numpy's style name what there is, and say more of it than the signature does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("functions", "collector", "training", "ops", "devhost", "benchmarks", "tools")

SECTIONS = ("Parameters", "Attributes")
SHAPE = re.compile(r"\(.*[a-z0-9,].*\)|shape")

Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def documented(room: str) -> Iterator[tuple[str, Documented, str]]:
    """Yield location, node and docstring of every class and function that has one."""
    for path in sorted((ROOT / room).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Documented) and (text := ast.get_docstring(node)):
                yield f"{name}:{node.lineno} {node.name}", node, text


def entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield names, type and description of the entries of a docstring's sections."""
    for section in re.split(r"\n(?=\w+\n-+\n)", text):
        title, _, body = section.partition("\n")
        if title not in SECTIONS:
            continue
        for entry in re.split(r"\n(?=\S)", body.partition("\n")[2]):
            head, _, description = entry.partition("\n")
            names, _, kind = head.partition(" : ")
            if names.strip():
                yield names, kind, description.strip()


def names_of(node: Documented) -> set[str]:
    """Return the parameters of a function; of a class those of its constructor, and its attributes."""
    if not isinstance(node, ast.ClassDef):
        found = node.args
        names = {one.arg for one in (*found.posonlyargs, *found.args, *found.kwonlyargs)}
        return names | {one.arg for one in (found.vararg, found.kwarg) if one}
    names = set()
    for part in ast.walk(node):
        if isinstance(part, ast.arg):
            names.add(part.arg)
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            names.add(part.target.id)
        elif isinstance(part, ast.Attribute):
            names.add(part.attr)
        elif isinstance(part, ast.FunctionDef):
            names.add(part.name)
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_entries_are_of_the_signature_and_say_more(room: str) -> None:
    wrong = []
    for where, node, text in documented(room):
        for names, kind, description in entries(text):
            if not description and not SHAPE.search(kind):
                wrong.append(f"{where}: {names} has no description, unit or shape; leave it out")
            unknown = {name.lstrip("*") for name in names.split(", ")} - names_of(node)
            if unknown and not (isinstance(node, ast.ClassDef) and node.bases):
                wrong.append(f"{where}: there is no {', '.join(sorted(unknown))}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS)
def test_a_docstring_begins_with_its_noun_or_verb(room: str) -> None:
    assert [
        where for where, _, text in documented(room) if re.match(r"(The same|What|Who|Whoever)\b", text)
    ] == []
