"""Hessians of ReLU networks in the limit of many Gaussian examples at fixed weights: phi -> 0, exactly.

Everything follows from T_{aa'} = E[theta(w_a.x) theta(w_a'.x) x x'] for x standard normal. With the angle t
between w_a and w_a' both units are active on a wedge of width pi - t around the bisector b of the two
directions; integrated over the wedge, with p across it in their plane,

    T_{aa'} = (pi - t)/(2 pi) I + sin t/(2 pi) (b b' - p p'),
    b b' - p p' = (u v' + v u' - cos t (u u' + v v')) / sin^2 t,      u, v the unit vectors of w_a, w_a'.

The activities are h_a = w_a.x theta(w_a.x), so E[theta_a x h_d] = T_{ad} w_d and E[h_a h_d] = w_a' T_{ad}
w_d.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating]


def masked_covariances(first: Real) -> Real:
    """T_{aa'}, (n1, n1, n0, n0), for the rows of W1 (n1 x n0)."""
    units = first / np.linalg.norm(first, axis=1, keepdims=True)
    cosine = np.clip(units @ units.T, -1, 1)
    sine = np.sqrt(1 - cosine**2)
    angle = np.arccos(cosine)
    same = np.eye(len(first), dtype=bool)
    angle[same] = sine[same] = 0
    over_sine = np.divide(1, sine, out=np.zeros_like(sine), where=sine > 0)[..., None, None]
    crossed = units[:, None, :, None] * units[None, :, None, :]  # u v'
    own = units[:, :, None] * units[:, None, :]  # u u'
    pairs = own[:, None] + own[None, :]
    plane = (crossed + np.swapaxes(crossed, -1, -2) - cosine[..., None, None] * pairs) * over_sine
    spread = (np.pi - angle)[..., None, None] * np.eye(first.shape[1])
    result: Real = (spread + plane) / (2 * np.pi)
    return result


def population_first_part(first: Real, second: Real) -> Real:
    """The limit of H0 as m -> oo, (P, P), parameters in the order of `network`."""
    n1, n0 = first.shape
    n2 = len(second)
    table = masked_covariances(first)
    top = np.swapaxes(table * (second.T @ second)[:, :, None, None], 1, 2).reshape(n1 * n0, n1 * n0)
    mixed = np.einsum("adbk,dk->abd", table, first)
    side = np.einsum("ca,abd->abcd", second, mixed).reshape(n1 * n0, n2 * n1)
    corner = np.einsum("abd,ab->ad", mixed, first)
    return np.block([[top, side], [side.T, np.kron(np.eye(n2), corner)]])


def population_autoencoder(first: Real, second: Real) -> tuple[Real, float]:
    """The blocks of H12 (23), (n1, n0, n0), and the energy eps of an autoencoder as m -> oo.

    Block a is E[theta_a x e'] with e = W2 h - x, so sum_d T_{ad} w_d W2_d' - I/2: the network's own residuals
    leave a part that more examples do not average away.
    """
    table = masked_covariances(first)
    hidden = np.einsum("adbk,dk->adb", table, first)  # E[theta_a x h_d]
    blocks: Real = np.einsum("adb,cd->abc", hidden, second) - np.eye(first.shape[1]) / 2
    products = np.einsum("adb,ab->ad", hidden, first)  # E[h_a h_d]
    # E[h_d x] = w_d / 2
    squares = np.sum((second.T @ second) * products) - np.sum(second.T * first) + first.shape[1]
    return blocks, float(squares) / (2 * first.shape[1])


def population_gap(first: Real, second: Real) -> float:
    """The smallest eigenvalue of that limit beside the n1 zeros of the rescalings."""
    return float(np.linalg.eigvalsh(population_first_part(first, second))[len(first)])
