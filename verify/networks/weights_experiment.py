"""Figure S1 as an experiment: weights of classifying networks before and after training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from .data import Images, Source
from .estimates import mean_and_error
from .network import Network, initial_weights
from .runs import each
from .training import descend
from .weights import Shape, product_ratio, shape

Real = NDArray[np.floating]
UNITS, IMAGES = 50, 500
RUNS: Mapping[str, tuple[int, int]] = {"quick": (12, 2048), "paper": (64, 8192)}  # networks, steps
BINS = 40
LEVEL = 0.01  # of the tests of normality that are counted


@dataclass(frozen=True)
class Trained:
    """One network: its loss at the first and the last step, the share of images it tells, its weights.

    dark: the share of pixels that do not vary over the images; their weights stay as they were. products:
    `product_ratio` before and after.
    """

    losses: tuple[float, float]
    told: float
    dark: float
    products: tuple[float, float]
    weights: tuple[Real, Real]
    before: tuple[Shape, Shape]
    after: tuple[Shape, Shape]


@dataclass(frozen=True)
class Weights:
    """One of the two matrices, over all networks.

    shape: of the matrix. edges, heights: of the entries of the first network, a density. before, after: means
    and standard errors over networks. rejected: shares of networks whose entries the test of normality
    rejects at `LEVEL`, before and after training.
    """

    shape: tuple[int, int]
    edges: Real
    heights: Real
    before: tuple[Shape, Shape]
    after: tuple[Shape, Shape]
    rejected: tuple[float, float]


@dataclass(frozen=True)
class WeightsFigure:
    """Figure S1. losses: mean ones before and after. told: mean share of training images told apart.

    products: `product_ratio` before and after, each with its standard error.
    """

    source: str
    runs: int
    steps: int
    losses: tuple[float, float]
    told: float
    dark: float
    products: tuple[tuple[float, float], tuple[float, float]]
    first: Weights
    second: Weights


def observe(source: Images, steps: int, seed: np.random.SeedSequence) -> Trained:
    """One network of 50 units on 500 images of full size; targets are unit vectors, one for each class."""
    rng = np.random.default_rng(seed)
    inputs, classes = source.draw_classified(IMAGES, rng)
    start = Network(*initial_weights(len(inputs), UNITS, len(classes), rng), inputs, classes)
    (end,) = descend(start, (steps,))
    told = np.mean(np.argmax(end.outputs, axis=0) == np.argmax(classes, axis=0))
    pairs = ((start.first, end.first), (start.second, end.second))
    before = [shape(old, old, rng) for old, _ in pairs]
    after = [shape(new, old, rng) for old, new in pairs]
    return Trained(
        (float(start.loss), float(end.loss)),
        float(told),
        float(np.mean(np.ptp(inputs, axis=1) == 0)),
        (product_ratio(start.first, start.second, rng), product_ratio(end.first, end.second, rng)),
        (np.asarray(end.first), np.asarray(end.second)),
        (before[0], before[1]),
        (after[0], after[1]),
    )


def weights_figure(
    source: Source, *, scale: str = "quick", seed: int = 101, jobs: int = 1, quiet: bool = False
) -> WeightsFigure:
    """Figure S1; scale "quick" takes some ten seconds on digits, "paper" twenty times as long."""
    if scale not in RUNS:
        raise ValueError(f"scale must be one of {', '.join(RUNS)}, got {scale!r}")
    if not isinstance(source, Images):
        raise ValueError(f"figure S1 takes images with classes, got {source.name}")
    runs, steps = RUNS[scale]
    seeds = np.random.SeedSequence([seed, UNITS]).spawn(runs)
    found = each(observe, [(source, steps, one) for one in seeds], title="figure S1", jobs=jobs, quiet=quiet)
    return WeightsFigure(
        source.name,
        runs,
        steps,
        (float(np.mean([one.losses[0] for one in found])), float(np.mean([one.losses[1] for one in found]))),
        float(np.mean([one.told for one in found])),
        float(np.mean([one.dark for one in found])),
        (_pair([one.products[0] for one in found]), _pair([one.products[1] for one in found])),
        summary(found, 0),
        summary(found, 1),
    )


def summary(found: Sequence[Trained], which: int) -> Weights:
    """W1 (0) or W2 (1) of several networks."""
    matrix = found[0].weights[which]
    reach = float(np.abs(matrix).max())
    edges = np.linspace(-reach, reach, BINS + 1)
    before, after = [one.before[which] for one in found], [one.after[which] for one in found]
    rejected = [float(np.mean([one.normality < LEVEL for one in row])) for row in (before, after)]
    return Weights(
        (matrix.shape[0], matrix.shape[1]),
        edges,
        np.histogram(matrix, edges, density=True)[0],
        _means(before),
        _means(after),
        (rejected[0], rejected[1]),
    )


def _pair(values: Sequence[float]) -> tuple[float, float]:
    mean, error = mean_and_error(values)
    return float(mean), float(error)


def _means(shapes: Sequence[Shape]) -> tuple[Shape, Shape]:
    means, errors = mean_and_error([astuple(one) for one in shapes])
    return Shape(*map(float, means)), Shape(*map(float, errors))
