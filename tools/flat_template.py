"""A compiled Bicep template as checkov understands it.

The compiler writes resources as an object by symbolic name, and every module as a nested template. checkov
finds nothing there, without a word; laid out flat, it sees every resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
MODULE = "Microsoft.Resources/deployments"


def flat_template(templates: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one ARM template whose resources, those of modules included, are one list.

    It is for reading, not for deploying: expressions stay as they are.

    Parameters
    ----------
    templates : iterable of dict
        What ``bicep build`` writes.
    """
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "resources": [resource for template in templates for resource in _resources(template)],
    }


def _resources(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = template.get("resources", [])
    for resource in found.values() if isinstance(found, dict) else found:
        if resource.get("existing"):
            continue
        if resource.get("type") == MODULE:
            yield from _resources(resource.get("properties", {}).get("template", {}))
        else:
            yield resource
