from __future__ import annotations

import pytest

from ops.app.target import Target
from ops.doctor.webhook import PATH, check_webhook, check_webhook_key
from tests.ops.app.answering_app import answering
from tests.ops.conftest import ReplayCli


@pytest.mark.parametrize(
    ("answer", "reported"),
    [
        ((200, {"validationResponse": "another"}), " 200"),
        ((404, "no such function"), " 404 no such function"),
        ((401, ""), " 401"),
    ],
)
def test_a_hook_that_does_not_shake_hands(answer: tuple[int, object], reported: str) -> None:
    with answering({PATH: answer}) as url:
        found = check_webhook(Target(url))
    assert found.state == "failed"
    assert reported in found.message
    assert found.todo


def test_the_key_appears_with_the_code(replay_cli: ReplayCli) -> None:
    assert check_webhook_key(Target()).state == "does not apply"
    replay_cli({"functionapp keys list": {"functionKeys": {}, "systemKeys": {}}})
    found = check_webhook_key(Target(app="drivecast", resource_group="rg"))
    assert found.state == "failed"
    assert "STEP=code" in found.todo
