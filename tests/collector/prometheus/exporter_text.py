"""What smartctl_exporter prints for recorded drives: the metrics that are read of it, and some beside them.

Names, labels and values as prometheus-community/smartctl_exporter 0.14.0 makes them (metrics.go,
smartctl.go): ``device`` is the path without ``/dev/``, a missing model is ``unknown``, a missing capacity 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def exporter_text(documents: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of ``/metrics`` for smartctl's outputs."""
    families: dict[str, list[str]] = {}
    for document in documents:
        for name, labels, value in _samples(document):
            inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            families.setdefault(name, []).append(f"{name}{{{inner}}} {_number(value)}")
    return "".join(f"# TYPE {name} gauge\n" + "\n".join(lines) + "\n" for name, lines in families.items())


def _samples(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str], float]]:
    part, kind = document["device"], str(document["device"]["type"])
    path = re.sub(r"^/dev/(?:disk/by-id/|disk/by-path/|)", "", part["name"]).replace("/", "_")
    device = {"device": f"{path}_{kind.replace(',', '_')}" if "," in kind else path}
    model = str(document.get("model_name") or document.get("scsi_model_name") or "unknown")
    identity = {
        "interface": kind,
        "protocol": part["protocol"],
        "model_family": document.get("model_family", "unknown"),
        "model_name": model.strip(),
        "serial_number": str(document.get("serial_number", "")).strip(),
        "firmware_version": document.get("firmware_version", ""),
        "scsi_vendor": document.get("scsi_vendor", ""),
        "scsi_product": document.get("scsi_product", ""),
    }
    yield "smartctl_device", device | identity, 1
    yield "smartctl_device_capacity_bytes", device, document.get("user_capacity", {}).get("bytes", 0)
    yield "smartctl_device_smartctl_exit_status", device, document.get("smartctl", {}).get("exit_status") or 0
    if "smart_status" in document:
        yield "smartctl_device_smart_status", device, float(document["smart_status"].get("passed", False))
    for entry in document.get("ata_smart_attributes", {}).get("table", []):
        values = {"value": entry["value"], "worst": entry["worst"], "thresh": entry["thresh"]}
        for key, value in {**values, "raw": entry["raw"]["value"]}.items():
            labels = {
                "attribute_name": entry["name"],
                "attribute_flags_short": "PO--CK",
                "attribute_flags_long": "prefailure,updated_online,event_count,auto_keep",
                "attribute_value_type": key,
                "attribute_id": str(entry["id"]),
            }
            yield "smartctl_device_attribute", device | labels, value


def _number(value: float) -> str:
    """Return a number as Go's client prints it: the shortest text of a float64."""
    return json.dumps(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
