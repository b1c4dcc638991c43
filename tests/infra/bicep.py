"""Bicep files as plain values, read from their syntax trees.

Nothing is evaluated: what is not a literal stays text, as `Code`. Only the Bicep CLI compiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bicep.language()))
_NOT_VALUES = {"comment", "diagnostic_comment", "decorators"}


class Code(str):
    """An expression, as it is written."""

    __slots__ = ()


@dataclass(frozen=True)
class Loop:
    """``[for item in over: body]``."""

    over: str
    body: Any


@dataclass(frozen=True)
class Declaration:
    """A parameter, variable, type, output, resource or module.

    Attributes
    ----------
    kind, name : str
    type : str
        As written: of a resource ``Microsoft.…@version``, of a module its path.
    value : object
        The body or default; None when there is none.
    description : str or None
    existing : bool
    """

    kind: str
    name: str
    type: str
    value: Any
    description: str | None
    existing: bool = False
    parent: str = ""

    @property
    def resource_type(self) -> str:
        """The type without its version."""
        return self.type.partition("@")[0]

    @property
    def api_version(self) -> str:
        """The version; empty when it is the parent's."""
        return self.type.partition("@")[2]

    @property
    def body(self) -> dict[str, Any]:
        """The object behind a loop or condition."""
        value = self.value.body if isinstance(self.value, Loop) else self.value
        assert isinstance(value, dict), f"{self.name} has no body"
        return value


@dataclass
class Sheet:
    """One file."""

    path: Path
    source: str
    declarations: list[Declaration] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def of(self, kind: str) -> list[Declaration]:
        """Return the declarations of one kind."""
        return [declaration for declaration in self.declarations if declaration.kind == kind]

    def one(self, kind: str, name: str) -> Declaration:
        """Return a declaration by name."""
        found = [declaration for declaration in self.of(kind) if declaration.name == name]
        assert len(found) == 1, f"{self.path.name} has {len(found)} {kind} {name}"
        return found[0]


@dataclass
class Infra:
    """All files of a folder, by path below it."""

    folder: Path
    sheets: dict[str, Sheet]

    @classmethod
    def read(cls, folder: Path) -> Infra:
        """Read every .bicep file below a folder."""
        paths = sorted(folder.rglob("*.bicep"))
        assert paths, f"no Bicep in {folder}"
        return cls(folder, {path.relative_to(folder).as_posix(): read(path) for path in paths})

    def resources(self, resource_type: str) -> Iterator[tuple[str, Declaration]]:
        """Yield (file, resource) of one type, existing ones left out."""
        for name, sheet in self.sheets.items():
            for resource in sheet.of("resource"):
                if resource.resource_type == resource_type and not resource.existing:
                    yield name, resource

    def table(self, file: str, variable: str) -> dict[str, Any]:
        """Return an exported variable that is an object."""
        value = self.sheets[file].one("var", variable).value
        assert isinstance(value, dict)
        return value

    def names(self, text: str) -> str:
        """Put the names of containers, queues and roles where an expression asks for them."""
        tables = {
            **{
                f"containers.{key}": value
                for key, value in self.table("modules/names.bicep", "containers").items()
            },
            **{f"queues.{key}": value for key, value in self.table("modules/names.bicep", "queues").items()},
        }
        plain = re.sub(r"\$\{(\w+\.\w+)\}", lambda found: tables.get(found[1], found[0]), text)
        return str(tables.get(plain, plain))


def read(path: Path) -> Sheet:
    """Read one file."""
    source = path.read_text(encoding="utf-8")
    root = _PARSER.parse(source.encode()).root_node
    sheet = Sheet(path, source)
    for node in _walk(root):
        if node.type == "ERROR" or node.is_missing:
            sheet.errors.append(f"{path.name}:{node.start_point[0] + 1}: {_text(node)[:60]}")
        if node.type == "object_property" and node.named_children:
            sheet.keys.add(_key(node.named_children[0]))
    _declare(sheet, root, parent="")
    return sheet


