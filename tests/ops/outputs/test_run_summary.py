from __future__ import annotations

import pytest

from ops.errors import OpsError
from ops.outputs.run_summary import read

SOURCE = b'"source": {"name": "telemetry/a.csv", "etag": "0x1", "bytes": 10}'


def test_reads_a_scored_file_and_ignores_what_it_does_not_know() -> None:
    summary = read(
        b'{"status": "scored", "error": null, "lines": {"data": 3, "accepted": 2, "rejected": 1},'
        b'"rejects": {"bad_date": 1}, "risk": {"low": 2}, "history": {"rows_with_history": 1, "days": []}, '
        + SOURCE
        + b"}"
    )
    assert summary.lines is not None
    assert (summary.lines.data, summary.lines.accepted, summary.lines.rejected) == (3, 2, 1)
    assert summary.rejects == {"bad_date": 1}
    assert summary.history is not None
    assert summary.history.rows_with_history == 1
    assert summary.source.etag == "0x1"


def test_reads_a_failed_file() -> None:
    summary = read(
        b'{"status": "failed", "error": {"code": "c", "title": "t", "detail": "d"}, ' + SOURCE + b"}"
    )
    assert summary.error is not None
    assert summary.error.detail == "d"


@pytest.mark.parametrize(("code", "final"), [("bad_file", True), ("run_failed", False)])
def test_a_run_that_is_tried_again_is_not_the_last_word(*, code: str, final: bool) -> None:
    error = b'{"code": "%s", "title": "t", "detail": "d"}' % code.encode()
    assert read(b'{"status": "failed", "error": ' + error + b", " + SOURCE + b"}").is_final is final
    assert read(b'{"status": "scored", ' + SOURCE + b"}").is_final


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"status": 1, ' + SOURCE + b"}", b"\xff", b'{"status": "\xff"}']
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(OpsError):
        read(content)
