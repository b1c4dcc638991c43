"""Why a drive could not be read, and what to try."""

from __future__ import annotations

from typing import NamedTuple, Sequence


class Cause(NamedTuple):
    """One cause.

    Attributes
    ----------
    code : str
        Stable, for scripts that read the lines.
    found : str
        What was found.
    remedy : str
        What to try, with ``{device}`` for the drive's path.
    signs : tuple of str
        Texts in smartctl's messages, in lower case, that tell it.
    counts : bool
        Whether the run ends with `some_unreadable`.
    """

    code: str
    found: str
    remedy: str
    signs: tuple[str, ...] = ()
    counts: bool = True


STANDBY = Cause(
    "standby",
    "it sleeps and was not woken",
    "nothing; it is read when it runs, or at once with --power-mode never",
    ("device is in standby", "device is in sleep", "device is in idle"),
    counts=False,
)
PERMISSION = Cause(
    "permission",
    "no permission to ask it",
    "run as root, or give CAP_SYS_RAWIO (NVMe: CAP_SYS_ADMIN) and access to {device}",
    ("permission denied", "operation not permitted"),
)
RAID_CONTROLLER = Cause(
    "raid_controller",
    "it is a volume of a RAID controller",
    "name each disk behind it, such as --device {device}=megaraid,0 (or cciss,0, 3ware,0, areca,1)",
    ("-d megaraid", "-d cciss", "-d 3ware", "-d areca"),
)
USB_BRIDGE = Cause(
    "usb_bridge",
    "smartctl cannot tell its type; most often it is behind a USB bridge",
    "try --device {device}=sat, then sat,12, usbjmicron, sntjmicron, sntasmedia or sntrealtek",
    ("usb bridge", "-d option", "unable to detect device type", "-d usbjmicron"),
)
GONE = Cause(
    "gone",
    "there is no such device",
    "look whether it was taken out or renamed; name a lasting path of /dev/disk/by-id with --device",
    ("no such device", "no such file", "no device connected", "no drive on port"),
)
SMART_DISABLED = Cause(
    "smart_disabled",
    "its SMART is switched off",
    "switch it on with `smartctl -s on {device}`",
    ("smart disabled",),
)
NO_SMART = Cause(
    "no_smart",
    "it has no SMART, as virtual disks, card readers and RAID volumes",
    "leave it out with --exclude {device}",
    ("lacks smart capability", "does not support smart", "smart support is: unavailable"),
)
NOT_IDENTIFIED = Cause(
    "not_identified",
    "it does not say who it is",
    "try --device {device}=sat; if that fails look at cable, power and `dmesg`: the drive may be dying",
    ("identity failed", "identify controller failed", "inquiry failed", "not a sat device"),
)
USAGE = Cause(
    "usage",
    "smartctl does not take the command",
    "check the type given with --device; `smartctl -d help` lists them",
    ("unrecognized option", "unknown device type", "valid arguments are", "argument required"),
)
BEHIND_SCSI = Cause(
    "behind_scsi",
    "it is a SATA drive that shows itself as SCSI, and -d sat did not help",
    "name the controller's type, such as --device {device}=sat+megaraid,0",
)
TIMED_OUT = Cause(
    "timed_out",
    "smartctl did not end in time",
    "look at `dmesg`: the drive or its bus may hang; allow more with --timeout",
)
NO_SERIAL_NUMBER = Cause(
    "no_serial_number",
    "it has no serial number, so no day of it can be told from another drive's",
    "leave it out with --exclude {device}, or try another type with --device",
)
NO_MODEL = Cause(
    "no_model",
    "it does not say its model",
    "try --device {device}=sat, or leave it out with --exclude {device}",
)
BAD_OUTPUT = Cause(
    "bad_output",
    "smartctl printed no JSON",
    "update smartmontools to 7.0 or later",
)
NO_ATTRIBUTES = Cause(
    "no_attributes",
    "its SMART attributes could not be read",
    "try again; if it stays so look at `smartctl -x {device}` and `dmesg`: the drive may be dying",
)
NOT_SCRAPED = Cause(
    "not_scraped",
    "Prometheus had it within the last day and has it no longer",
    "look whether smartctl_exporter runs there, Prometheus reaches it (`up`), and the drive is still in",
)
AMBIGUOUS = Cause(
    "ambiguous",
    "another drive has the same labels instance, device and job, so their values cannot be told apart",
    "give each exporter an instance label of its own (in federation: honor_labels)",
)
NO_ANSWER = Cause("no_answer", "it did not answer", "see what it said, then the options --prometheus...")
OTHER = Cause(
    "other",
    "smartctl could not read it",
    "run `smartctl -a {device}` and read what it says",
)

CAUSES = (
    STANDBY,
    PERMISSION,
    RAID_CONTROLLER,
    USB_BRIDGE,
    GONE,
    SMART_DISABLED,
    NO_SMART,
    NOT_IDENTIFIED,
    USAGE,
    BEHIND_SCSI,
    TIMED_OUT,
    NO_SERIAL_NUMBER,
    NO_MODEL,
    BAD_OUTPUT,
    NO_ATTRIBUTES,
    NOT_SCRAPED,
    AMBIGUOUS,
    NO_ANSWER,
    OTHER,
)
"""In the order in which their signs are looked for."""


class UnreadableError(Exception):
    """A drive that could not be read, with its cause and smartctl's own messages."""

    def __init__(self, cause: Cause, said: Sequence[str] = ()) -> None:
        super().__init__(cause.code)
        self.cause = cause
        self.said = tuple(said)

    def line(self, device: str) -> str:
        """Return the one line that tells the person."""
        said = "; it said: {}".format(" / ".join(self.said)) if self.said else ""
        remedy = self.cause.remedy.format(device=device)
        return f"{device}: {self.cause.found} ({self.cause.code}): {remedy}{said}"


def cause_of(said: Sequence[str], otherwise: Cause) -> Cause:
    """Return the cause that smartctl's messages tell; *otherwise* where they tell none."""
    text = " ".join(said).lower()
    for cause in CAUSES:
        if any(sign in text for sign in cause.signs):
            return cause
    return otherwise
