"""What Azure makes first: a snapshot does not say it, the compiled templates do."""

from __future__ import annotations

import pytest

from tests.infra.conftest import built

AFTER = {
    "main": {
        "containers": {"storage"},
        "lifecycle": {"storage"},
        "appAccess": {"appIdentity", "monitoring", "storage"},
        "eventsAccess": {"containers", "eventsIdentity"},
        "app": {"appAccess", "containers", "storageEndpoints"},
        "appAuthentication": {"app"},
        "peopleAccess": {"app", "containers", "monitoring"},
        "diagnostics": {"app", "containers", "monitoring"},
        "logAlerts": {"actionGroup", "monitoring"},
        "budget": {"actionGroup"},
        "workbook": {"monitoring"},
    },
    "eventgrid": {"toWebhook": {"topicAccess"}, "toQueue": {"topicAccess"}},
}
"""Modules and resources -> what has to be there before, though they name it only by a text or not at all."""


@pytest.mark.parametrize("template", AFTER)
def test_what_is_needed_is_made_before(template: str, bicep: str) -> None:
    resources = built(bicep, template)["resources"]
    for name, before in AFTER[template].items():
        assert before <= set(resources[name].get("dependsOn", [])), name
