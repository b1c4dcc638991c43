"""Commands of the project that a page gives: which they are, and whether they are taken."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex

from ops.__main__ import COMMANDS
from training.__main__ import COMMANDS as TRAINING

DIAGRAM = re.compile(r"^```mermaid\n.*?^```", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\b(?:python -m (?:ops|training) [a-z]|make [a-z-]+(?: |$)).*")


def commands(page: str) -> list[str]:
    """Return the commands of a page, in blocks and in running text, once each."""
    page = DIAGRAM.sub("", page)
    spans = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", FENCE.sub("", page))]
    lines = [line for fence in FENCE.findall(page) for line in fence.splitlines()]
    return sorted({found[0] for line in spans + lines if (found := COMMAND.search(line))})


def take(command: str) -> None:
    """Have a command's own parser take it; where its name stands alone, a command of the name is enough."""
    words = re.sub(r"<[^>]+>", "1", command).replace("$AT", "--app a --resource-group g")
    _, _, package, name, *options = shlex.split(words.partition(" | ")[0], comments=True)
    assert name in (COMMANDS if package == "ops" else TRAINING), command
    parser = argparse.ArgumentParser()
    module = f"ops.{name}" if package == "ops" else TRAINING[name].module
    importlib.import_module(module).add_arguments(parser)
    if options:
        parser.parse_args(options)
