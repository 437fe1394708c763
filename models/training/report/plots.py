"""The report's plots, as SVG that is the same bytes for the same figures."""

import json
import shutil
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from workspace import ADOPTED_CURVES, Workspace

matplotlib.rcParams.update(
    {
        "svg.hashsalt": "timbrel",
        "svg.fonttype": "none",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "figure.constrained_layout.use": True,
    }
)
# Points of a loss curve: more are not seen.
MOST_POINTS = 200
# What a line of a losses file holds beside losses.
NOT_LOSSES = {"step", "seconds", "steps_per_second", "hours", "rate"}


def acceptance_plot(conditions: list[dict], path: Path) -> None:
    """Acceptance rate and mean group size over θ, with exact decoding's rate for comparison."""
    coarse = sorted((c for c in conditions if c["method"] == "pcg"), key=lambda c: c["theta"])
    exact = next(c for c in conditions if c["method"] == "exact")["figures"]["alpha"]
    figure, axes = plt.subplots(figsize=(5.2, 3.2))
    _with_intervals(axes, coarse, "alpha", "PCG")
    axes.axhline(exact["value"], color="0.4", linestyle="--", label="exact")
    for c in coarse:
        axes.annotate(
            f"{c['meanGroupSize']:.1f}",
            (c["theta"], c["figures"]["alpha"]["value"]),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    axes.set(xlabel="threshold θ (numbers: mean group size)", ylabel="acceptance rate α")
    axes.margins(y=0.15)
    axes.legend(frameon=False)
    _save(figure, path)


def cost_plot(conditions: list[dict], path: Path) -> None:
    """What a higher acceptance rate costs: word error rate, similarity and DNSMOS less plain decoding's."""
    shown = sorted((c for c in conditions if c["method"] == "pcg"), key=lambda c: c["theta"])
    figure, panels = plt.subplots(1, 3, figsize=(9, 2.8))
    for axes, (name, label, scale) in zip(
        panels,
        (
            ("wer", "word error rate, points", 100),
            ("similarity", "speaker similarity", 1),
            ("overall", "DNSMOS overall", 1),
        ),
        strict=True,
    ):
        _with_intervals(axes, shown, name, "PCG", "lessPlain", scale)
        axes.axhline(0, color="0.4", linestyle="--")
        axes.set(xlabel="threshold θ", ylabel=f"{label}, less plain")
    _save(figure, path)


def loss_plots(workspace: Workspace, folder: Path) -> list[Path]:
    """One plot for each `losses-<stage>.jsonl` of the work folder, a panel for each loss; and those of an adopted
    pack's models that were not taught again."""
    made = []
    for source in sorted(workspace.root.glob("losses-*.jsonl")):
        curves = _curves([json.loads(line) for line in source.read_text().splitlines()])
        if not curves:
            continue
        figure, panels = plt.subplots(1, len(curves), figsize=(2.6 * len(curves), 2.4), squeeze=False)
        for axes, (name, points) in zip(panels[0], curves.items(), strict=True):
            axes.plot(*zip(*points, strict=True), linewidth=1)
            axes.set(xlabel="step", title=name.replace("_", " "))
        path = folder / f"{source.stem}.svg"
        _save(figure, path)
        made.append(path)
    for source in sorted(workspace.root.glob(ADOPTED_CURVES)):
        path = folder / source.name
        if path not in made:
            shutil.copyfile(source, path)
            made.append(path)
    return sorted(made)


def _curves(lines: list[dict]) -> dict[str, list[tuple[float, float]]]:
    """Each loss as (step, value), thinned; what was measured only once is no curve."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        for name, value in line.items():
            if "step" in line and name not in NOT_LOSSES and isinstance(value, int | float):
                curves.setdefault(name, []).append((line["step"], value))
    return {
        name: points[:: -(-len(points) // MOST_POINTS)]
        for name, points in sorted(curves.items())
        if len(points) > 1
    }


def _with_intervals(
    axes: Axes, conditions: list[dict], name: str, label: str, block: str = "figures", scale: float = 1
) -> None:
    thetas = [c["theta"] for c in conditions]
    figures = [c[block][name] for c in conditions]
    values = [scale * f["value"] for f in figures]
    below = [scale * (f["value"] - f["low"]) for f in figures]
    above = [scale * (f["high"] - f["value"]) for f in figures]
    axes.errorbar(thetas, values, (below, above), marker="o", markersize=4, capsize=2, label=label)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)
