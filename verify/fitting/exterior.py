"""A law seen from outside its spectrum: Chebyshev statistics, their means, covariance and bias.

On the exterior of an interval of centre c and half-width h that holds the spectrum, z = c + (h/2) (u +
1/u) with |u| > 1. The statistics of a spectrum are S_k = sum_i T_k((lambda_i - c) / h), k = 1, ..., K,
and

    log det(z - H) = N log(h u / 2) - sum_k (2/k) S_k u^-k.

So whatever is known of log det(z - H) is known of S_k, by its Laurent coefficients [u^-k]:

    mean        N m_k,  m_k = [u^-(k+1)] (1/2) G(z) dz/du
    covariance  (k l / 4) [u^-k v^-l] C(x, y),  C the covariance of log det at x(u) and y(v)
    bias        -(k/2) [u^-k] B(z),             B the O(1) part of E log det
    spike       -(k/2) [u^-k] log((w(z) - theta) (h/2) u / ((z - place) w(z)))

the last for an outlier that is left out of the sums: a spike theta at place = H(theta) multiplies det(z
- H) by 1 - theta G(z), and the factor z - place goes with the outlier. For free sums of Gaussian Wigner
and Wishart matrices C = (2/beta) log[(w(x) - w(y)) / (x - y)] and B = (2/beta - 1) (1/2) log H'(w)
(`verify.fluctuations`), and with w = (h/2) (u + b_0 + b_1/u + ...),

    (w(x) - w(y)) / (x - y) = (1 - sum_ij b_(i+j-1) u^-i v^-j) / (1 - 1/(u v)),

so that C holds Grunsky's coefficients of the map u -> w. On the semicircle's own interval every b_k is 0
and S_k are independent, of variance k / (2 beta).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

RADIUS = 1.5
POINTS = 64  # on the circle |u| = RADIUS: aliases are smaller by RADIUS^-64 = 5e-12


@dataclass(frozen=True)
class Exterior:
    """The interval [centre - half, centre + half], the circle |u| = RADIUS around it, and K orders."""

    centre: float
    half: float
    orders: int

    @cached_property
    def k(self) -> Real:
        """1, ..., K."""
        return np.arange(1.0, self.orders + 1)

    @cached_property
    def u(self) -> Complex:
        """Points of the upper half of the circle, none of them real."""
        angle = (np.arange(POINTS // 2) + 0.5) * (2 * np.pi / POINTS)
        return RADIUS * np.exp(1j * angle)

    @cached_property
    def z(self) -> Complex:
        """The points in the plane of the spectrum."""
        return self.centre + self.half / 2 * (self.u + 1 / self.u)

    def laurent(self, values: Complex, most: int) -> Real:
        """Coefficients of u^0, u^-1, ..., u^-most of a function that is real on the real axis.

        values: (..., POINTS / 2), on the upper half of the circle. Shape (..., most + 1).
        """
        powers = self.u ** np.arange(most + 1)[:, None]
        return np.asarray((values @ powers.T).real * (2 / POINTS))

    def statistics(self, eigenvalues: Real, weights: Real | None = None) -> Real:
        """S_k, or sum_i weight_i T_k where there are weights."""
        t = (eigenvalues - self.centre) / self.half
        before, now = np.ones_like(t), t
        found = []
        for _ in range(self.orders):
            found.append(now.sum() if weights is None else now @ weights)
            before, now = now, 2 * t * now - before
        return np.array(found)

    def means(self, transform: Complex) -> Real:
        """m_k of G, or of a derivative of G by a parameter; transform: (..., points) -> (..., K)."""
        inside = transform * (self.half / 4) * (self.u - 1 / self.u)
        return self.laurent(inside, self.orders)[..., 1:]

    def spike(self, w: Complex, theta: float, place: float) -> Real:
        """Shift of S_k by a spike whose outlier is left out of the sums."""
        ratio = (w - theta) * (self.half / 2) * self.u / ((self.z - place) * w)
        return -self.k / 2 * self.laurent(logarithm(ratio), self.orders)[1:]

    def of_logarithm(self, both: Real) -> Real:
        """Covariance of S_k from the coefficients (K, K) of the covariance of log det."""
        return np.outer(self.k, self.k) / 4 * both

    def of_bias(self, coefficients: Real) -> Real:
        """Bias of S_k from the coefficients of u^-1, ..., u^-K of the bias of log det.

        Or whatever else is linear in log det, such as its covariance with something.
        """
        return -self.k / 2 * coefficients


def free_sum(exterior: Exterior, w: Complex, beta: int) -> tuple[Real, Real]:
    """Covariance (K, K) and bias (K,) of S_k for free sums of Gaussian Wigner and Wishart matrices."""
    orders = exterior.orders
    b = exterior.laurent(w / (exterior.half / 2), 2 * orders - 1)
    places = np.add.outer(np.arange(1, orders + 1), np.arange(orders))
    grunsky = log_one_minus(b[places])
    covariance = exterior.of_logarithm(2 / beta * (grunsky + np.diag(1 / exterior.k)))
    slope = np.zeros(orders)
    slope[1:] = np.arange(1, orders) * b[1:orders]  # g'(u) = 1 - sum_k k b_k u^-(k+1)
    ends = np.where(exterior.k % 2 == 0, 2 / exterior.k, 0.0)  # -log(1 - u^-2)
    bias = exterior.of_bias((2 / beta - 1) / 2 * -(log_one_minus(slope[:, None])[:, 0] + ends))
    return covariance, bias


def free_sum_push(exterior: Exterior, w: Complex, at_edge: float, beta: int) -> Real:
    """d cov(S_k, log det) / dG where G is `at_edge`, (K,), for the same: what pushes that edge."""
    slope = 2 / beta / (at_edge * (at_edge * w - 1))  # d log(w - 1/G) / dG
    return exterior.of_bias(exterior.laurent(slope, exterior.orders)[1:])


def log_one_minus(b: Real) -> Real:
    """Coefficients of log(1 - sum_ij b_ij u^-i v^-j), i >= 1 in both; b and the result (rows, columns).

    A column alone is a series in u^-1. From (1 - b) times i-fold the logarithm = -i-fold b, order by order
    in u: i l_i = -i b_i + sum_(r < i) r l_r * b_(i-r), where * multiplies polynomials in v^-1.
    """
    rows, columns = b.shape
    found = np.zeros_like(b)
    for i in range(1, rows + 1):
        total = -i * b[i - 1]
        for r in range(1, i):
            left, right = found[r - 1], b[i - r - 1]
            if columns == 1:
                total = total + r * left * right
            else:
                total[1:] = total[1:] + r * np.convolve(left, right)[: columns - 1]
        found[i - 1] = total / i
    return found


def logarithm(values: Complex) -> Complex:
    """A continuous logarithm along the last axis."""
    return np.log(np.abs(values)) + 1j * np.unwrap(np.angle(values), axis=-1)
