"""Finding an environment by its resource group, as somebody who is Reader there and nothing elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ops.app.azure_cli import AzureCli
from ops.deploy import resources
from ops.deploy.resources import IncompleteError, NotDeployedError
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS, GROUP, OTHER_PROJECT, OUTPUTS, RESOURCES, SITE, TAGS

pytestmark = pytest.mark.slow

READS = ("group list", "resource list", "functionapp show", "storage account show")
"""What Reader on the resource group allows."""

ROOT = Path(__file__).parents[3]


def outputs(replay_cli: ReplayCli, **changed: Any) -> dict[str, str]:
    replay_cli({name: changed.get(name.replace(" ", "_"), ANSWERS[name]) for name in READS})
    return resources.outputs(AzureCli(), "test")


def test_everything_is_found_with_no_right_beyond_the_group(replay_cli: ReplayCli) -> None:
    assert outputs(replay_cli) == OUTPUTS


@pytest.mark.parametrize("tag", ["TEST", "Test", " test "])
@pytest.mark.parametrize("asked", ["test", "TEST"])
def test_an_environment_is_found_however_it_was_typed(tag: str, asked: str, replay_cli: ReplayCli) -> None:
    """The template makes the same names of DEV and dev, and tags as typed."""
    tagged = [{**each, "tags": {**TAGS, "azd-env-name": tag}} for each in (GROUP, *RESOURCES[:-1])]
    folder = replay_cli({**ANSWERS, "group list": tagged[:1], "resource list": tagged[1:]})
    assert resources.outputs(AzureCli(), asked) == OUTPUTS
    # Azure compares the values of tags letter by letter: what it is asked for must not hold the name.
    assert "group list --tag application=drivecast --output" in (folder / "asked.txt").read_text()


def test_another_environments_resources_do_not_count(replay_cli: ReplayCli) -> None:
    other = [{**each, "name": "other", "tags": {**TAGS, "azd-env-name": "test2"}} for each in RESOURCES[:-1]]
    assert (
        outputs(replay_cli, resource_list=[*RESOURCES, *other], group_list=[GROUP, {**GROUP, **other[0]}])
        == OUTPUTS
    )


def test_the_names_are_those_of_the_templates_outputs(replay_cli: ReplayCli) -> None:
    put_out = set(re.findall(r"^output (\w+) ", (ROOT / "infra" / "main.bicep").read_text(), re.MULTILINE))
    assert put_out == set(outputs(replay_cli))


def test_the_tags_are_those_of_the_template() -> None:
    template = (ROOT / "infra" / "main.bicep").read_text()
    assert f"'{resources.NAME_TAG}': environmentName" in template
    assert f"{resources.APPLICATION_TAG}: '{resources.APPLICATION}'" in template


def test_a_private_app_is_told_by_queue(replay_cli: ReplayCli) -> None:
    site = {**SITE, "properties": {**SITE["properties"], "publicNetworkAccess": "Disabled"}}
    assert outputs(replay_cli, functionapp_show=site)["DRIVECAST_DELIVERY"] == "queue"


@pytest.mark.parametrize("state", ["Disabled", "disabled"])
def test_a_closed_account_is_told(state: str, replay_cli: ReplayCli) -> None:
    account = {"name": OUTPUTS["DRIVECAST_STORAGE"], "publicNetworkAccess": state}
    assert outputs(replay_cli, storage_account_show=account)["DRIVECAST_STORAGE_NETWORK"] == "private"


def test_the_identitys_name_is_the_templates() -> None:
    template = (ROOT / "infra" / "main.bicep").read_text()
    label = re.search(r"^var label = 'drivecast-\$\{(\w+)\}'$", template, re.MULTILINE)
    assert label
    assert "var eventsIdentityName = 'id-${label}-events'" in template
    assert resources.EVENTS.format(environment="x") == "id-drivecast-x-events"


@pytest.mark.parametrize("groups", [[], [OTHER_PROJECT], [{"name": "rg", "tags": None}]])
def test_an_environment_that_is_not_there(groups: Any, replay_cli: ReplayCli) -> None:
    with pytest.raises(NotDeployedError, match="`make deploy ENV=test STEP=infra`") as caught:
        outputs(replay_cli, group_list=groups)
    assert not isinstance(caught.value, IncompleteError)


def test_two_groups_of_one_environment(replay_cli: ReplayCli) -> None:
    other = {**GROUP, "name": "my-own-group"}
    with pytest.raises(OpsError, match="my-own-group, rg-drivecast-test"):
        outputs(replay_cli, group_list=[GROUP, other, OTHER_PROJECT])


@pytest.mark.parametrize("kind", resources.KINDS.values())
def test_what_is_missing_is_named(kind: str, replay_cli: ReplayCli) -> None:
    rest = [each for each in RESOURCES if each["type"].lower() != kind.lower()]
    with pytest.raises(IncompleteError, match=rf"{kind} .*`make deploy ENV=test STEP=infra`"):
        outputs(replay_cli, resource_list=rest)


def test_what_is_there_twice_is_named(replay_cli: ReplayCli) -> None:
    """As after a deployment of the first release with the region spelled in another way."""
    second = {**RESOURCES[2], "name": "stdrivecastolder"}
    with pytest.raises(OpsError, match="stdrivecastolder, stdrivecasttest") as caught:
        outputs(replay_cli, resource_list=[*RESOURCES, second])
    assert "az resource delete --resource-group rg-drivecast-test" in str(caught.value)
