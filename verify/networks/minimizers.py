"""Minimizers of tanh and ReLU networks on a memorisation task (section 6.4 of Pennington & Bahri).

Square networks of n units, m = 2n/phi examples; data and targets are independent standard normal numbers.
Energies are proportional to the squared length of the targets, for outgoing weights can be scaled; it is
independent of their direction and has mean n m, so that targets of just that length have the same mean
energies, with smaller errors.

Each task is descended from several random weights. What is found are local minima: the best of a few is an
upper bound of the least energy, and their spread says how far from it a single one may be.

tanh: many descents go on for ever, with units that saturate as their weights grow; energies settle before.
ReLU: minima lie on kinks, where examples are at the edge of a unit's half-space, the gradient jumps and
Newton's method fails; descents go through smooth functions that narrow to ReLU, and the energy is ReLU's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .activations import RELU, TANH, smooth_relu
from .network import Network, initial_weights
from .newton import FLAT, minimise
from .reduced_rank import least_energy

Real = NDArray[np.float64]
FIRST, SECOND = 100, 300  # steps with H0, then with H, at most
WIDTHS = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)  # of the smooth functions in place of ReLU
FIRST_EACH, SECOND_EACH = 20, 20  # steps for each of these
NEAR = 10  # last widths: examples so near to the edge of a unit's half-space are on a kink


@dataclass(frozen=True)
class Task:
    """One task: the energies of its minimizers, one for each start, and the least energy of linear networks.

    critical: the share of starts that led to |grad L| <= 1e-11 (tanh). unsettled: by how much an energy fell
    in the last half of its steps with H, on average; ReLU: how much it moved from the last width but one.
    weight: the largest of all. kinks: the mean number of examples on a unit's kink (ReLU).
    """

    energies: Real
    linear: float
    critical: float
    unsettled: float
    weight: float
    kinks: float


def observe(activation: str, n: int, m: int, starts: int, seed: np.random.SeedSequence) -> Task:
    """The task of a seed, which is the same for both activations, "tanh" and "relu"."""
    if activation not in DESCENTS:
        raise ValueError(f"activation must be one of {', '.join(DESCENTS)}, got {activation!r}")
    rng = np.random.default_rng(seed)
    inputs, targets = rng.standard_normal((2, n, m))
    targets *= np.sqrt(targets.size / np.sum(targets**2))
    found = [
        DESCENTS[activation](Network(*initial_weights(n, n, n, rng), inputs, targets)) for _ in range(starts)
    ]
    ends = [one.network for one in found]
    return Task(
        np.array([float(end.energy) for end in ends]),
        least_energy(inputs, targets, n),
        float(np.mean([one.critical for one in found])),
        float(np.mean([one.unsettled for one in found])),
        max(float(np.abs(end.parameters).max()) for end in ends),
        float(np.mean([one.kinks for one in found])),
    )


@dataclass(frozen=True)
class End:
    """Where one descent ended; see `Task`."""

    network: Network
    critical: bool
    unsettled: float
    kinks: float


def minimise_tanh(start: Network) -> End:
    """Descend from these weights as a tanh network."""
    near = minimise(Network(start.first, start.second, start.inputs, start.targets, TANH), FIRST, whole=False)
    end = minimise(near.network, SECOND, damping=1e-3)
    return End(end.network, end.gradient <= FLAT, end.drop / len(start.second), 0.0)


def minimise_relu(start: Network) -> End:
    """Descend from these weights through smooth functions to a ReLU network."""
    weights, energies = (start.first, start.second), []
    for width in WIDTHS:
        network = Network(*weights, start.inputs, start.targets, smooth_relu(width))
        near = minimise(network, FIRST_EACH, whole=False)
        end = minimise(near.network, SECOND_EACH, damping=1e-3).network
        weights = (end.first, end.second)
        energies.append(float(Network(*weights, start.inputs, start.targets, RELU).energy))
    network = Network(*weights, start.inputs, start.targets, RELU)
    kinks = np.mean(np.sum(np.abs(network.first @ network.inputs) < NEAR * WIDTHS[-1], axis=1))
    before, last = energies[-2:]
    return End(network, False, abs(before - last), float(kinks))


DESCENTS = {"tanh": minimise_tanh, "relu": minimise_relu}
