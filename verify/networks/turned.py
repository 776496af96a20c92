"""H0 + H1 beside H0 + Q H1 Q': how far the two parts of a Hessian are from free of each other.

Q is orthogonal of Haar measure, so that H0 and Q H1 Q' are free for large matrices (section 5.2.1 of
Pennington & Bahri). Two such spectra differ from each other as well, for Q is random: the distances between
them are the noise floor of the distances from H0 + H1.

A homogeneous network has n1 rescalings: W1_a up, W2_a down. Along them the loss is constant, so at a critical
point H0 and H1 vanish there both, which free parts would not. `bare` leaves these directions out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .hessian import first_part, residual_part
from .network import Network, flat
from .spectra import index

Real = NDArray[np.floating]


@dataclass(frozen=True)
class Turned:
    """One network.

    energy, squared_gradient: eps and J_g. spectrum: of H0 + H1, ascending, (P,). turned: of H0 + Q H1 Q' for
    some Q, (k, P). ratio: |H1| over |H0| (Frobenius).
    """

    energy: float
    squared_gradient: float
    spectrum: Real
    turned: Real
    ratio: float

    @property
    def kolmogorov(self) -> tuple[float, float]:
        """Mean largest difference of distribution functions from the turned; the same between those."""
        pairs = combinations(self.turned, 2)
        own = [largest_difference(self.spectrum, other) for other in self.turned]
        return float(np.mean(own)), float(np.mean([largest_difference(*pair) for pair in pairs]))

    @property
    def wasserstein(self) -> tuple[float, float]:
        """Mean way eigenvalues must move to the turned, in standard deviations; the same between those."""
        pairs = combinations(self.turned, 2)
        own = float(np.mean(np.abs(self.spectrum - self.turned)))
        floor = float(np.mean([np.mean(np.abs(one - other)) for one, other in pairs]))
        return own / float(self.spectrum.std()), floor / float(self.spectrum.std())

    @property
    def index(self) -> tuple[float, float]:
        """Shares of negative eigenvalues: of H0 + H1, and the mean one of the turned."""
        return float(index(self.spectrum)), float(np.mean(index(self.turned)))


def turned(network: Network, turns: int, rng: np.random.Generator, *, bare: bool = False) -> Turned:
    """Spectra of one network and of so many turned sums, at least two.

    bare: both parts are restricted to the complement of the rescalings before H1 is turned.
    """
    if turns < 2:
        raise ValueError(f"a noise floor takes at least two turned sums, got {turns}")
    first, second = first_part(network), residual_part(network)
    if bare:
        basis = complement(rescalings(network))
        first, second = basis.T @ first @ basis, basis.T @ second @ basis
    sums = []
    for _ in range(turns):
        turn = haar(len(first), rng)
        sums.append(np.linalg.eigvalsh(first + turn @ second @ turn.T))
    return Turned(
        float(network.energy),
        float(network.squared_gradient()),
        np.linalg.eigvalsh(first + second),
        np.stack(sums),
        float(np.linalg.norm(second) / np.linalg.norm(first)),
    )


def rescalings(network: Network) -> Real:
    """The directions (W1_a, -W2_a) of one homogeneous network, (P, n1); they are orthogonal to each other."""
    if not network.activation.homogeneous:
        raise ValueError(f"a {network.activation.name} network has no rescalings")
    units = np.eye(len(network.first))
    return np.stack([flat(one[:, None] * network.first, -one * network.second) for one in units], axis=1)


def complement(directions: Real) -> Real:
    """An orthonormal basis of what is orthogonal to all columns, which must be independent of each other."""
    whole, _ = np.linalg.qr(directions, mode="complete")
    return np.asarray(whole[:, directions.shape[1] :])


def haar(size: int, rng: np.random.Generator) -> Real:
    """An orthogonal matrix of Haar measure: Q of a normal matrix, with the signs that make R positive."""
    turn, upper = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(turn * np.sign(np.diagonal(upper)))


def largest_difference(one: Real, other: Real) -> float:
    """The largest difference of the distribution functions of two spectra, each ascending."""
    everywhere = np.concatenate([one, other])
    below = [np.searchsorted(each, everywhere, side="right") / len(each) for each in (one, other)]
    return float(np.max(np.abs(below[0] - below[1])))