def _declare(sheet: Sheet, block: Node, parent: str) -> None:
    description: str | None = None
    for node in block.named_children:
        inner = node
        if node.type == "object_property" and node.named_children:
            inner = node.named_children[0]
        if node.type == "decorators":
            description = _described(node) or description
            continue
        if node.type in _NOT_VALUES:
            continue
        kind = _KINDS.get(inner.type)
        if kind:
            declaration = _declaration(inner, kind, description, parent)
            sheet.declarations.append(declaration)
            for body in _objects(inner):
                _declare(sheet, body, declaration.name)
        description = None


_KINDS = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "type_declaration": "type",
    "output_declaration": "output",
    "resource_declaration": "resource",
    "module_declaration": "module",
}


def _declaration(node: Node, kind: str, description: str | None, parent: str) -> Declaration:
    name = next(_text(child) for child in node.children if child.type == "identifier")
    if kind in ("resource", "module"):
        written = next(str(_value(child)) for child in node.children if child.type == "string")
    else:
        written = next((_text(child) for child in node.children if child.type.endswith("type")), "")
    after = [child for child in node.children if child.start_byte > _equals_sign(node) and child.is_named]
    values = [_value(child) for child in after if child.type not in _NOT_VALUES]
    value = values[0] if values else None
    existing = any(child.type == "existing" for child in node.children)
    return Declaration(kind, name, written, value, description, existing, parent)


def _equals_sign(node: Node) -> int:
    """Return where a declaration's value starts; the grammar drops the sign of a type's."""
    signs: list[int] = [child.start_byte for child in node.children if child.type == "="]
    names: list[int] = [child.end_byte for child in node.children if child.type == "identifier"]
    last: int = node.end_byte if node.type == "parameter_declaration" else names[0]
    return signs[0] if signs else last


def _objects(node: Node) -> Iterator[Node]:
    """Yield the object literals directly behind a resource's '='."""
    for child in node.named_children:
        if child.type == "object":
            yield child
        elif child.type in ("if_statement", "for_statement"):
            yield from _objects(child)


def _described(decorators: Node) -> str | None:
    for call in _walk(decorators):
        if call.type == "call_expression" and _text(call.children[0]).split(".")[-1] == "description":
            return next((str(_value(node)) for node in _walk(call) if node.type == "string"), None)
    return None


def _value(node: Node) -> Any:
    """Turn a node into a plain value."""
    if node.type in _READ:
        return _READ[node.type](node)
    return Code(_text(node))


def _string(node: Node) -> str:
    if any(child.type == "interpolation" for child in node.children):
        return Code(_text(node).removeprefix("'").removesuffix("'"))
    return "".join(_text(part).removeprefix("\\") for part in node.named_children)


def _values(node: Node) -> list[Any]:
    return [_value(child) for child in node.named_children if child.type not in _NOT_VALUES]


def _conditional(node: Node) -> Any:
    bodies = [child for child in node.named_children if child.type in ("object", "for_statement")]
    return _value(bodies[0])


def _loop(node: Node) -> Loop:
    over, body = [child for child in node.named_children if child.type not in _NOT_VALUES][-2:]
    return Loop(_text(over), _value(body))


def _object(node: Node) -> dict[str, Any]:
    found = {}
    for prop in node.named_children:
        parts = [child for child in prop.named_children if child.type not in _NOT_VALUES]
        if prop.type == "object_property" and len(parts) > 1:
            found[_key(parts[0])] = _value(parts[-1])
    return found


def _key(node: Node) -> str:
    return str(_value(node)) if node.type == "string" else _text(node)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


_READ: dict[str, Callable[[Node], Any]] = {
    "object": _object,
    "array": _values,
    "string": _string,
    "number": lambda node: int(_text(node)),
    "boolean": lambda node: _text(node) == "true",
    "null": lambda _: None,
    "if_statement": _conditional,
    "for_statement": _loop,
}
