"""H - x at points of a law, expanded around the centre of each point.

With w = u + d around a centre u (see `centres`), q_j = u - p_j and y = x - H(u),

    H(w) - x = d (A + d R(d)) - y,      R(d) = sum_j c_j / (q_j^2 (q_j + d)) = B - d T(d),
    H'(w)    = A + d (2 R(d) - d P(d)), P(d) = sum_j c_j / (q_j + d)^2 / q_j^2,

exactly; the second form of R where d is small, since next to a neck B is the small sum of large terms.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic import double_double as dd
from ..arithmetic.double_double import DoubleDouble

# Next to an x = H(u) this close only the leading term of the expansion counts, and others underflow.
NOTHING = 1e-270
# More than the rounding error of a difference, relative to its terms.
BELOW = 2.0**-50


class Value(NamedTuple):
    """H(w) - x, H'(w), and the size of the terms of the former, for its rounding error."""

    residual: Any
    slope: Any
    size: FloatArray


@dataclass(frozen=True)
class LocalForm:
    """The expansion each of n points uses: y (n,), real or complex, c and q (k, n), A and B (n,)."""

    y: Any
    c: FloatArray
    q: FloatArray
    a: FloatArray
    b: FloatArray

    def take(self, index: Any) -> LocalForm:
        """Some of the points."""
        return LocalForm(*(getattr(self, field.name)[..., index] for field in fields(self)))

    def at(self, d: Any) -> Value:
        """H - x and H' at w = u + d, d real or complex."""
        far = self.q + d
        part = self.c / (self.q * self.q)
        inverse = 1.0 / far
        pulls = part * inverse
        near = np.abs(d) < 0.5 * np.abs(self.q).min(axis=0)
        r = np.where(near, self.b - d * (pulls / self.q).sum(axis=0), pulls.sum(axis=0))
        slope = self.a + d * (2.0 * r - d * (pulls * inverse).sum(axis=0))
        return Value(
            residual=d * (self.a + d * r) - self.y,
            slope=slope,
            size=np.abs(self.y) + np.abs(d) * (np.abs(self.a) + np.abs(d) * np.abs(r)),
        )

    def start(self) -> Any:
        """A guess of d with Im d > 0 where x is close to the centre, from y = A d + B d^2 - T(0) d^3.

        At an edge B d^2 dominates, at a cusp T d^3, at the neck of a band that is about to close both A d
        and T d^3, which cancel at d^2 = A / T. Where A = 0 and |y| <= NOTHING it is d to the last bits.
        """
        square = self.q * self.q
        t = (self.c / square / square).sum(axis=0)
        turn = np.where(self.y > 0, 0.5, -0.5) + 0.75**0.5 * 1j  # a cube root of -y / |y|
        cusp = (np.cbrt(np.abs(self.y)) / np.cbrt(t)) * turn
        edge = 1j * (np.sqrt(np.abs(self.y)) / np.sqrt(np.abs(self.b)))
        neck = 1j * np.sqrt(-self.a / t) - 0.5 * self.y / self.a
        d = np.where(t * np.abs(edge) < np.abs(self.b), edge, cusp)
        return np.where(np.abs(neck.imag * self.a) > np.abs(self.y), neck, d)

    def real_start(self) -> FloatArray:
        """The same outside the bands, where d is real and of the sign of y."""
        square = self.q * self.q
        t = (self.c / square / square).sum(axis=0)
        size = np.abs(self.y)
        d = np.fmin(np.cbrt(size / t), np.sqrt(size / np.abs(self.b)))
        return np.copysign(np.fmin(d, np.where(self.a > 0, size / self.a, np.inf)), self.y)

    def height_squared(self, d: FloatArray) -> FloatArray:
        """s = v^2 on the curve over real d inside a band: sum_j c_j / ((q_j + d)^2 + s) = 1.

        1 / sum is concave and increasing in s: Newton's method from below is monotone.
        """
        square = (self.q + d) ** 2
        s = np.maximum((self.c - square - BELOW * (self.c + square)).max(axis=0), 0.0)
        part = self.c / (self.q * self.q)
        rise = d * (2.0 * self.q + d)
        active = np.arange(d.size)
        for _ in range(100):
            if active.size == 0:
                break
            here = s[active]
            square = (self.q[:, active] + d[active]) ** 2 + here
            # the sum minus 1, free of cancellation next to the centre
            excess = -self.a[active] - (part[:, active] * ((rise[:, active] + here) / square)).sum(axis=0)
            step = excess * (1.0 + excess) / (self.c[:, active] / (square * square)).sum(axis=0)
            s[active] = np.maximum(here + step, 0.0)
            active = active[step > 1e-10 * here]
        return s


class ExactForm(NamedTuple):
    """The same in double-double, for the few points that need it; height: the imaginary part of x."""

    y: DoubleDouble
    c: DoubleDouble
    q: DoubleDouble
    a: DoubleDouble
    height: Any = 0.0

    def residual(self, re: DoubleDouble, im: DoubleDouble) -> tuple[FloatArray, FloatArray]:
        """d (A + d R(d)) - y at d = re + i im, rounded at last."""
        far = self.q + re
        square = far * far + im * im
        part = self.c / (self.q * self.q) / square
        r_re, r_im = dd.total(part * far), -(dd.total(part) * im)
        s_re = self.a + (re * r_re - im * r_im)
        s_im = re * r_im + im * r_re
        return (re * s_re - im * s_im - self.y).to_float(), (re * s_im + im * s_re - self.height).to_float()
