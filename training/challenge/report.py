"""A decision for people: a table, what was compared, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from training.challenge.decision import DECIDES, Decision


def show(out: Console, decision: Decision, protocol: Mapping[str, Any]) -> None:
    """Print a decision.

    Parameters
    ----------
    protocol : mapping
        Of the new version's evaluation.json.
    """
    days = "; ".join(" to ".join(period["test"]) for period in protocol["periods"] if "test" in period)
    champion = decision.incumbent
    table = Table(title=f"{decision.version} against the champion {champion.version}", title_justify="left")
    for heading in ("", f"{champion.version} ({champion.basis})", decision.version, "difference", "95 %"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, figure in decision.figures.items():
        table.add_row(
            _title(name),
            f"{figure.champion:.3f}",
            f"{figure.new:.3f}",
            f"{figure.difference:+.3f}",
            f"{figure.low:+.3f} to {figure.high:+.3f}",
        )
    out.print(table)
    out.print(
        f"Forward test {days}, {protocol['horizon_days']} days ahead, one decision per drive: "
        f"{decision.drives:,} drives, {decision.failing:,} of them failing (prevalence "
        f"{decision.failing / decision.drives:.2%}). Split: {protocol['split']}.",
        style="dim",
        markup=False,
    )
    out.print(champion.why, markup=False)
    out.print(decision.sentence(), style="bold", markup=False)


def _title(name: str) -> str:
    if name == DECIDES:
        return "average precision (decides)"
    return f"recall at FPR {float(name.removeprefix('recall_at_fpr_')):.2%}"
