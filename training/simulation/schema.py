"""Columns of a Backblaze day CSV as published in 2025, in their order."""

from __future__ import annotations

LOCATION = ("datacenter", "cluster_id", "vault_id", "pod_id", "pod_slot_num", "is_legacy_format")
"""Where a drive sits; added to the schema in 2023 to 2025."""

# fmt: off
ATTRIBUTES = (
    1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 22, 23, 24, 27, 71, 82, 90, 160, 161, 163,
    164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183,
    184, 187, 188, 189, 190, 191, 192, 193, 194, 195, 196, 197, 198, 199, 200, 201, 202, 206, 210, 211,
    212, 218, 220, 222, 223, 224, 225, 226, 230, 231, 232, 233, 234, 235, 240, 241, 242, 244, 245, 246,
    247, 248, 250, 251, 252, 254, 255,
)
"""SMART attributes with a normalized and a raw column in the release of 2025 Q2."""
# fmt: on

COLUMNS = (
    "date",
    "serial_number",
    "model",
    "capacity_bytes",
    "failure",
    *LOCATION,
    *(f"smart_{attribute}_{kind}" for attribute in ATTRIBUTES for kind in ("normalized", "raw")),
)
