"""Query parameters, read and checked. Unknown ones are ignored: function keys travel as ``code``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.scoring.telemetry import Fault, show_value

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter with a few values; the first is the default."""

    name: str
    values: tuple[str, ...]
    meaning: str

    def read(self, params: Mapping[str, str], faults: list[Fault]) -> str:
        """Return the value; append a fault where it is none of those."""
        text = params[self.name] if self.name in params else self.values[0]
        if text not in self.values:
            faults.append(Fault(f"?{self.name}", show_value(text), f"one of {', '.join(self.values)}"))
            return self.values[0]
        return text

    def schema(self) -> dict[str, object]:
        """Return the JSON Schema."""
        return {"type": "string", "enum": list(self.values), "default": self.values[0]}


@dataclass(frozen=True, slots=True)
class Count:
    """A parameter that is a whole number from 1 to *most*; *most* is the default."""

    name: str
    most: int
    meaning: str

    def read(self, params: Mapping[str, str], faults: list[Fault]) -> int:
        """Return the value; append a fault where it is not such a number."""
        if self.name not in params:
            return self.most
        text = params[self.name]
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(self.most))
        if not digits or not 1 <= int(text) <= self.most:
            faults.append(Fault(f"?{self.name}", show_value(text), f"a whole number from 1 to {self.most}"))
            return self.most
        return int(text)

    def schema(self) -> dict[str, object]:
        """Return the JSON Schema."""
        return {"type": "integer", "minimum": 1, "maximum": self.most, "default": self.most}


type Parameter = Choice | Count
