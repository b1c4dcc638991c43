from pathlib import Path

import pytest

from functions import errors
from functions.errors import DrivecastError, InvalidTelemetryError, TelemetryFileError
from functions.http import errors as http_errors
from functions.storage import errors as storage_errors
from tests.support.running_app import PROJECT


def subclasses(kind: type[DrivecastError]) -> list[type[DrivecastError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in subclasses(child))]


KINDS = [
    kind
    for kind in subclasses(DrivecastError)
    if kind.__module__ in {errors.__name__, storage_errors.__name__, http_errors.__name__}
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_makes_a_problem_document(kind: type[DrivecastError]) -> None:
    error = kind("What was found.")
    assert str(error) == error.detail == "What was found."
    assert error.problem() == {
        "type": f"urn:drivecast:problem:{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": "What was found.",
        "code": kind.code,
    }
    assert 400 <= kind.status <= 599


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in KINDS if "code" in vars(kind)]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize(
    "code",
    [kind.code for kind in KINDS if kind.__module__ == http_errors.__name__]
    + [
        "empty_body",
        "broken_json",
        "body_too_large",
        "invalid_telemetry",
        "model_unusable",
        "model_store_unreachable",
        "bad_setting",
        "storage_not_configured",
        "internal_error",
    ],
)
def test_every_code_of_the_api_is_met_in_a_test(code: str) -> None:
    here = Path(__file__)
    texts = [path.read_text(encoding="utf-8") for path in here.parent.rglob("test_*.py") if path != here]
    assert any(f'"{code}"' in text for text in texts), (
        f"no test in {here.parent.relative_to(PROJECT)} names {code}"
    )


def test_faulty_fields_are_listed() -> None:
    faults = [{"field": "date", "found": "5", "expected": "a date"}]
    assert InvalidTelemetryError("x", faults).problem()["errors"] == faults
    assert "errors" not in InvalidTelemetryError("x").problem()


def test_a_bad_file_stays_bad_and_storage_may_recover() -> None:
    assert not TelemetryFileError.retryable
    assert storage_errors.StorageError.retryable
