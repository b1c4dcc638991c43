"""Everything that a run sends: into the spool first, then to its receivers."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, NamedTuple, Sequence

from collector.exit_codes import LOST, ExitCode
from collector.files import only_run_in
from collector.sending.azure_token import storage_token
from collector.sending.blob_container import blob_container
from collector.sending.delivery import Receiver, deliver
from collector.sending.forecast_app import forecast_app
from collector.sending.parcel import Parcel
from collector.sending.retries import RetryBudget
from collector.sending.spool import Spool
from collector.settings import CollectSettings

BUSY_SECONDS = 30.0
"""A run that starts while another sends waits so long."""


class Posted(NamedTuple):
    """The outcome: parcels taken, exit codes asked for, lines for the person."""

    taken: int
    codes: set[ExitCode]
    lines: list[str]


def post(
    settings: CollectSettings, make: Callable[[Path], Sequence[Parcel]], say: Callable[[str], None]
) -> Posted:
    """Send what waits and what is new; what cannot be delivered waits for the next run.

    Parameters
    ----------
    make : callable
        Is handed the state folder, once this run has it for itself, and returns the new parcels.
    say : callable
        Is handed a line for each drive at risk.

    Raises
    ------
    BusyError, ConfigurationError
    """
    with only_run_in(settings.state, BUSY_SECONDS):
        spool = Spool(settings.state / "spool", settings.spool_mb * 10**6)
        posted = Posted(0, set(), [])
        for name in spool.put_damaged_aside():
            posted.lines.append(f"{spool.folder}/{name} is damaged and was put aside")
            posted.codes.add(LOST)
        for parcel in make(settings.state):
            for dropped in spool.add(parcel):
                posted.lines.append(f"the spool is full: {dropped} was given up; raise --spool-mb")
                posted.codes.add(LOST)
        posted.lines.extend(f"{spool.folder} cannot be kept: {each}" for each in spool.complaints)
        taken = 0
        patience = RetryBudget(settings.attempts, settings.patience)
        for receiver in _receivers(settings, say):
            done = deliver(spool, receiver, patience, settings.http_timeout)
            taken += done.taken
            posted.codes.update(done.codes)
            posted.lines.extend(done.lines)
        for name in spool.unsaved():
            posted.lines.append(f"{name} was given up: neither sent nor kept")
            posted.codes.add(LOST)
        return posted._replace(taken=taken)


def _receivers(settings: CollectSettings, say: Callable[[str], None]) -> list[Receiver]:
    receivers = []
    if settings.upload:
        receivers.append(blob_container(settings.upload, storage_token))
    if settings.send:
        receivers.append(forecast_app(settings.send, settings.key, say))
    return receivers
