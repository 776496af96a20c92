"""How many null directions H0 = J J'/m has, counted from small matrices, each with its reason.

Let n2 >= n1 and W2 have full column rank. A vector c over outputs (i, mu) is orthogonal to the rows of J if,
with C' = W2' c, c h' = 0 and sum_mu C'_{a mu} d_{a mu} x_{b mu} = 0 for all a, b. The n1 rows of C' and n2 -
n1 further combinations of the rows of c are free of each other, so

    rank J = (n2 - n1) rank(h) + sum_a rank(h ; x D_a),      D_a = diag(d_{a mu}),

small ranks of h (n1 x m) with x D_a (n0 x m) under it. For ReLU h_a = W1_a x D_a lies in both, which is the
rescaling of unit a: W1_a up, W2_a down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .network import Network


@dataclass(frozen=True)
class NullDirections:
    """Numbers of independent null directions of H0.

    rescalings: one for each live unit of a homogeneous network (0 otherwise): incoming weights up, outgoing
    down. unseen: weights that no example reaches: incoming ones orthogonal to all inputs on which their unit
    is active, and outgoing ones of units that are active on none. surplus: the rest: more parameters than the
    examples tell apart (linear networks: mixing of units).
    """

    rescalings: int
    unseen: int
    surplus: int

    @property
    def total(self) -> int:
        """P - rank J."""
        return self.rescalings + self.unseen + self.surplus


def null_directions(network: Network) -> NullDirections:
    """The count for one network (no leading axes), exact but for the rounding of ranks of small matrices.

    `ValueError` unless n2 >= n1 and W2 has full column rank.
    """
    n0, n1, n2, _ = network.sizes
    if network.batch:
        raise ValueError(f"null directions are counted for one network, not for a stack {network.batch}")
    if np.linalg.matrix_rank(network.second) < n1:
        raise ValueError(
            f"the count needs W2 of full column rank, so n2 >= n1; W2 is {n2} x {n1} of rank "
            f"{np.linalg.matrix_rank(network.second)}"
        )
    hidden, slope, _ = network.jet
    seen = slope[:, None, :] * network.inputs[None, :, :]  # x D_a, a matrix for each unit
    ranks = np.linalg.matrix_rank(seen)
    stacked = np.concatenate([np.broadcast_to(hidden, (n1, *hidden.shape)), seen], axis=1)
    rank = (n2 - n1) * np.linalg.matrix_rank(hidden) + np.linalg.matrix_rank(stacked).sum()
    live = ranks > 0
    rescalings = int(live.sum()) if network.activation.homogeneous else 0
    unseen = int(np.sum(n0 - ranks) + n2 * np.sum(~live))
    return NullDirections(rescalings, unseen, int(network.parameter_count - rank) - rescalings - unseen)
