"""Drive models of the simulated fleet: their share, age, failure rate and the SMART attributes they report.

Shares and failure rates follow the order of magnitude of Backblaze's published statistics for 2025; the
attributes are those the model reports in the release of 2025 Q2.
"""

from __future__ import annotations

from typing import NamedTuple


class DriveModel(NamedTuple):
    """One drive model.

    Attributes
    ----------
    name : str
        As in the telemetry's column ``model``.
    family : str
        Whose SMART conventions it follows, a key of `training.simulation.families.FAMILIES`.
    share : float
        Relative number of drives.
    years : tuple of float
        Youngest and oldest power-on time at the start, in years.
    relative_rate : float
        Failure rate relative to the fleet's.
    attributes : frozenset of int
        SMART attributes it reports.
    """

    name: str
    family: str
    share: float
    capacity_bytes: int
    years: tuple[float, float]
    relative_rate: float
    attributes: frozenset[int]


_SEAGATE = frozenset({1, 3, 4, 5, 7, 9, 10, 12, 187, 188, 190, 192, 193, 194, 197, 198, 199, 240, 241, 242})
_SEAGATE_8TB = _SEAGATE | {184, 189, 191, 195}
_SEAGATE_12TB = _SEAGATE | {18, 195, 200}
_SEAGATE_EXOS = _SEAGATE | {18, 200}
_TOSHIBA = frozenset(
    {
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        9,
        10,
        12,
        23,
        24,
        191,
        192,
        193,
        194,
        196,
        197,
        198,
        199,
        220,
        222,
        223,
        224,
        226,
        240,
    }
)
_TOSHIBA_TEY = frozenset({1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 23, 24, 192, 193, 194, 196, 198, 199, 241, 242})
_TOSHIBA_MG10 = (_TOSHIBA - {223, 224}) | {27, 241, 242}
_HGST = frozenset({1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 22, 192, 193, 194, 196, 197, 198, 199})
_WDC_22TB = _HGST | {71, 90}
_SEAGATE_SSD = frozenset(
    {1, 9, 12, 16, 17, 168, 170, 173, 174, 177, 192, 194, 218, 231, 232, 233, 235, 241, 242}
)
_WD_SSD = frozenset(
    {9, 12, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 184, 187, 188, 194, 199, 230, 232, 233}
)

DRIVE_MODELS: tuple[DriveModel, ...] = (
    DriveModel("TOSHIBA MG08ACA16TA", "toshiba", 12.6, 16000900661248, (0.7, 3.6), 0.9, _TOSHIBA),
    DriveModel("TOSHIBA MG07ACA14TA", "toshiba", 12.1, 14000519643136, (3.5, 5.4), 0.8, _TOSHIBA),
    DriveModel("WDC WUH722222ALE6L4", "hgst", 11.3, 22000969973760, (0.1, 1.4), 0.8, _WDC_22TB),
    DriveModel("ST16000NM001G", "seagate", 10.9, 16000900661248, (1.0, 4.3), 0.6, _SEAGATE_EXOS),
    DriveModel("WDC WUH721816ALE6L4", "hgst", 8.4, 16000900661248, (1.5, 4.2), 0.4, _HGST),
    DriveModel("ST12000NM0008", "seagate", 6.1, 12000138625024, (4.2, 5.6), 2.0, _SEAGATE_12TB),
    DriveModel("ST8000NM0055", "seagate", 4.3, 8001563222016, (6.6, 8.5), 1.6, _SEAGATE_8TB),
    DriveModel("ST12000NM001G", "seagate", 4.2, 12000138625024, (3.2, 4.8), 0.7, _SEAGATE_EXOS),
    DriveModel("HGST HUH721212ALE604", "hgst", 4.2, 12000138625024, (3.5, 4.9), 2.4, _HGST),
    DriveModel("TOSHIBA MG10ACA20TE", "toshiba", 3.6, 20000588955648, (0.1, 0.9), 1.0, _TOSHIBA_MG10),
    DriveModel("ST14000NM001G", "seagate", 3.3, 14000519643136, (3.0, 4.6), 0.8, _SEAGATE_EXOS),
    DriveModel("HGST HUH721212ALN604", "hgst", 3.2, 12000138625024, (5.4, 6.6), 2.2, _HGST),
    DriveModel("ST8000DM002", "seagate", 2.8, 8001563222016, (8.0, 9.1), 1.4, _SEAGATE_8TB),
    DriveModel("WDC WUH721414ALE6L4", "hgst", 2.7, 14000519643136, (3.9, 4.6), 0.5, _HGST),
    DriveModel("TOSHIBA MG08ACA16TE", "toshiba", 1.9, 16000900661248, (2.0, 3.8), 1.2, _TOSHIBA),
    DriveModel("TOSHIBA MG08ACA16TEY", "toshiba", 1.7, 16000900661248, (1.6, 4.6), 1.7, _TOSHIBA_TEY),
    DriveModel("ST24000NM002H", "seagate", 1.6, 24000277250048, (0.1, 0.4), 1.5, _SEAGATE_EXOS),
    DriveModel("ST10000NM0086", "seagate", 0.4, 10000831348736, (7.0, 7.6), 2.6, _SEAGATE_8TB | {200}),
    DriveModel("ST12000NM0007", "seagate", 0.4, 12000138625024, (5.0, 7.2), 3.0, _SEAGATE | {195, 200}),
    DriveModel("ST14000NM0138", "seagate", 0.4, 14000519643136, (4.0, 4.8), 3.0, _SEAGATE_12TB),
    DriveModel(
        "Seagate BarraCuda SSD ZA250CM10002", "seagate-ssd", 0.2, 250059350016, (4.0, 6.0), 0.7, _SEAGATE_SSD
    ),
    DriveModel("ZA250CM10003", "seagate-ssd", 0.4, 250059350016, (1.0, 4.5), 0.6, _SEAGATE_SSD),
    DriveModel("WDC WDS250G2B0A", "wd-ssd", 0.3, 250059350016, (1.0, 4.0), 0.6, _WD_SSD),
)
"""Every drive model of the fleet, spinning and boot SSD."""
