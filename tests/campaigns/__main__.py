"""`python -m tests.campaigns --minutes 10`: all campaigns, one after the other, with a fresh seed."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.campaigns.bodies import Bodies
from tests.campaigns.campaign import Campaign, Result, repeat_command, run, save, table
from tests.campaigns.csv_files import CsvFiles
from tests.campaigns.damaged_blobs import DamagedBlobs
from tests.campaigns.damaged_folders import DamagedFolders
from tests.campaigns.kills import DevhostKills, Kills
from tests.support.running_app import PROJECT
from tests.support.small_model import build_models

CAMPAIGNS: dict[str, type[Campaign]] = {
    each.name: each for each in (Kills, DevhostKills, DamagedFolders, DamagedBlobs, CsvFiles, Bodies)
}

SAVED = PROJECT / ".bench" / "campaign"
"""Where what repeats a broken property is written."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="for all campaigns together")
    parser.add_argument(
        "--seed", type=int, help="of an earlier campaign, to repeat it (default: a fresh one)"
    )
    parser.add_argument("--campaign", choices=CAMPAIGNS, action="append", help="one of them (default: all)")
    parser.add_argument("--try", type=int, dest="number", metavar="N", help="this try alone, with --seed")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run campaigns and print what they tried; return 1 as soon as one breaks a property."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.number is not None and options.seed is None:
        parser.error(f"--try {options.number} is one of a seed's: name it, --seed N")
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="drivecast-campaign-") as folder:
        models = build_models(Path(folder) / "models")
        ends = time.monotonic() + options.minutes * 60
        names = options.campaign or list(CAMPAIGNS)
        for index, name in enumerate(names):
            share = (ends - time.monotonic()) / (len(names) - index)
            result = _run(CAMPAIGNS[name], models, Path(folder) / name, seed, share, options.number)
            results.append(result)
            if result.breach is not None:
                break
    print(table(results))
    return int(results[-1].breach is not None)


def _run(
    kind: type[Campaign], models: Path, folder: Path, seed: int, seconds: float, number: int | None
) -> Result:
    folder.mkdir()
    until = time.monotonic() + seconds
    with kind(models, folder) as campaign:
        if number is None:
            result = run(campaign, seed, until=until)
        else:
            result = run(campaign, seed, tries=1, first=number)
    if result.breach is not None:
        target = save(result, campaign.evidence, SAVED)
        print(f"{kind.name}: try {result.breach.number} broke a property: {result.breach.reason}")
        print(f"  again: {repeat_command(result)}\n  inputs: {target.relative_to(PROJECT)}")
    return result


if __name__ == "__main__":
    sys.exit(main())
