"""A compiled template, laid out flat."""

from typing import Any

from tools.flat_template import flat_template

ACCOUNT = {"type": "Microsoft.Storage/storageAccounts", "name": "a"}
PLAN = {"type": "Microsoft.Web/serverfarms", "name": "p"}


def module(resources: Any) -> dict[str, Any]:
    return {"type": "Microsoft.Resources/deployments", "properties": {"template": {"resources": resources}}}


def test_resources_by_symbolic_name_become_a_list() -> None:
    assert flat_template([{"resources": {"account": ACCOUNT, "plan": PLAN}}])["resources"] == [ACCOUNT, PLAN]


def test_modules_are_laid_open_at_any_depth() -> None:
    template = {"resources": {"outer": module({"inner": module([ACCOUNT]), "plan": PLAN})}}
    assert flat_template([template])["resources"] == [ACCOUNT, PLAN]


def test_what_is_there_already_is_left_out() -> None:
    assert flat_template([{"resources": {"account": {**ACCOUNT, "existing": True}, "plan": PLAN}}])[
        "resources"
    ] == [PLAN]


def test_templates_are_put_together() -> None:
    assert flat_template([{"resources": [ACCOUNT]}, {"resources": {"plan": PLAN}}])["resources"] == [
        ACCOUNT,
        PLAN,
    ]


def test_nothing_stays_nothing() -> None:
    assert flat_template([{}])["resources"] == []
