from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.drives.reading import drive_of
from collector.errors import ConfigurationError
from collector.telemetry.day_json import Document, with_documents

documents_ = st.lists(
    st.fixed_dictionaries(
        {"model_name": st.sampled_from("MN"), "serial_number": st.sampled_from("ABC")},
        optional={"text": st.text(max_size=20), "number": st.integers(0, 2**64 - 1)},
    ),
    max_size=6,
)


def lines(content: bytes) -> list[Document]:
    return [json.loads(line) for line in content.splitlines()]


@given(documents_, documents_)
def test_each_drive_is_there_once_as_last_read(before: list[Document], added: list[Document]) -> None:
    content = with_documents(with_documents(b"", before, "x"), added, "x")
    assert with_documents(content, added, "x") == content
    found = lines(content)
    newest = {drive_of(document): document for document in before + added}
    assert {drive_of(document): document for document in found} == newest
    assert len(found) == len(newest)


def test_documents_are_kept_to_the_last_digit() -> None:
    document = {"model_name": "M", "serial_number": "S", "value": 2**64 - 1, "text": "ä\u2028\n"}
    assert lines(with_documents(b"", [document], "x")) == [document]


@pytest.mark.parametrize("content", [b"[]\n", b"{\n", b"\xff\n", b"\n"])
def test_what_is_no_day(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match="line 1"):
        with_documents(content, [], "x")
