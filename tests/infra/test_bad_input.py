"""What people type is taken as it was meant, or refused in a sentence before anything is made."""

from __future__ import annotations

import re

import pytest

from functions.scoring.features import WINDOWS
from tests.infra.azure_rules import faults
from tests.infra.conftest import Compile
from tests.infra.snapshot import INFRA, Snapshot

ONE = "aaaaaaaa-0000-4000-8000-00000000000a"
TWO = "bbbbbbbb-0000-4000-8000-00000000000b"
LOOK_BACK = max(max(window.ages()) for window in WINDOWS)
"""Days the join with history goes back: a snapshot younger than that must not go."""


def people(**lists: list[tuple[str, str]]) -> str:
    """Return the parameter `people`, each as (id, type)."""
    written = {
        name: ", ".join(f"{{ id: '{one}', type: '{kind}' }}" for one, kind in lists.get(name, []))
        for name in ("uploaders", "operators", "deployers")
    }
    return "param people = { " + ", ".join(f"{name}: [{them}]" for name, them in written.items()) + " }\n"


def alerts(*emails: str) -> str:
    """Return the parameter `alerts` with these addresses."""
    listed = ", ".join(f"'{email}'" for email in emails)
    rest = "latencyMs: 1000, failures: 0, dailyFile: true, monthlyBudget: 50"
    return f"param alerts = {{ emails: [{listed}], {rest} }}\n"


def history(days: int) -> str:
    """Return the parameter `retention` with so many days of history."""
    others = ("runsDays", "predictionsDays", "deadLetterDays", "versionsDays", "softDeleteDays", "logsDays")
    kept = ", ".join(f"{name}: 30" for name in others)
    return f"param retention = {{ historyDays: {days}, {kept} }}\n"


def meant(snapshot: Snapshot) -> list[object]:
    """Return a snapshot's resources but for the tag by which azd finds them, which is as it was typed."""
    kept = []
    for resource in snapshot.resources:
        tags = {name: value for name, value in resource.get("tags", {}).items() if name != "azd-env-name"}
        kept.append({**resource, "tags": tags})
    return sorted(kept, key=lambda resource: str(resource["id"]))


def receivers(snapshot: Snapshot) -> list[str]:
    """Return who alerts reach: addresses, or the name of a role."""
    group = snapshot.one("Microsoft.Insights/actionGroups")["properties"]
    addresses = [each["emailAddress"] for each in group["emailReceivers"]]
    return addresses + [each["name"] for each in group["armRoleReceivers"]]


def test_spelling_does_not_matter(main_bicep: Compile) -> None:
    usual = main_bicep(
        "param environmentName = 'dev'\nparam location = 'westeurope'\nparam budgetStartDate = '2026-01-01'\n"
        + people(operators=[(ONE, "User")], deployers=[(TWO, "Group")])
        + alerts("a@example.com", "b@example.com")
        + history(LOOK_BACK + 1)
    )
    odd = main_bicep(
        "param environmentName = ' DEV'\nparam location = ' West Europe '\nparam budgetStartDate = '2026-01-01'\n"
        + people(
            uploaders=[(ONE.upper(), "User"), ("", "User")],
            operators=[(ONE, "User"), (f" {ONE} ", "User"), (" ", "Group")],
            deployers=[(TWO, "Group"), (TWO.upper(), "Group")],
        )
        + alerts("a@example.com", " A@example.com", "", " ", "B@example.com ")
        + history(LOOK_BACK + 1)
    )
    assert meant(odd) == meant(usual)
    assert faults(odd.resources) == []
    assert receivers(odd) == ["a@example.com", "b@example.com"]
    # Names of what was deployed before: they stay.
    assert usual.outputs["DRIVECAST_STORAGE"] == "stdrivecastvowadx5gnzq5u"
    assert usual.outputs["DRIVECAST_APP"] == "func-drivecast-dev-vowadx"


@pytest.mark.parametrize("name", ["my_env.1", "dev-", "-dev", "  "])
def test_a_name_that_cannot_be_part_of_names_is_refused(name: str, main_bicep: Compile) -> None:
    with pytest.raises(ValueError, match=f'environmentName is "{name.strip()}"; expected 2 to 20 letters'):
        main_bicep(f"param environmentName = '{name}'")


def test_what_cannot_work_is_refused_in_words(main_bicep: Compile) -> None:
    with pytest.raises(ValueError, match="is not valid") as refused:
        main_bicep(
            "param environmentName = 'dev'\nparam location = 'west-europe'\nparam logsDailyQuotaGb = 0\n"
            "param resourceGroupName = 'a/b.'\n"
            + alerts("somebody", "a b@example.com", "a@example.com;b@example.com")
            + people(
                uploaders=[("somebody@example.com", "User")],
                operators=[(ONE, "User")],
                deployers=[(ONE.upper(), "Group")],
            )
        )
    for said in (
        'resourceGroupName is "a/b."; expected letters',
        'location is "west-europe"; expected a region',
        'alerts.emails has "somebody"; expected an address',
        'alerts.emails has "a b@example.com"; expected an address',
        'alerts.emails has "a@example.com;b@example.com"; expected an address',
        'people has the id "somebody@example.com"; expected an object id',
        f"people has {ONE} as two types; expected User, Group or ServicePrincipal",
        "logsDailyQuotaGb is 0; expected 1 or more",
    ):
        assert said in str(refused.value)


def test_what_the_types_do_not_allow_is_refused(main_bicep: Compile) -> None:
    with pytest.raises(ValueError, match="BCP") as refused:
        main_bicep("param environmentName = 'x'\n" + people(operators=[(ONE, "robot")]) + history(LOOK_BACK))
    for said in ("minimum allowable length is 2", '"robot"', f"{LOOK_BACK + 1}"):
        assert said in str(refused.value).replace("'", '"')


def by_variables(main_bicep: Compile, **changed: str) -> Snapshot:
    """Return what main.bicepparam comes to in North Europe; a variable that is not given is empty."""
    text = (INFRA / "main.bicepparam").read_text(encoding="utf-8")
    variables = dict.fromkeys(re.findall(r"readEnvironmentVariable\('(\w+)'", text), "")
    assert changed.keys() <= variables.keys()
    lines = re.sub(r"^using .*$", "", text, flags=re.MULTILINE)
    return main_bicep(lines, "northeurope", **{**variables, **changed})


def test_an_empty_variable_is_an_absent_one(main_bicep: Compile) -> None:
    found = by_variables(main_bicep, AZURE_ENV_NAME=" ")
    assert found.outputs["AZURE_RESOURCE_GROUP"] == "rg-drivecast-dev"
    assert {each.get("location", "global") for each in found.resources} == {"northeurope", "global"}
    assert receivers(found) == ["owners"]
    assert not [each for each in found.resources if each.get("properties", {}).get("principalType") == "User"]


def test_variables_are_taken_as_they_were_meant(main_bicep: Compile) -> None:
    found = by_variables(
        main_bicep,
        AZURE_ENV_NAME="prod",
        AZURE_LOCATION="West Europe",
        AZURE_PRINCIPAL_ID=f" {ONE.upper()} ",
        AZURE_PRINCIPAL_TYPE="servicePrincipal",
        DRIVECAST_ALERT_EMAILS="a@example.com, b@example.com;A@example.com,",
    )
    assert {each.get("location", "global") for each in found.resources} == {"westeurope", "global"}
    assert receivers(found) == ["a@example.com", "b@example.com"]
    given = [each["properties"] for each in found.of("Microsoft.Authorization/roleAssignments")]
    assert [each["principalType"] for each in given if each["principalId"] == ONE] == ["ServicePrincipal"] * 9
