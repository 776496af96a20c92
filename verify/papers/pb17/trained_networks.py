"""Trained networks for Pennington & Bahri (2017), digits in place of CIFAR-10: figures 2, S1, S2, section
5.2.4.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...chi_square import student_quantile
from ...ledger import Finding, sampled
from ...networks import turned_experiment, weights_experiment
from ...networks.training import descend
from ...networks.turned import Turned, turned
from ...networks.weights_experiment import Trained
from ..deciding import FALSE_ALARM, every
from .beyond_images import images

Real = NDArray[np.float64]
STEPS = (0, 16, 256, 2048)
RUNS, TURNS = 12, 2
CLASSIFIERS, CLASSIFIER_STEPS = 24, 1024
TRAINED = 0.9  # share of the images that a trained network tells


def _enough(runs: int, statistics: int) -> float:
    """Standard errors, themselves from so many networks, exceeded by so many means at the false alarm."""
    return student_quantile(FALSE_ALARM / statistics, freedom=runs - 1)


def _mean_error(values: Any) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


# --- figures 2 and S2 -----------------------------------------------------------------------------


@cache
def evolutions() -> tuple[tuple[Turned, ...], ...]:
    """Autoencoders of 16-20-16 units on 150 digits, a row for each, seen at `STEPS`."""
    seeds = np.random.SeedSequence(64).spawn(RUNS)
    return tuple(tuple(turned_experiment.observe(images(), STEPS, TURNS, seed)) for seed in seeds)


@cache
def without_rescalings() -> tuple[Turned, ...]:
    """The same autoencoders at the last of `STEPS`, without the rescalings."""
    found = []
    for seed in np.random.SeedSequence(64).spawn(RUNS):
        rng = np.random.default_rng(seed)
        (network,) = descend(turned_experiment.autoencoder(images(), rng), STEPS[-1:])
        found.append(turned(network, TURNS, rng, bare=True))
    return tuple(found)


def _discrepancy(step: int, bound: float, statistics: int) -> Finding:
    place = STEPS.index(step)
    pairs = np.array([row[place].kolmogorov for row in evolutions()])
    (own, error), (floor, _) = _mean_error(pairs[:, 0]), _mean_error(pairs[:, 1])
    text = f"{own:.3f} +- {error:.3f} (two turned sums: {floor:.3f}) after {step} steps"
    numbers = {f"after {step} steps": own, f"noise floor after {step} steps": floor}
    return Finding(own - _enough(RUNS, statistics) * error < bound, text, numbers)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a mean difference that exceeds the stated one by 0.01",
)
def trained_spectra_agree(formula: Any) -> Finding:
    """(difference): the largest of the distribution functions, on average over trained networks."""
    (bound,) = map(float, formula)
    found = _discrepancy(STEPS[-1], bound, 1)
    last = [row[-1] for row in evolutions()]
    energy, moved = (float(np.mean(v)) for v in ([o.energy for o in last], [o.wasserstein[0] for o in last]))
    own, sums = (float(np.mean([one.index[k] for one in last])) for k in (0, 1))
    bare = [_mean_error([one.kolmogorov[0] for one in without_rescalings()])[0]] + [
        float(np.mean([one.index[k] for one in without_rescalings()])) for k in (0, 1)
    ]
    text = (
        f"{RUNS} autoencoders of 16-20-16 units on 150 digits, trained to eps = {energy:.3f}: the "
        f"distribution functions of H0 + H1 and H0 + Q H1 Q' differ by at most {found.text}, which is seen "
        f"above the noise; eigenvalues move by {moved:.4f} standard deviations on average. The indices do "
        f"not agree: {own:.4f} and {sums:.4f}. About half of that are the 20 rescalings (a share 0.0312), "
        f"along which both parts vanish at a critical point: without them the difference is {bare[0]:.3f} "
        f"and the indices are {bare[1]:.4f} and {bare[2]:.4f}"
    )
    numbers = {**found.numbers, "networks": RUNS, "index": own, "index of turned sums": sums}
    return Finding(found.holds, text, numbers)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a mean difference that exceeds a stated one by 0.025",
)
def spectra_agree_along_training(formula: Any) -> Finding:
    """(at every step, at the last): the largest difference of distribution functions, on average."""
    always, finally_ = map(float, formula)
    found = [_discrepancy(step, always, len(STEPS) + 1) for step in STEPS]
    whole = every(*found, _discrepancy(STEPS[-1], finally_, len(STEPS) + 1))
    text = (
        f"{RUNS} autoencoders of 16-20-16 units on 150 digits: the distribution functions of H0 + H1 and H0 "
        f"+ Q H1 Q' differ at most by {'; '.join(one.text for one in found)}"
        if whole.holds
        else whole.text
    )
    return Finding(whole.holds, text, whole.numbers)


# --- weights --------------------------------------------------------------------------------------


@cache
def classifiers() -> tuple[Trained, ...]:
    """Networks of 50 hidden units on 500 digits of full size."""
    seeds = np.random.SeedSequence(65).spawn(CLASSIFIERS)
    return tuple(weights_experiment.observe(images(), CLASSIFIER_STEPS, seed) for seed in seeds)


def _moment(name: str, which: int) -> tuple[float, float]:
    return _mean_error([getattr(one.after[which], name) for one in classifiers()])


def _rejected(which: int) -> int:
    return sum(one.after[which].normality < weights_experiment.LEVEL for one in classifiers())


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a mean excess kurtosis of W1 of 0.25; moments and ratios that were "
    "seen are 9 standard errors or more from 0 and 1",
)
def weights_of_classifiers(formula: Any) -> Finding:
    """Signs of the excess kurtosis of W1, of the skewness of W2, of |W2 W1| over shuffled ones less 1.

    0 where the mean over networks is not told from 0.
    """
    enough = _enough(CLASSIFIERS, 6)
    first, second = _moment("kurtosis", 0), _moment("skewness", 1)
    product = _mean_error([one.products[1] for one in classifiers()])
    told = float(np.min([one.told for one in classifiers()]))
    signs = tuple(
        0 if abs(mean) < enough * error else 1 if mean > 0 else -1
        for mean, error in (first, second, (product[0] - 1, product[1]))
    )
    moved = [float(np.mean([one.after[k].moved for one in classifiers()])) for k in (0, 1)]
    text = (
        f"{CLASSIFIERS} networks of 50 hidden units on 500 digits of 8 x 8, each of which tells {told:.0%} "
        f"of its images or more; weights have moved by {moved[0]:.2f} and {moved[1]:.2f} of their norm. "
        f"Excess kurtosis of W1 {first[0]:.3f} +- {first[1]:.3f}, skewness of W2 {second[0]:.3f} +- "
        f"{second[1]:.3f}; Shapiro and Wilk's test at 1 % rejects {_rejected(0)} W1 and {_rejected(1)} W2; "
        f"|W2 W1| over that of the same entries in random order is {product[0]:.3f} +- {product[1]:.3f}"
    )
    numbers = {"kurtosis of W1": first[0], "skewness of W2": second[0], "product": product[0]}
    return Finding(told > TRAINED and signs == tuple(formula), text, numbers)
