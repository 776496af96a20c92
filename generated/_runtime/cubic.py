"""Density of one law with one or two poles in closed form, for many points.

With two poles H(w) = x is a cubic. Around a centre u of `centres`, w = u + d and y = x - H(u),

    d^3 + (s_2 - y) d^2 + (s_1 - s_0 y) d - pi y = 0,
    s_0 = q_1 + q_2,  pi = q_1 q_2,  s_1 = pi A,  s_2 = pi B + s_0 A,

and d = t - (s_2 - y)/3 turns it into t^3 + P t + Q = 0 with P and Q polynomials in y. Its discriminant is
known by its roots, the edges e_i, where nothing cancels:

    Delta^2 = Q^2/4 + P^3/27 = -(p_1 - p_2)^2 (x - e_1)(x - e_2)(x - e_3)(x - e_4) / 108,
    S = cbrt(|Q|/2 + Delta),   T = P/(3 S),
    t = -Q / (S^2 + S T + T^2)                           the real root,
    Im w = sqrt(3) Delta / (S^2 - S T + T^2),            3 (S^2 - S T + T^2) = |t - (complex root)|^2,
    Re w = u - (s_2 - y)/3 - t/2.

|w|^2 is the sum of the squares, or where that would lose digits, by Vieta,

    (real root) |w|^2 = p_1 p_2 (x - H(0)),    or c_1 p_2 + c_2 p_1 if a pole is 0.

With one pole Im w = sqrt((x - e_1)(e_2 - x)) / 2, and |w|^2 = p (x - H(0)), or c if p = 0.

Points where the real root comes close to the pair on the scale of the coefficients, so that P and Q have
lost digits, are left to `curve`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import FloatArray
from .double_double import DoubleDouble

if TYPE_CHECKING:
    from .levy import Levy

CHUNK = 16384
# The coefficients' rounding errors are amplified by (their size / f'(t))^(3/2) at most.
CLOSE = 1.0 / 40.0
# A neck with Phi beyond this is no good origin: it lies deep in a band.
SHALLOW = 1.2
# An imaginary part whose square is below this part of its terms is not resolved.
UNRESOLVED = 2.0**-70
# Beyond this, and below its inverse, products of four distances may leave the range of doubles.
LARGEST = 1e30
# Delta^2 below this may have underflowed: x is next to an edge or cusp at 0.
TINY = 1e-280

SQRT_3 = 3.0**0.5

Solver = Callable[[FloatArray, FloatArray], Any]


class Scratch(threading.local):
    """Arrays to work in, one set a thread."""

    def __init__(self) -> None:
        self.rows = np.empty((8, CHUNK))
        self.whole = np.empty(CHUNK, dtype=np.int64)


SCRATCH = Scratch()


def closed_form(law: Levy) -> Solver | None:
    """solve(x, out) of the density of a single law with one or two poles, else None.

    It takes at most CHUNK points and returns the mask of those it leaves alone, or None.
    """
    poles = int(law.active.sum())
    ends = law.edges_hi[np.isfinite(law.edges_hi)]
    if law.laws != 1 or poles not in (1, 2) or not ends.size:
        return None
    smallest = np.sqrt(law.weights[law.active[:, 0]].min())
    if max(np.abs(ends).max(), 1 / smallest) > LARGEST:
        return None
    with np.errstate(all="ignore"):
        if poles == 1:
            return Quadratic(law)
        cubic = Cubic(law)
        return cubic if len(cubic.edges) == 4 or cubic.pair else None


class Product:
    """Product of the roots w of H(w) = x up to sign: linear in x."""

    def __init__(self, law: Levy) -> None:
        active = law.active[:, 0]
        p, c = law.poles[active, 0], law.weights[active, 0]
        self.factor = float(np.prod(p))
        self.constant = float(c @ p[::-1]) if p.size == 2 else float(c[0])
        self.place, self.place_lo = float(law.place[0]), float(law.place_lo[0])
        # w = 0 on the curve, and no atom: the density is infinite
        self.singular = law.defect[0] == 0 and self.place_lo == 0

    def __call__(self, x: FloatArray, out: FloatArray) -> None:
        """Write the product."""
        if self.factor == 0:
            out.fill(self.constant)
        else:
            _distance(x, self.place, self.place_lo, out)
            out *= self.factor

    def finish(self, x: FloatArray, square: FloatArray, out: FloatArray) -> None:
        """0 where the squared height is not positive, infinity where w = 0."""
        np.copyto(out, 0.0, where=square <= 0)
        if self.singular:
            np.copyto(out, np.inf, where=x == self.place)


class Quadratic:
    """One pole."""

    def __init__(self, law: Levy) -> None:
        self.edges = _edges(law)
        self.product = Product(law)

    def __call__(self, x: FloatArray, out: FloatArray) -> Any:
        """See `closed_form`."""
        square, work = SCRATCH.rows[:2, : x.size]
        with np.errstate(all="ignore"):
            _product(x, self.edges, square, work)
            np.maximum(np.negative(square, out=square), 0.0, out=out)
            np.sqrt(out, out=out)
            out *= 0.5 / np.pi
            self.product(x, work)
            out /= work
            self.product.finish(x, square, out)
        return None


class Cubic:
    """Two poles."""

    def __init__(self, law: Levy) -> None:
        at = law.centres
        first, second = np.flatnonzero(law.active[:, 0])
        self.edges = _edges(law)
        two_bands = len(self.edges) == 4
        neck = 2 * law.poles.shape[0] + int(first)
        o = neck if two_bands or 1.0 - at.slope[neck, 0] < SHALLOW else 0

        q1 = DoubleDouble(at.offset[first, o, 0], at.offset_lo[first, o, 0])
        q2 = DoubleDouble(at.offset[second, o, 0], at.offset_lo[second, o, 0])
        a = DoubleDouble(at.slope[o, 0], at.slope_lo[o, 0])
        b = DoubleDouble(at.bend[o, 0], at.bend_lo[o, 0])
        u = DoubleDouble(at.w[o, 0], at.w_lo[o, 0])
        s0, pi = q1 + q2, q1 * q2
        s1, s2 = pi * a, pi * b + s0 * a
        # P = P_0 + P_1 y - y^2/3
        self.p = _floats(s1 - s2 * s2 / 3, 2 * s2 / 3 - s0)
        # Q = Q_0 + Q_1 y + Q_2 y^2 - 2/27 y^3
        self.q = _floats(
            2 * s2**3 / 27 - s1 * s2 / 3,
            (s1 + s0 * s2) / 3 - 2 * s2**2 / 9 - pi,
            2 * s2 / 9 - s0 / 3,
        )
        self.origin = (float(at.x[o, 0]), float(at.x_lo[o, 0]))
        (self.shift,) = _floats(u - s2 / 3)
        apart = float((q1 - q2).hi)
        self.factor = -apart * apart / 108.0
        self.pair = None if two_bands else _complex_edge(law, int(first), int(second), o, q1, q2)
        self.product = Product(law)
        self.underflows = bool((np.abs(at.x[np.isfinite(at.x)]) < 1 / LARGEST).any())

    def __call__(self, x: FloatArray, out: FloatArray) -> Any:
        """See `closed_form`."""
        n = x.size
        y, square, p, q, s, t, work, root = SCRATCH.rows[:, :n]
        with np.errstate(all="ignore"):
            _distance(x, *self.origin, y)
            # Delta^2
            _product(x, self.edges, square, work)
            square *= self.factor
            if self.pair is not None:
                re, im = self.pair
                np.subtract(y, re, out=work)
                work *= work
                work += im * im
                square *= work
            # P / 3 and Q
            np.multiply(y, -1.0 / 9.0, out=p)
            p += self.p[1] / 3.0
            p *= y
            p += self.p[0] / 3.0
            np.multiply(y, -2.0 / 27.0, out=q)
            q += self.q[2]
            q *= y
            q += self.q[1]
            q *= y
            q += self.q[0]
            # Delta, and S = cbrt(|Q|/2 + Delta)
            delta = np.sqrt(np.maximum(square, 0.0, out=out), out=out)
            np.abs(q, out=s)
            s *= 0.5
            s += delta
            _cube_root(s, root, work, t, SCRATCH.whole[:n])
            # S^2 + T^2
            s, ratio = root, np.divide(p, root, out=t)
            s *= s
            ratio *= ratio
            s += ratio
            # the real root t and f'(t) / 3 = S^2 - S T + T^2
            np.add(s, p, out=t)
            np.divide(q, t, out=t)
            np.negative(t, out=t)
            slope = np.subtract(s, p, out=s)
            # Im w
            v = np.multiply(delta, SQRT_3, out=out)
            v /= slope
            # the real root of H(w) = x in p, Re w in t
            real = np.multiply(y, 1.0 / 3.0, out=p)
            real += self.shift
            real += t
            t *= -1.5
            t += real
            # |w|^2: squares, or Vieta where the real root is the larger
            t *= t
            t += np.multiply(v, v, out=q)
            vieta = np.multiply(real, real, out=q) > t
            self.product(x, work)
            work /= real
            np.copyto(t, work, where=vieta)
            # density
            t *= np.pi
            v /= t
            self.product.finish(x, square, out)
            # what has lost digits: f'(t) < CLOSE (|P_0| + |P_1 y| + y^2/3)
            np.abs(y, out=y)
            np.multiply(y, CLOSE / 9.0, out=work)
            work += CLOSE / 3.0 * abs(self.p[1])
            work *= y
            work += CLOSE / 3.0 * abs(self.p[0])
            lost = slope < work
            if self.underflows:
                lost |= np.abs(square, out=square) < TINY
            return lost if lost.any() else None


def _cube_root(x: FloatArray, out: FloatArray, work: FloatArray, cube: FloatArray, whole: Any) -> None:
    """Cube roots of positive normal numbers to an ulp or two, faster than `numpy.cbrt`.

    A third of the exponent's and mantissa's bits as an integer gives 3 %; Halley's step, cubic, twice, gives
    1e-14; Newton's step does the rest.
    """
    np.floor_divide(x.view(np.int64), 3, out=whole)
    whole += 0x2A9F7625_3119D328
    out[:] = whole.view(np.float64)
    for _ in range(2):
        # r <- r (r^3 + 2 x) / (2 r^3 + x)
        np.multiply(out, out, out=cube)
        cube *= out
        np.add(cube, x, out=work)
        out *= np.add(work, x, out=whole.view(np.float64))
        work += cube
        out /= work
    # r <- r - (r - x / r^2) / 3
    np.multiply(out, out, out=cube)
    np.divide(x, cube, out=work)
    np.subtract(out, work, out=work)
    work *= 1.0 / 3.0
    out -= work


def _complex_edge(
    law: Levy, first: int, second: int, o: int, q1: DoubleDouble, q2: DoubleDouble
) -> tuple[float, float] | None:
    """Real and imaginary part of H(u) - x_o, where u is a complex solution of Phi(u) = 1 of a single band.

    With r_-, r_+ the real solutions, measured from p_1, and D = p_2 - p_1, the quartic
    u^2 (u - D)^2 - c_1 (u - D)^2 - c_2 u^2 leaves the factor u^2 + beta u + gamma with
    beta = r_- + r_+ - 2 D and gamma = -c_1 D^2 / (r_- r_+), a positive number. None if double-double does
    not resolve the imaginary part.
    """
    at = law.centres
    if at.slope[o, 0] == 0 and o >= 2 * law.poles.shape[0]:
        return 0.0, 0.0  # a cusp
    edge = [DoubleDouble(at.offset[first, i, 0], at.offset_lo[first, i, 0]) for i in (0, 1)]
    apart = q1 - q2
    c1 = DoubleDouble(law.weights[first, 0], law.weight_lo[first, 0])
    half = (edge[0] + edge[1]) / 2 - apart
    gamma = -(c1 * apart * apart / (edge[0] * edge[1]))
    square = float((gamma - half * half).to_float())
    rounding = UNRESOLVED * float(gamma.hi + abs(half.hi) * (abs(edge[0].hi) + abs(edge[1].hi)))
    if not square > rounding:
        return None
    height = np.sqrt(square)
    u = -half  # from p_1
    far = np.array([complex(part.to_float(), height) for part in (u, u - apart)])
    d = complex((u - q1).to_float(), height)  # from the centre
    q = np.array([q1.to_float(), q2.to_float()])
    c = law.weights[[first, second], 0]
    if abs(d) < 0.5 * np.abs(q).min():
        r = at.bend[o, 0] - d * (c / (q**3 * far)).sum()
    else:
        r = (c / (q * q * far)).sum()
    value = complex(d * (at.slope[o, 0] + d * r))
    return value.real, value.imag


def _floats(*values: DoubleDouble) -> list[float]:
    return [float(value.to_float()) for value in values]


def _edges(law: Levy) -> list[tuple[float, float]]:
    ends = np.isfinite(law.edges_hi[:, 0])
    return list(zip(law.edges_hi[ends, 0].tolist(), law.edges_lo[ends, 0].tolist(), strict=True))


def _distance(x: FloatArray, hi: float, lo: float, out: FloatArray) -> None:
    """x - hi - lo."""
    np.subtract(x, hi, out=out)
    if lo:
        out -= lo


def _product(x: FloatArray, places: list[tuple[float, float]], out: FloatArray, work: FloatArray) -> None:
    """Product of the distances of x from the places."""
    _distance(x, *places[0], out)
    for place in places[1:]:
        _distance(x, *place, work)
        out *= work
