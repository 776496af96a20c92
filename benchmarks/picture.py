"""The picture: nanoseconds a point of every way to the density, against the number of points."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib

from .results import CaseResults, Results
from .rivals import RIVALS

matplotlib.use("svg")
from matplotlib import pyplot as plt

# Okabe and Ito's colours, told apart with any colour vision; markers differ too.
COLOURS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#e69f00", "#56b4e9", "#999999")
MARKERS = "osD^vP*X<"


def draw(results: Results, path: Path) -> None:
    """Write the picture; the same results give the same file."""
    plt.rcParams.update({"svg.hashsalt": "stieltjes", "font.family": "DejaVu Sans", "font.size": 10})
    width = 1.6 + 4.2 * len(results.cases)
    figure, axes = plt.subplots(
        1, len(results.cases), figsize=(width, 4.4), sharey=True, layout="constrained", squeeze=False
    )
    for panel, case in zip(axes[0], results.cases, strict=True):
        _panel(panel, case)
    axes[0][0].set_ylabel("nanoseconds a point")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False)
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    plt.close(figure)
    path.write_text("\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n", "utf-8")


def _panel(panel: plt.Axes, case: CaseResults) -> None:
    for i, name in enumerate(RIVALS):
        entrant = case.density.get(name)
        if entrant is None:
            continue
        done = [(m.points, m.nanoseconds) for m in entrant.results if m.samples]
        ours = name == "ours"
        panel.plot(
            *(zip(*done, strict=True) if done else ((), ())),
            color=COLOURS[i],
            marker=MARKERS[i],
            ms=6 if ours else 4.5,
            lw=2.6 if ours else 1.3,
            ls="--" if name == "c" else "-",
            zorder=3 if ours else 2,
            label=RIVALS[name].label.strip("*"),
        )
    panel.set(xscale="log", yscale="log", xlabel="points", title=f"density of the {case.name}")
    panel.grid(which="major", color="#dddddd", lw=0.6)
    panel.spines[["top", "right"]].set_visible(False)
