"""From where the gradient is small to where it vanishes: critical points of a prescribed index.

In the eigenbasis of H Newton's step is -g_i/lambda_i. It leads to whatever critical point is near, also back
to where H is singular and none is. Followed are instead the directions themselves: uphill along the `index`
lowest eigenvectors and downhill along the others, by |g_i|/max(|lambda_i|, `LEAST`), at most `REACH` in all.
Where the signs of the eigenvalues are as wanted this is Newton's step; where one is not, as next to a minimum
of J_g with H g = 0, it goes on along that direction until the eigenvalue has its sign. It stays only where
g = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .critical_points import CRITICAL, described, reach
from .hessian import hessian
from .network import Network

Real = NDArray[np.floating]

REACH = 0.3
LEAST = 1e-3
STEPS = 150
DOUBLE = 1e-5  # |grad L| below which eigenvectors are of double precision


@dataclass(frozen=True)
class Followed:
    """Where it ended: verdict "critical", or "unfinished" after as many steps as were allowed."""

    network: Network
    steps: int
    verdict: str


def follow(network: Network, index: int, *, limit: int = STEPS) -> Followed:
    """The critical point of that index to which this leads from one network, not a stack.

    The index of what is found may differ by eigenvalues near 0: it is to be counted there.
    """
    signs = np.where(np.arange(network.parameter_count) < index, -1.0, 1.0)
    for step in range(limit + 1):
        slope = network.gradient()
        length = float(np.linalg.norm(slope))
        if length <= CRITICAL or step == limit:
            break
        matrix = hessian(network)
        values, vectors = np.linalg.eigh(matrix if length < DOUBLE else matrix.astype(np.float32))
        along = vectors.T @ slope
        move = vectors @ (-signs * along / np.maximum(np.abs(values), LEAST))
        network = network.at(network.parameters + move * min(1, REACH / float(np.linalg.norm(move))))
    return Followed(network, step, "critical" if length <= CRITICAL else "unfinished")


def find_critical(choices: tuple[int, ...], child: np.random.SeedSequence) -> dict[str, Any]:
    """The row of `critical_points.find`, and what following leads to from there.

    followed: the verdict, or "" where the search itself did not end below the threshold; steps: of following;
    distance: moved in the parameters. critical_energy, critical_gradient, critical_negative, critical_least:
    energy, |grad L|, index and smallest absolute eigenvalue at its end. Where nothing was followed numbers
    are NaN and counts -1.
    """
    row, network = reach(choices, child)
    if row["verdict"] not in ("small", "critical"):
        nothing = dict.fromkeys(
            ("distance", "critical_energy", "critical_gradient", "critical_least"), np.nan
        )
        return row | {"followed": "", "steps": -1, "critical_negative": -1} | nothing
    found = follow(network, row["negative"])
    end = described(found.network)
    return row | {
        "followed": found.verdict,
        "steps": found.steps,
        "critical_negative": end["negative"],
        "distance": float(np.linalg.norm(found.network.parameters - network.parameters)),
        "critical_energy": end["energy"],
        "critical_gradient": float(np.sqrt(end["squared_gradient"])),
        "critical_least": end["least"],
    }
