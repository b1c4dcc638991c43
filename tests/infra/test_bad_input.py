"""What people type is taken as it was meant, or refused in a sentence before anything is made."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from pathlib import Path

import pytest

from functions.scoring.model.features import WINDOWS
from tests.infra.azure_rules import faults
from tests.infra.conftest import Compile
from tests.infra.snapshot import INFRA, MAIN, Snapshot, read

FOLDER = Path(__file__).parent / "parameters"
PERSON = "aaaaaaaa-0000-4000-8000-00000000000a"


def lines(file: Path) -> str:
    """Return a parameter file without the line that names its template."""
    return re.sub(r"^using .*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def meant(snapshot: Snapshot) -> str:
    """Return a snapshot's resources but for the tag by which azd finds them, which is as it was typed."""
    ordered = json.dumps(sorted(snapshot.resources, key=lambda resource: str(resource["id"])))
    return re.sub(r'"azd-env-name": "[^"]+"', "", ordered)


def receivers(snapshot: Snapshot) -> list[str]:
    """Return who alerts reach: addresses, or the name of a role."""
    group = snapshot.one("Microsoft.Insights/actionGroups")["properties"]
    found = [*group["emailReceivers"], *group["armRoleReceivers"]]
    return [each.get("emailAddress", each["name"]) for each in found]


def test_spelling_does_not_matter(main_bicep: Compile) -> None:
    usual, odd = main_bicep(lines(FOLDER / "usual.bicepparam")), main_bicep(lines(FOLDER / "odd.bicepparam"))
    assert meant(odd) == meant(usual)
    assert faults(odd.resources) == []
    assert receivers(odd) == ["a@example.com", "b@example.com"]
    # Names of what was deployed before: they stay.
    assert usual.outputs["DRIVECAST_STORAGE"] == "stdrivecastvowadx5gnzq5u"
    assert usual.outputs["DRIVECAST_APP"] == "func-drivecast-dev-vowadx"


@pytest.mark.parametrize("name", ["my_env.1", "dev-", "-dev", "  "])
def test_a_name_that_cannot_be_part_of_names_is_refused(name: str, main_bicep: Compile) -> None:
    with pytest.raises(ValueError, match=f'environmentName .*"{name.strip()}";.* 2 to 20 '):
        main_bicep(f"param environmentName = '{name}'")


def test_what_cannot_work_is_refused_in_words(main_bicep: Compile) -> None:
    with pytest.raises(ValueError, match=r"resourceGroupName") as refused:
        main_bicep(lines(FOLDER / "refused.bicepparam"))
    for said in (
        'resourceGroupName is "a/b.";',
        'location is "west-europe";',
        'alerts.emails has "somebody";',
        'alerts.emails has "a b@example.com";',
        'alerts.emails has "a@example.com;b@example.com";',
        'people has the id "somebody@example.com";',
        'people has the id "gaaaaaaa-0000-4000-8000-00000000000a";',
        'people has the id "aaaaaaaa0-000-4000-8000-00000000000a";',
        'authentication has the id "not a guid";',
        'authentication has the id "dddddddd-0000-4000-8000-00000000000";',
        'corsOrigins has "*";',
        'corsOrigins has "dashboard.example.com";',
        'corsOrigins has "https://";',
        'corsOrigins has "https://dashboard.example.com/page";',
        'corsOrigins has "https://*.example.com";',
        PERSON,
        "logsDailyQuotaGb is 0; ",
    ):
        assert said in str(refused.value)


def test_what_the_types_do_not_allow_is_refused(main_bicep: Compile) -> None:
    # A snapshot younger than the join with history looks back must not go.
    least = max(max(window.ages()) for window in WINDOWS) + 1
    with pytest.raises(ValueError, match="BCP") as refused:
        main_bicep(lines(FOLDER / "not-allowed.bicepparam"))
    for said in ("minimum allowable length is 2", "'robot'", f"{least}"):
        assert said in str(refused.value)


def test_no_more_people_than_azure_takes(main_bicep: Compile) -> None:
    """Azure takes 800 resources in a template; 100 are left to all but people's roles."""
    assert max(len(read(name).resources) for name in MAIN) + 25 <= 100
    given = (INFRA / "modules" / "access-people.bicep").read_text(encoding="utf-8")
    roles = Counter(re.findall(r"for person in (\w+):", given))
    operator = roles["uploaders"] + roles["operators"] + roles["readers"]
    deployer = roles["uploaders"] + roles["deployers"] + roles["readers"]
    said = (
        f"{700 // roles['uploaders']} uploaders, {700 // deployer} deployers or {700 // operator} operators"
    )
    assert re.search(rf"\b700 role assignments\b.*{said}", (INFRA / "main.bicep").read_text("utf-8"))

    def operators(count: int) -> Snapshot:
        people = "".join(f"{{ id: '{uuid.UUID(int=one)}', type: 'User' }}\n" for one in range(count))
        lists = f"uploaders: []\noperators: [\n{people}]\ndeployers: []"
        return main_bicep(f"param environmentName = 'dev'\nparam people = {{\n{lists}\n}}")

    taken = operators(700 // operator).of("Microsoft.Authorization/roleAssignments")
    assert [each["properties"]["principalType"] for each in taken].count("User") == 700 // operator * operator
    most = (700 // operator + 1) * operator
    with pytest.raises(ValueError, match=rf"\b{most} .*\b700\b"):
        operators(700 // operator + 1)


def by_variables(main_bicep: Compile, **changed: str) -> Snapshot:
    """Return what main.bicepparam comes to in North Europe; a variable that is not given is empty."""
    text = lines(INFRA / "main.bicepparam")
    variables = dict.fromkeys(re.findall(r"readEnvironmentVariable\('(\w+)'", text), "")
    assert changed.keys() <= variables.keys()
    return main_bicep(text, "northeurope", **{**variables, **changed})


def test_an_empty_variable_is_an_absent_one(main_bicep: Compile) -> None:
    found = by_variables(main_bicep, AZURE_ENV_NAME=" ")
    assert found.outputs["AZURE_RESOURCE_GROUP"] == "rg-drivecast-dev"
    assert {each.get("location", "global") for each in found.resources} == {"northeurope", "global"}
    assert receivers(found) == ["owners"]
    assert not [each for each in found.resources if each.get("properties", {}).get("principalType") == "User"]


def test_variables_are_taken_as_they_were_meant(main_bicep: Compile) -> None:
    found = by_variables(
        main_bicep,
        AZURE_LOCATION="West Europe",
        AZURE_PRINCIPAL_ID=f" {PERSON.upper()} ",
        AZURE_PRINCIPAL_TYPE="servicePrincipal",
        DRIVECAST_ALERT_EMAILS="a@example.com, b@example.com;A@example.com,",
    )
    assert {each.get("location", "global") for each in found.resources} == {"westeurope", "global"}
    assert receivers(found) == ["a@example.com", "b@example.com"]
    given = [each["properties"] for each in found.of("Microsoft.Authorization/roleAssignments")]
    assert [each["principalType"] for each in given if each["principalId"] == PERSON] == [
        "ServicePrincipal"
    ] * 10
