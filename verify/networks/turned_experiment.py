"""Figures 2 and S2 as experiments: the two sums along training, of one network and of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .data import Source
from .estimates import mean_and_error
from .network import Network, initial_weights
from .runs import each
from .training import STEPS, descend
from .turned import Turned, turned

Real = NDArray[np.floating]
Entry = TypeVar("Entry")
INPUTS, UNITS, IMAGES = 16, 20, 150  # of the supplement, section 4
TURNS: Mapping[str, int] = {"quick": 16, "paper": 64}  # of figure 2
RUNS: Mapping[str, tuple[int, int]] = {"quick": (8, 3), "paper": (64, 8)}  # networks and turns of figure S2


@dataclass(frozen=True)
class Stage:
    """One network after so many steps.

    spectrum: of H0 + H1. turned: of H0 + Q H1 Q', a row for each Q. kolmogorov, wasserstein, index: see
    `turned.Turned`. rescalings: the share of directions along which no output changes.
    """

    step: int
    source: str
    energy: float
    squared_gradient: float
    spectrum: Real
    turned: Real
    kolmogorov: tuple[float, float]
    wasserstein: tuple[float, float]
    index: tuple[float, float]
    rescalings: float


@dataclass(frozen=True)
class TrainedFigure:
    """Figure 2: a trained network with all its directions, and without the rescalings."""

    whole: Stage
    bare: Stage


@dataclass(frozen=True)
class Evolution:
    """Figure S2: means over networks with their standard errors, (steps,) each.

    stages: one network. kolmogorov, wasserstein, index: two pairs of means and errors each: distance and
    noise floor; H0 + H1 and H0 + Q H1 Q'.
    """

    steps: tuple[int, ...]
    source: str
    runs: int
    turns: int
    stages: tuple[Stage, ...]
    energy: tuple[Real, Real]
    kolmogorov: tuple[tuple[Real, Real], tuple[Real, Real]]
    wasserstein: tuple[tuple[Real, Real], tuple[Real, Real]]
    index: tuple[tuple[Real, Real], tuple[Real, Real]]
    rescalings: float


def autoencoder(source: Source, rng: np.random.Generator) -> Network:
    """The network of the supplement at initialisation."""
    weights = initial_weights(INPUTS, UNITS, INPUTS, rng)
    inputs = source.draw(INPUTS, IMAGES, rng)
    return Network(*weights, inputs, inputs)


def observe(source: Source, steps: Sequence[int], turns: int, seed: np.random.SeedSequence) -> list[Turned]:
    """One network along training."""
    rng = np.random.default_rng(seed)
    return [turned(network, turns, rng) for network in descend(autoencoder(source, rng), steps)]


def observe_trained(source: Source, turns: int, seed: np.random.SeedSequence) -> tuple[Turned, Turned]:
    """One network at the last step, with and without the rescalings."""
    rng = np.random.default_rng(seed)
    (network,) = descend(autoencoder(source, rng), STEPS[-1:])
    return turned(network, turns, rng), turned(network, turns, rng, bare=True)


def trained_figure(
    source: Source, *, scale: str = "quick", seed: int = 2, jobs: int = 1, quiet: bool = False
) -> TrainedFigure:
    """Figure 2: one network at the last step; some seconds."""
    calls = [(source, _of(TURNS, scale), np.random.SeedSequence([seed, 2]))]
    ((whole, bare),) = each(observe_trained, calls, title="figure 2", jobs=jobs, quiet=quiet)
    return TrainedFigure(stage(STEPS[-1], source, whole), stage(STEPS[-1], source, bare))


def evolution_figure(
    source: Source, *, scale: str = "quick", seed: int = 102, jobs: int = 1, quiet: bool = False
) -> Evolution:
    """Figure S2; scale "quick" takes a minute or two on one processor, "paper" twenty times as long."""
    runs, turns = _of(RUNS, scale)
    seeds = np.random.SeedSequence([seed, 102]).spawn(runs)
    calls = [(source, STEPS, turns, one) for one in seeds]
    found = each(observe, calls, title="figure S2", jobs=jobs, quiet=quiet)
    return evolution(source, STEPS, found)


def stage(step: int, source: Source, found: Turned) -> Stage:
    """What is drawn of one network."""
    return Stage(
        step,
        source.name,
        found.energy,
        found.squared_gradient,
        found.spectrum,
        found.turned,
        found.kolmogorov,
        found.wasserstein,
        found.index,
        1 / (2 * INPUTS),
    )


def evolution(source: Source, steps: Sequence[int], found: Sequence[Sequence[Turned]]) -> Evolution:
    """Means over networks, each seen at all steps."""

    def pair(name: str) -> tuple[tuple[Real, Real], tuple[Real, Real]]:
        table = np.array([[getattr(one, name) for one in row] for row in found])
        return mean_and_error(table[..., 0]), mean_and_error(table[..., 1])

    return Evolution(
        tuple(steps),
        source.name,
        len(found),
        len(found[0][0].turned),
        tuple(stage(step, source, one) for step, one in zip(steps, found[0], strict=True)),
        mean_and_error([[one.energy for one in row] for row in found]),
        pair("kolmogorov"),
        pair("wasserstein"),
        pair("index"),
        1 / (2 * INPUTS),
    )


def _of(table: Mapping[str, Entry], scale: str) -> Entry:
    if scale not in table:
        raise ValueError(f"scale must be one of {', '.join(table)}, got {scale!r}")
    return table[scale]
