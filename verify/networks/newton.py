"""Minima of the loss by damped steps of Newton's method that solve for the incoming weights alone.

A step solves (H + mu) d = -g for all P weights. Over the outgoing ones H is I x C with C = h h'/m, of n1
rows: they are eliminated exactly, and what is factored is the Schur complement

    S = H11 + mu - H12 (I x (C + mu))^-1 H21,

n1 n0 rows in place of n1 (n0 + n2). It is formed from sums over the examples without H itself (`hessian`):

    H11 = (W2'W2)_{aa'} A_{ab,a'b'} + delta_{aa'} curvature,   H12 = (W2)_{ca} M_{ab,d} + delta_{ad} T_{ab,c},

A, M sums of d x x' d and of d x h, T the blocks of H1. With H0 in place of H (the last terms dropped) steps
are those of Levenberg and Marquardt. They come first, for H is indefinite far from minima; H makes the end
quadratic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from .hessian import curvature_blocks, mixed_blocks
from .network import Network

Real = NDArray[np.floating]
FLAT = 1e-11  # |grad L| at which a point counts as critical
ROUNDING = 1e-13  # relative changes of the loss below it tell nothing
TINY, HUGE = 1e-15, 1e12  # range of mu


@dataclass(frozen=True)
class Descent:
    """Where a descent ended.

    gradient: |grad L| there. steps: how many were tried. drop: by how much the loss fell in the second half.
    """

    network: Network
    gradient: float
    steps: int
    drop: float


def minimise(network: Network, steps: int, *, whole: bool = True, damping: float = 0.1) -> Descent:
    """Descend from one network until |grad L| <= `FLAT` or so many steps are tried; mu by Nielsen's rule.

    whole: steps use H; otherwise H0. damping: the first mu. The loss never rises beyond rounding.
    """
    if network.batch:
        raise ValueError(f"one network is wanted, got a stack of shape {network.batch}")
    mu, growth = damping, 2.0
    loss, parts = float(network.loss), Parts(network, whole)
    losses: list[float] = []
    while parts.size > FLAT and len(losses) < steps and mu < HUGE:
        losses.append(loss)
        try:
            step = parts.step(mu)
        except np.linalg.LinAlgError:  # S is not positive
            mu *= 4
            continue
        tried = network.at(network.parameters + step)
        fallen = loss - float(tried.loss)
        hidden = abs(fallen) < ROUNDING * loss
        following = Parts(tried, whole) if fallen > 0 or hidden else None
        if following is not None and (not hidden or following.size < parts.size):
            gain = fallen / parts.promise(step, mu)
            network, loss, parts = tried, float(tried.loss), following
            mu, growth = max(mu * max(1 / 8, 1 - (2 * gain - 1) ** 3), TINY) if gain > 0 else mu, 2.0
        else:
            mu, growth = mu * growth, 2 * growth
    middle = losses[len(losses) // 2] if losses else loss
    return Descent(network, parts.size, len(losses), middle - loss)


class Parts:
    """What a step takes of one network, whatever mu is; see above."""

    def __init__(self, network: Network, whole: bool) -> None:
        hidden, slope, _ = network.jet
        n0, n1, n2, m = network.sizes
        masked = (slope[:, None, :] * network.inputs).reshape(n1 * n0, m)
        self.sizes, self.second = (n0, n1, n2), network.second
        self.first_part = (masked @ masked.T / m).reshape(n1, n0, n1, n0)
        self.weights = network.second.T @ network.second
        self.mixed = masked @ hidden.T / m
        self.corner = hidden @ hidden.T / m
        self.residual = mixed_blocks(network) if whole else None
        self.curvature = curvature_blocks(network) if whole else None
        self.gradient = network.gradient()
        self.size = float(np.linalg.norm(self.gradient))

    def step(self, mu: float) -> Real:
        """-(H + mu)^-1 g, (P,); `LinAlgError` where H + mu is not positive."""
        n0, n1, n2 = self.sizes
        inverse = np.linalg.inv(self.corner + mu * np.eye(n1))
        first = self.gradient[: n1 * n0]
        second = self.gradient[n1 * n0 :].reshape(n2, n1)
        factor = cho_factor(self._complement(inverse, mu), lower=True, overwrite_a=True, check_finite=False)
        one = -cho_solve(factor, first - self._side(second @ inverse), check_finite=False)
        other = -(second + self._side_transposed(one)) @ inverse
        return np.concatenate([one, other.ravel()])

    def promise(self, step: Real, mu: float) -> float:
        """How much the loss would fall if it were quadratic: -g.d - d.H d/2 with H d = -g - mu d."""
        return float((mu * (step @ step) - self.gradient @ step) / 2)

    def _complement(self, inverse: Real, mu: float) -> Real:
        """S, (n1 n0, n1 n0)."""
        n0, n1, n2 = self.sizes
        solved = self.mixed @ inverse
        whole = self.first_part - (solved @ self.mixed.T).reshape(n1, n0, n1, n0)
        whole *= self.weights[:, None, :, None]
        if self.residual is not None:
            back = (self.residual @ self.second).transpose(2, 0, 1)  # (a, a', b')
            crossed = solved.reshape(n1, n0, n1, 1) * back[:, None]
            whole -= crossed
            whole -= crossed.transpose(2, 3, 0, 1)
            rows = self.residual.reshape(n1 * n0, n2)
            whole -= (rows @ rows.T).reshape(n1, n0, n1, n0) * inverse[:, None, :, None]
        if self.curvature is not None:
            for a in range(n1):
                whole[a, :, a, :] += self.curvature[a]
        result = whole.reshape(n1 * n0, n1 * n0)
        result[np.diag_indices(n1 * n0)] += mu
        return result

    def _side(self, outgoing: Real) -> Real:
        """H12 v for v (n2, n1), (n1 n0,)."""
        n0, n1, _ = self.sizes
        result = np.einsum("abd,da->ab", self.mixed.reshape(n1, n0, n1), outgoing.T @ self.second)
        if self.residual is not None:
            result = result + np.einsum("abc,ca->ab", self.residual, outgoing)
        return result.ravel()

    def _side_transposed(self, incoming: Real) -> Real:
        """H21 u for u (n1 n0,), (n2, n1)."""
        n0, n1, _ = self.sizes
        rows = incoming.reshape(n1, n0)
        result = self.second @ np.einsum("ab,abd->ad", rows, self.mixed.reshape(n1, n0, n1))
        if self.residual is not None:
            result = result + np.einsum("ab,abc->ca", rows, self.residual)
        return np.asarray(result)
