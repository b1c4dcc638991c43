"""A program for PATH that Python runs, wherever Python is: no ``#!`` line takes a path with a space."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def write_program(program: Path, text: str, python: str = sys.executable) -> None:
    """Write a script beside a program, and the program that runs it."""
    script = program.with_name(f"{program.name}.py")
    script.write_text(text, encoding="utf-8")
    command = f'#!/bin/sh\nexec {shlex.quote(python)} {shlex.quote(str(script))} "$@"\n'
    program.write_text(command, encoding="utf-8")
    program.chmod(0o755)
