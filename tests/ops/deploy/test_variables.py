"""The variables of the parameter file: cleaned where they enter, or refused before anything is made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.deploy import variables
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS

ROOT = Path(__file__).parents[3]
SOMEBODY = "22222222-2222-2222-2222-222222222222"
WHO_DEPLOYS = "11111111-1111-1111-1111-111111111111"


def test_they_are_those_that_the_parameter_file_reads() -> None:
    text = (ROOT / "infra" / "main.bicepparam").read_text()
    assert set(re.findall(r"readEnvironmentVariable\('(\w+)'", text)) == set(variables.READ)


@pytest.mark.parametrize("name", ["", "D", "dev_1", "-dev", "dev-", "a" * 21, "../x", "my.env"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(OpsError, match=r"\b2 to 20\b"):
        variables.name(name)


@pytest.mark.parametrize("given", ["dev", "DEV", " Dev "])
def test_a_name_has_one_spelling(given: str) -> None:
    assert variables.name(given) == "dev"


@pytest.mark.parametrize("given", ["westeurope", "West Europe", " WestEurope ", "WESTEUROPE"])
def test_a_region_has_one_spelling(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_LOCATION", raising=False)
    assert variables.location(given) == "westeurope"
    monkeypatch.setenv("AZURE_LOCATION", given)
    assert variables.location(None) == "westeurope"


@pytest.mark.parametrize("empty", ["", " "])
def test_what_is_empty_is_absent(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables.READ:
        monkeypatch.setenv(name, empty)
    assert variables.location(empty) == "westeurope"
    assert variables.emails() == ""
    assert variables.principal() == ""
    assert variables.principal_type("user") == "User"


@pytest.mark.parametrize("given", ["west-europe!", "1", "Europa, West"])
def test_a_region_that_cannot_be_one(given: str) -> None:
    with pytest.raises(OpsError, match="`az account list-locations"):
        variables.location(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a@example.com, b@example.com", "a@example.com,b@example.com"),
        ("a@example.com, ", "a@example.com"),
        (" , ", ""),
        ("a@example.com;b@example.com", "a@example.com,b@example.com"),
        ("a@example.com,A@Example.com,a@example.com", "a@example.com"),
    ],
)
def test_addresses_are_trimmed_and_there_once(
    given: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVECAST_ALERT_EMAILS", given)
    assert variables.emails() == expected


@pytest.mark.parametrize("given", ["nobody", "a b@example.com", "a@b"])
def test_what_is_no_address(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIVECAST_ALERT_EMAILS", f"c@example.com,{given}")
    with pytest.raises(OpsError, match=rf"^DRIVECAST_ALERT_EMAILS .*'{given}'"):
        variables.emails()


@pytest.mark.parametrize("given", ["me@example.com", "drivecast-production", "22222222"])
def test_what_is_no_object_id(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_PRINCIPAL_ID", given)
    with pytest.raises(OpsError, match="az ad signed-in-user show"):
        variables.principal()


@pytest.mark.parametrize(
    ("given", "signed_in", "expected"),
    [
        ("", "user", "User"),
        ("", "servicePrincipal", "ServicePrincipal"),
        ("user", "servicePrincipal", "User"),
        (" Group ", "user", "Group"),
    ],
)
def test_the_type_is_what_is_said_else_what_is_signed_in(
    given: str, signed_in: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_PRINCIPAL_TYPE", given)
    assert variables.principal_type(signed_in) == expected


def test_a_type_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_PRINCIPAL_TYPE", "Person")
    with pytest.raises(OpsError, match=r"'Person'.*\bUser, Group, ServicePrincipal\b"):
        variables.principal_type("user")


@pytest.mark.parametrize(
    ("user", "given", "expected"),
    [
        ("user", {}, f"test westeurope {WHO_DEPLOYS} User []"),
        ("servicePrincipal", {}, "test westeurope  ServicePrincipal []"),
        ("servicePrincipal", {"ID": SOMEBODY}, f"test westeurope {SOMEBODY} ServicePrincipal []"),
        ("user", {"ID": f" {SOMEBODY.upper()} ", "TYPE": ""}, f"test westeurope {SOMEBODY} User []"),
    ],
)
def test_who_deploys_is_told_to_the_parameter_file(
    user: str,
    given: dict[str, str],
    expected: str,
    project: Path,
    replay_cli: ReplayCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = replay_cli({**ANSWERS, "account show": {"id": "1", "user": {"type": user}}})
    # Between the replay and who asks it: writes down the variables that infra/main.bicepparam reads.
    (folder / "az").rename(folder / "replay")
    (folder / "az").write_text(
        "#!/bin/sh\n"
        'echo "$AZURE_ENV_NAME $AZURE_LOCATION $AZURE_PRINCIPAL_ID $AZURE_PRINCIPAL_TYPE '
        f'[$DRIVECAST_ALERT_EMAILS]" >>"{folder}/variables"\n'
        f'exec "{folder}/replay" "$@"\n'
    )
    (folder / "az").chmod(0o755)
    for name, value in given.items():
        monkeypatch.setenv(f"AZURE_PRINCIPAL_{name}", value)
    monkeypatch.setenv("DRIVECAST_ALERT_EMAILS", " , ")
    assert main(["deploy", "--env", "test", "--yes", "--step", "infra"]) == 0
    assert expected in (folder / "variables").read_text().splitlines()


@pytest.mark.parametrize(
    "given", [{"DRIVECAST_ALERT_EMAILS": "nobody"}, {"AZURE_PRINCIPAL_ID": "me"}, {"AZURE_LOCATION": "?"}]
)
def test_nothing_is_asked_of_azure_before(
    given: dict[str, str], project: Path, replay_cli: ReplayCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = replay_cli(ANSWERS)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert main(["deploy", "--env", "test", "--yes"]) == 1
    assert not (folder / "asked.txt").exists()
