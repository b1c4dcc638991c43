"""``python -m devhost``: run the app of this folder; see ``--help``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from devhost import app_settings, azurite
from devhost.app_settings import HOST_CONNECTION
from devhost.errors import DevhostError
from devhost.supervisor import DEATHS_PER_WORKER, Supervisor, listen
from devhost.worker_options import WORKERS_KEEP_DYING

BANNER = "devhost: runs an Azure Functions app without Core Tools. A development tool, not for production."

EPILOG = (
    "Exit code: 0 after Ctrl-C or SIGTERM, 1 when the app cannot run, 2 for wrong usage, "
    f"{WORKERS_KEEP_DYING} when workers died as often as --worker-deaths says. "
    "In the environment: DEVHOST_TRACEBACK=1 shows the traceback of an app that cannot be imported. "
    "DEVHOST_FUNCTION_KEY, DEVHOST_MASTER_KEY and DEVHOST_SYSTEM_KEY are the keys that are asked for, as in "
    "Azure: the function key opens functions, the system key the web-hook, the master key everything; with "
    "none of them set no key is asked for, as under func start."
)

_LAST_PORT = 65535


def make_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser("python -m devhost", description=BANNER, epilog=EPILOG)
    parser.add_argument(
        "--port", type=int, default=7071, help="HTTP port; 0 takes any free one (default: 7071)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--workers", type=int, default=1, help="worker processes on the port (default: 1)")
    parser.add_argument("--app", type=Path, default=Path(), help="the app's folder (default: this one)")
    parser.add_argument(
        "--no-azurite",
        action="store_true",
        help="never start Azurite; use the one that runs, whoever's it is",
    )
    parser.add_argument(
        azurite.OPTION,
        type=int,
        metavar="N",
        help="Azurite's port for blobs; queues N+1, tables N+2 (default: as AzureWebJobsStorage says, 10000)",
    )
    parser.add_argument(
        "--azurite-dir",
        type=Path,
        default=Path(azurite.FOLDER),
        help="Azurite's data (default: %(default)s)",
    )
    parser.add_argument(
        "--no-blob-watch", action="store_true", help="blobs arrive by the Event Grid webhook alone"
    )
    parser.add_argument(
        "--message-lease",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="after how long a message comes again when all of devhost was killed: ten minutes in the "
        "Functions host; less to try it out (default: 600). When a worker alone dies, its message comes "
        "again as after a failure",
    )
    parser.add_argument(
        "--worker-deaths",
        type=int,
        metavar="N",
        help="deaths of workers, with less than half an hour between them, at which devhost ends as the "
        f"Functions host does; 0: never (default: {DEATHS_PER_WORKER} for each worker). "
        "Those by functionTimeout do not count",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run devhost.

    Returns
    -------
    int
        Exit code: 0 after Ctrl-C or SIGTERM, 1 when the app cannot run, 2 for wrong usage,
        WORKERS_KEEP_DYING.
    """
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.workers < 1:
        parser.error(f"--workers is {options.workers}; expected 1 or more")
    if options.message_lease < 1:
        parser.error(f"--message-lease is {options.message_lease:g}; expected 1 second or more")
    if options.worker_deaths is not None and options.worker_deaths < 0:
        parser.error(f"--worker-deaths is {options.worker_deaths}; expected 0 (no limit) or more")
    if options.azurite_port is not None and not 1 <= options.azurite_port <= _LAST_PORT - 2:
        parser.error(f"{azurite.OPTION} is {options.azurite_port}; expected 1 to {_LAST_PORT - 2}")
    print(BANNER, flush=True)
    # Until the supervisor takes over, SIGTERM unwinds like Ctrl-C: a starting Azurite must not stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    emulator = None
    try:
        app = options.app.resolve()
        print(app_settings.load(app), flush=True)
        listener = listen(options.host, options.port)
        host = "localhost" if options.host == "127.0.0.1" else options.host
        base_url = f"http://{host}:{listener.getsockname()[1]}"
        storage = _storage(options.azurite_port)
        if storage and not options.no_azurite:
            emulator = azurite.ensure(storage, app, options.azurite_dir.resolve())
            at = azurite.endpoints(storage)
            if at is not None:
                done = "started" if emulator else "found running"
                print(f"Azurite {done} (blob port {at.blob}, queue port {at.queue})", flush=True)
        deaths = options.worker_deaths
        supervisor = Supervisor(
            app,
            listener,
            base_url,
            lease=options.message_lease,
            watch=not options.no_blob_watch,
            deaths=DEATHS_PER_WORKER * options.workers if deaths is None else deaths,
        )
        return supervisor.run(options.workers)
    except DevhostError as error:
        print(f"devhost: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        if emulator is not None:
            emulator.stop()


def _storage(port: int | None) -> str:
    """Return the host's storage account, moved to another port if it is an emulator's and one is given."""
    configured = os.environ.get(HOST_CONNECTION, "")
    if port is not None:
        if azurite.endpoints(configured) is None:
            raise DevhostError(f"{azurite.OPTION} moves an emulator, and {HOST_CONNECTION} names none")
        os.environ[HOST_CONNECTION] = azurite.connection_string(port, port + 1, port + 2)
    return os.environ.get(HOST_CONNECTION, "")


if __name__ == "__main__":
    sys.exit(main())
