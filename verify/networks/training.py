"""Gradient descent on the loss of a network, all examples at every step, as in the supplement, section 4."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .network import Network

RATE = 0.05  # of the supplement
STEPS = (0, *(2**k for k in range(14)))  # of figure S2: 0, 1, 2, 4, ..., 8192


def descend(network: Network, steps: Sequence[int], rate: float = RATE) -> list[Network]:
    """The network, or stack of networks, after so many steps theta -> theta - rate * d loss / d theta.

    steps: ascending, from 0 on. Nothing is random: the same network gives the same bits. Raises `ValueError`
    for other steps or a rate that is not positive, and `ArithmeticError` where the loss of a network grows
    beyond all bounds, for the rate is then too large for its Hessian.
    """
    if any(step < 0 for step in steps) or list(steps) != sorted(set(steps)):
        raise ValueError(f"steps must ascend from 0 on, got {list(steps)}")
    if not 0 < rate < np.inf:
        raise ValueError(f"the rate must be positive, got {rate}")
    found, at, done = [], network.parameters, 0
    for step in steps:
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(done, step):
                at = at - rate * network.at(at).gradient()
        done = step
        if not np.all(np.isfinite(at)):
            raise ArithmeticError(
                f"descent at the rate {rate} diverges within {step} steps; take a smaller one"
            )
        found.append(network.at(at))
    return found
