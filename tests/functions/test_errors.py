import pytest

from functions import errors
from functions.errors import DrivecastError, InvalidTelemetryError, TelemetryFileError
from functions.storage import errors as storage_errors


def subclasses(kind: type[DrivecastError]) -> list[type[DrivecastError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in subclasses(child))]


KINDS = [
    kind
    for kind in subclasses(DrivecastError)
    if kind.__module__ in {errors.__name__, storage_errors.__name__}
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


def test_faulty_fields_are_listed() -> None:
    faults = [{"field": "date", "found": "5", "expected": "a date"}]
    assert InvalidTelemetryError("x", faults).problem()["errors"] == faults
    assert "errors" not in InvalidTelemetryError("x").problem()


def test_a_bad_file_stays_bad_and_storage_may_recover() -> None:
    assert not TelemetryFileError.retryable
    assert storage_errors.StorageError.retryable
