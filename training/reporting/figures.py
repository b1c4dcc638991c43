"""The figures of a version, drawn from its forward test, as PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from functions.scoring.smart import ATTRIBUTES
from training.metrics.calibration import reliability
from training.metrics.curves import precision_recall_curve, roc_curve
from training.metrics.decisions import Drives, decide

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

_SIZE = (7.2, 5.2)
_DPI = 110
_BLUE, _GREY = "#1f5fa8", "#8a8f98"
_OTHERS = ("#8a8f98", "#d98324", "#4c9a4c", "#8e5ea2")
_LEAST_RATE = 1e-5


def render_figures(
    drives: Mapping[str, Drives],
    rows: tuple[npt.NDArray[np.int8], Floats],
    thresholds: Mapping[str, float],
    importance: Mapping[int, float],
    horizon_days: int,
) -> dict[str, bytes]:
    """Draw every figure.

    Parameters
    ----------
    drives : mapping of str to Drives
        Scored test drives by title of the candidate; the version's own last.
    rows : tuple of arrays
        Labels and probabilities of the version's test rows.
    importance : mapping of int to float
        Mean |contribution| in log-odds, by SMART attribute.

    Returns
    -------
    dict of str to bytes
        PNG by path within the version's folder; the same bytes for the same figures.
    """
    own = list(drives.values())[-1]
    by_drive = (
        f"Forward test, one decision per drive: {own.table.height:,} drives, "
        f"{own.prevalence:.2%} failing within {horizon_days} days of a row"
    )
    label, probability = rows
    by_row = (
        f"Forward test, drive-days: {len(label):,}, {label.mean():.3%} followed by a failure "
        f"within {horizon_days} days"
    )
    return {
        "figures/roc.png": _curve(drives, by_drive, _roc),
        "figures/precision_recall.png": _curve(drives, by_drive, _precision_recall),
        "figures/calibration.png": _calibration(label, probability, by_row),
        "figures/confusion.png": _confusion(own, thresholds, by_drive, horizon_days),
        "figures/importance.png": _importance(importance, by_row),
    }


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG whose bytes depend on the figure alone."""
    out = io.BytesIO()
    # Matplotlib writes its own version unless told not to.
    figure.savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
    return out.getvalue()


def _canvas(title: str, subtitle: str, columns: int = 1) -> tuple[Figure, Sequence[Axes]]:
    with mpl.rc_context():
        figure = Figure(figsize=(_SIZE[0] * (1.0 if columns == 1 else 1.35), _SIZE[1]), layout="constrained")
        axes = figure.subplots(1, columns, squeeze=False)[0]
    figure.suptitle(f"{title}\n", fontsize=13, fontweight="bold")
    figure.text(0.5, 0.925, subtitle, ha="center", fontsize=8.5, color="#444444")
    for panel in axes:
        panel.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def _curve(drives: Mapping[str, Drives], subtitle: str, draw: Any) -> bytes:
    title = "ROC, false positive rate on a log scale" if draw is _roc else "Precision and recall"
    figure, (axes,) = _canvas(title, subtitle)
    for index, (name, of) in enumerate(drives.items()):
        last = index == len(drives) - 1
        color = _BLUE if last else _OTHERS[index % len(_OTHERS)]
        style = {"color": color, "linewidth": 2.4 if last else 1.1, "zorder": 3 if last else 2}
        draw(axes, of, name, style)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=7.5, frameon=False, loc="best")
    return png(figure)


