"""Draw docs/spectrum.svg: one sampled matrix of docs/my_model.py under the density generated for it."""

from __future__ import annotations

import importlib
import io
import sys
import tempfile
from pathlib import Path

import matplotlib
import numpy as np

from derive import load
from derive.files import write_text
from derive.generate import for_file, write
from verify.sampling import realised, sample

matplotlib.use("svg")
from matplotlib import pyplot as plt

HERE = Path(__file__).resolve().parent
N = 2000
ASKED = {"eps": 0.8, "phi": 5.0}


def main() -> None:
    """Generate the module, sample one matrix, draw both; the file is the same at every run."""
    model = load(HERE / "my_model.py")
    parameters = {name: float(value) for name, value in realised(model, N, **ASKED).items()}
    with tempfile.TemporaryDirectory() as folder:
        write(for_file(HERE / "my_model.py", Path(folder) / "mylaws"), Path(folder) / "mylaws")
        sys.path.insert(0, folder)
        law = importlib.import_module("mylaws.my_model").law(**parameters)
    eigenvalues = np.linalg.eigvalsh(sample(model, N, np.random.default_rng(1), **ASKED))

    plt.rcParams.update({"svg.hashsalt": "stieltjes", "font.family": "DejaVu Sans", "font.size": 10})
    figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
    bands = law.bands()
    width = bands[-1, 1] - bands[0, 0]
    axes.hist(
        eigenvalues, bins=140, density=True, color="#9ecae1", label=f"eigenvalues of one matrix, N = {N}"
    )
    for i, (low, high) in enumerate(bands):
        # Points crowd at the edges, where the density rises as a square root.
        x = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 400))) / 2
        axes.plot(x, law.pdf(x), color="#08306b", lw=1.6, label="generated density" if i == 0 else None)
        for edge in (low, high):
            axes.axvline(
                edge, color="#d94801", lw=0.9, ls=(0, (4, 3)), label="edges" if edge == bands[0, 0] else None
            )
    axes.set(xlabel="x", ylabel="density", xlim=(bands[0, 0] - 0.03 * width, bands[-1, 1] + 0.03 * width))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(framealpha=1, edgecolor="none", loc="upper right")
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    write_text(
        HERE / "spectrum.svg", "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n"
    )


if __name__ == "__main__":
    main()
