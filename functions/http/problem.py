"""The shape of every error, RFC 9457 problem details, as a type."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType


class FaultyField(msgspec.Struct, frozen=True):
    """One value of a request that cannot be used."""

    field: Annotated[str, Meta(description="Path of the value, such as history[0].smart_5_raw or ?top.")]
    found: Annotated[str, Meta(description="The value, shortened.")]
    expected: Annotated[str, Meta(description="The value expected there.")]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request was not answered (RFC 9457)."""

    type: Annotated[str, Meta(description="urn:drivecast:problem: and the code.")]
    title: Annotated[str, Meta(description="The kind of problem, the same for every occurrence.")]
    status: Annotated[int, Meta(description="The HTTP status.", ge=400, le=599)]
    detail: Annotated[str, Meta(description="The value found, the value expected, and the remedy.")]
    code: Annotated[str, Meta(description="Stable identifier, safe to program against.")]
    errors: Annotated[
        list[FaultyField] | UnsetType, Meta(description="Every faulty value of the request.")
    ] = UNSET
    checks: Annotated[
        dict[str, Any] | UnsetType, Meta(description="The state of every part; of not_ready alone.")
    ] = UNSET