def _roc(axes: Axes, drives: Drives, name: str, style: dict[str, Any]) -> None:
    rate, recall, _ = roc_curve(drives.label, drives.score)
    axes.plot(np.maximum(rate, _LEAST_RATE), recall, label=name, **style)
    axes.set(
        xscale="log",
        xlim=(1e-4, 1),
        ylim=(0, 1),
        xlabel="False positive rate (share of healthy drives flagged)",
        ylabel="Recall (share of failing drives flagged)",
    )
    axes.xaxis.set_major_formatter(lambda rate, _place: f"{100 * rate:g} %")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def _precision_recall(axes: Axes, drives: Drives, name: str, style: dict[str, Any]) -> None:
    precision, recall, _ = precision_recall_curve(drives.label, drives.score)
    axes.step(recall, precision, where="post", label=name, **style)
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1.02),
        xlabel="Recall (share of failing drives flagged)",
        ylabel="Precision (share of flagged drives that fail)",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def _calibration(label: npt.NDArray[np.int8], probability: Floats, subtitle: str) -> bytes:
    figure, (axes,) = _canvas("Calibration", subtitle)
    # Equal-mass bins end where nearly all rows are; steps of a factor show the rare high probabilities too.
    edges = np.geomspace(max(probability.min(), 1e-6) * 0.999, probability.max() * 1.001, 13)
    of = np.digitize(probability, edges)
    points = [
        (probability[of == k].mean(), label[of == k].mean(), int((of == k).sum())) for k in np.unique(of)
    ]
    predicted, observed, count = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    spread = 1.96 * np.sqrt(np.maximum(observed * (1 - observed), 1e-12) / count)
    shown = observed > 0
    low = np.minimum(spread, observed * 0.95)
    axes.plot([1e-5, 1], [1e-5, 1], color=_GREY, linestyle="--", linewidth=1, label="perfect")
    axes.errorbar(
        predicted[shown],
        observed[shown],
        yerr=(low[shown], spread[shown]),
        fmt="o",
        color=_BLUE,
        capsize=2,
        label=f"rows by probability; ECE {reliability(label, probability).ece:.5f} (15 equal bins)",
    )
    for x, y, n in zip(predicted[shown], observed[shown], count[shown], strict=True):
        axes.annotate(
            f"{int(n):,}", (x, y), textcoords="offset points", xytext=(6, -9), fontsize=7, color="#444444"
        )
    start = min(float(predicted.min()), float(observed[shown].min())) / 2 if shown.any() else 1e-5
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(start, 1),
        ylim=(start, 1),
        xlabel="Probability forecast",
        ylabel="Share that failed",
    )
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, frameon=False, loc="upper left")
    return png(figure)


def _confusion(drives: Drives, thresholds: Mapping[str, float], subtitle: str, horizon_days: int) -> bytes:
    figure, panels = _canvas("Decisions at the thresholds", subtitle, len(thresholds))
    for axes, (level, threshold) in zip(panels, thresholds.items(), strict=True):
        found = decide(drives, threshold, horizon_days)
        cells = np.array(
            [[found.true_positives, found.false_negatives], [found.false_positives, found.true_negatives]]
        )
        axes.imshow(np.log1p(cells), cmap="Blues", vmin=0, vmax=np.log1p(cells.sum()) * 1.3)
        for (y, x), value in np.ndenumerate(cells):
            axes.text(
                x,
                y,
                f"{value:,}",
                ha="center",
                va="center",
                fontsize=12,
                color="white" if value > cells.sum() / 2 else "black",
            )
        axes.set_xticks([0, 1], ["flagged", "not flagged"])
        axes.set_yticks([0, 1], ["fails", "stays"], rotation=90, va="center")
        precision = "no alerts" if not found.alerts else f"precision {found.precision:.0%}"
        axes.set_title(f"{level} (p ≥ {threshold:.3g})\n{precision}, recall {found.recall:.0%}", fontsize=10)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    return png(figure)


def _importance(importance: Mapping[int, float], subtitle: str) -> bytes:
    figure, (axes,) = _canvas("Mean contribution per SMART attribute", subtitle)
    ranked = sorted(importance.items(), key=lambda item: item[1])
    names = [f"{ATTRIBUTES[attribute].phrase} ({attribute})" for attribute, _ in ranked]
    bars = axes.barh(names, [value for _, value in ranked], color=_BLUE)
    axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    axes.set(xlabel="Mean |contribution| in log-odds\n(drive-days before a failure or flagged)")
    axes.margins(x=0.12)
    return png(figure)
