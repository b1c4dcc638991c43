"""SMART attributes Drivecast understands: names, units, meaning, and how most drives pack their raw values.

The packings are the defaults of smartmontools' drive database (``drivedb.h``), but for 188: beyond 16 bits it
is three 16-bit words, whatever the drive is called. The drives that pack otherwise are in
`functions.scoring.drive_database`, decoding is in `functions.scoring.raw_values`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmartAttribute:
    """One SMART attribute.

    Attributes
    ----------
    id : int
        1 to 254.
    phrase : str
        The beginning of a sentence about it: "Reallocated sectors".
    unit : str
        Unit of the decoded value.
    meaning : str
        Of a rise, in plain words.
    advice : str
        To a technician.
    packing : str
        Key of `functions.scoring.raw_values.PACKINGS`: how most drives pack the raw value.
    counter : bool
        Whether the value only grows in a drive's life, so that its change over days means something and is
        kept in history snapshots.
    """

    id: int
    name: str
    phrase: str
    unit: str
    meaning: str
    advice: str
    packing: str = "raw48"
    counter: bool = True

    @property
    def column(self) -> str:
        """The telemetry column that carries the raw value."""
        return f"smart_{self.id}_raw"


_CABLE = "Check the cable, the backplane and the power supply before you replace the drive."
_COPY = "Back up the drive now, run an extended self-test and plan its replacement."
_WATCH = "No action by itself; read it together with the error counters."

ATTRIBUTES: dict[int, SmartAttribute] = {
    attribute.id: attribute
    for attribute in (
        SmartAttribute(
            1, "Read Error Rate", "Read errors", "errors",
            "The head could not read the platter at the first try.", _COPY,
        ),
        SmartAttribute(
            5, "Reallocated Sectors Count", "Reallocated sectors", "sectors",
            "Bad sectors were replaced with spare ones.", _COPY, packing="raw16(raw16)",
        ),
        SmartAttribute(
            7, "Seek Error Rate", "Seek errors", "errors",
            "The head missed its track.", _COPY,
        ),
        SmartAttribute(
            9, "Power-On Hours", "Power-on hours", "hours",
            "The drive's age in use.", _WATCH, packing="raw24(raw8)",
        ),
        SmartAttribute(
            10, "Spin Retry Count", "Spin-up retries", "retries",
            "The motor did not reach its speed at the first try.", _COPY,
        ),
        SmartAttribute(
            184, "End-to-End Error", "End-to-end errors", "errors",
            "Data was damaged between the host and the platter.", _COPY,
        ),
        SmartAttribute(
            187, "Reported Uncorrectable Errors", "Uncorrectable errors reported to the host", "errors",
            "Reads failed even after error correction.", _COPY,
        ),
        SmartAttribute(
            188, "Command Timeout", "Command time-outs", "time-outs",
            "The drive did not answer in time.", _CABLE, packing="raw16",
        ),
        SmartAttribute(
            189, "High Fly Writes", "High-fly writes", "writes",
            "The head flew too high while writing.", _COPY,
        ),
        SmartAttribute(
            190, "Airflow Temperature", "Airflow temperature", "°C",
            "Temperature inside the case.", "Check the cooling.", packing="tempminmax", counter=False,
        ),
        SmartAttribute(
            192, "Power-Off Retract Count", "Emergency head retracts", "retracts",
            "Power went away while the heads were loaded.", _CABLE,
        ),
        SmartAttribute(
            193, "Load Cycle Count", "Load cycles", "cycles",
            "How often the heads were parked.", _WATCH,
        ),
        SmartAttribute(
            194, "Temperature", "Temperature", "°C",
            "Temperature of the drive.", "Check the cooling.", packing="tempminmax", counter=False,
        ),
        SmartAttribute(
            196, "Reallocation Event Count", "Reallocation events", "events",
            "How often the drive moved data off bad sectors.", _COPY, packing="raw16(raw16)",
        ),
        SmartAttribute(
            197, "Current Pending Sector Count", "Pending sectors", "sectors",
            "Unreadable sectors wait to be replaced.", _COPY,
        ),
        SmartAttribute(
            198, "Offline Uncorrectable Sector Count", "Offline uncorrectable sectors", "sectors",
            "A background scan found sectors it could not read.", _COPY,
        ),
        SmartAttribute(
            199, "UltraDMA CRC Error Count", "Transfer errors", "errors",
            "Data was damaged on the cable.", _CABLE,
        ),
        SmartAttribute(
            241, "Total LBAs Written", "Blocks written", "blocks",
            "How much was written.", _WATCH,
        ),
        SmartAttribute(
            242, "Total LBAs Read", "Blocks read", "blocks",
            "How much was read.", _WATCH,
        ),
    )
}  # fmt: skip
"""The attributes by number, in ascending order."""

ERROR_ATTRIBUTES = (5, 187, 188, 197, 198)
"""The five attributes whose non-zero values Backblaze ties to failure; the trade's rule of thumb."""
