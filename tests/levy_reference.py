"""Free Levy laws in exact arithmetic, and parameters and points where something nearly happens.

Every coefficient is taken as the exact rational number that it is, and the roots of the polynomial
H(w) = x are isolated in python-flint; of these one at most has Im w > 0.
"""

from __future__ import annotations

import flint
import numpy as np
from flint import acb, arb, fmpq, fmpq_poly, fmpz_poly

from generated._runtime.arithmetic.double_double import sqrt
from generated._runtime.arithmetic.triple_double import TripleDouble
from generated._runtime.levy.density import density
from generated._runtime.levy.law import Levy, prepare

W = fmpq_poly([0, 1])
DIGITS = 400


def q(x: float) -> fmpq:
    return fmpq(*float(x).as_integer_ratio())


def law_of(model: str, *values) -> Levy:
    """Laws of arrays of parameters, as the generated modules prepare them."""
    p = [TripleDouble(np.atleast_1d(np.asarray(value, dtype=np.float64))) for value in values]
    one, zero = TripleDouble(np.ones(1)), TripleDouble(np.zeros(1))
    if model == "semicircle":
        return prepare(zero, [zero], [p[0] ** 2], [None], {})
    if model == "marchenko_pastur":
        phi, s = p
        return prepare(s, [s * phi], [s * s * phi], [1 / phi], {(0,): (zero, (phi - 1) / phi)})
    eps, phi = p[:2]
    b, c = phi * sqrt(eps / 2), eps * phi / 4
    if model == "wishart_wigner":
        return prepare(one, [zero, phi], [2 * eps, phi], [None, 1 / phi], {(1,): (zero, (phi - 1) / phi)})
    if model == "relu_residual":
        rates, both = [1 / (2 * phi), 1 / (2 * phi)], {(0, 1): (zero, (phi - 1) / phi)}
        return prepare(zero, [b, -b], [c, c], rates, both)
    s = p[2]
    rates = [1 / phi, 1 / (2 * phi), 1 / (2 * phi)]
    one_pole = (phi - 1) / phi
    at_zero = {(0,): (zero, one_pole), (1, 2): (s, one_pole), (0, 1, 2): (zero, (phi - 2) / phi)}
    return prepare(s, [s * phi, b, -b], [s * s * phi, c, c], rates, at_zero)


def parts_of(model: str, *values: float) -> tuple[fmpq, list[tuple[fmpq_poly, fmpq_poly]]]:
    """The mean and (denominator, numerator) of the fractions of H, exactly."""
    p = [q(value) for value in values]
    if model == "semicircle":
        return q(0), [(W, fmpq_poly([p[0] * p[0]]))]
    if model == "marchenko_pastur":
        phi, s = p
        return s, [(W - s * phi, fmpq_poly([s * s * phi]))]
    eps, phi = p[:2]
    if model == "wishart_wigner":
        return q(1), [(W, fmpq_poly([2 * eps])), (W - phi, fmpq_poly([phi]))]
    residual = (W * W - phi * phi * eps / 2, eps * phi / 2 * W)
    if model == "relu_residual":
        return q(0), [residual]
    s = p[2]
    return s, [(W - s * phi, fmpq_poly([s * s * phi])), residual]


def equation(mean: fmpq, parts: list[tuple[fmpq_poly, fmpq_poly]], x: float) -> fmpq_poly:
    """The polynomial in w whose roots solve H(w) = x."""
    top, bottom = W + (mean - q(x)), fmpq_poly([1])
    for denominator, numerator in parts:
        if numerator != 0:
            top, bottom = top * denominator + numerator * bottom, bottom * denominator
    common = top.gcd(bottom)
    return top // common if common.degree() > 0 else top


def certified_root(polynomial: fmpq_poly) -> acb | None:
    """The root with Im w > 0, if there is one."""
    flint.ctx.prec = DIGITS
    roots = fmpz_poly(polynomial.numer().coeffs()).complex_roots()
    upper = [root for root, _ in roots if root.imag > 0]
    assert len(upper) <= 1
    return upper[0] if upper else None


def relative_error(value: float, root: acb | None) -> float:
    """Of a density."""
    if root is None:
        return 0.0 if value == 0 else np.inf
    exact = root.imag / (abs(root) ** 2 * arb.pi())
    if not np.isfinite(value):
        return np.inf
    return float(abs((arb(float(value)) - exact) / exact))


def worst(model: str, values: tuple[float, ...], law: Levy, points) -> float:
    mean, parts = parts_of(model, *values)
    points = np.asarray(points, dtype=np.float64)
    found = density(law, points)
    assert not np.isnan(found).any()
    errors = [0.0]
    for x, value in zip(points.tolist(), found.tolist(), strict=True):
        polynomial = equation(mean, parts, x)
        if value == np.inf:
            assert polynomial(0) == 0  # w = 0
        else:
            errors.append(relative_error(value, certified_root(polynomial)))
    return max(errors)


class Adversary:
    """Parameters and points where something nearly happens."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def size(self, low: float, high: float) -> float:
        """Log-uniform."""
        return float(10.0 ** self.rng.uniform(low, high))

    def near(self, value: float) -> float:
        return float(value * (1.0 + self.rng.choice([-1.0, 1.0]) * self.size(-16.2, -1)))

    def parameters(self, model: str) -> tuple[float, ...]:
        phi = [self.size(-6, 5), self.size(-1, 1), self.near(1), self.near(2), 1.0, 2.0][self.rng.integers(6)]
        sigma = [1.0, self.size(-6, 6)][self.rng.integers(2)]
        if model == "semicircle":
            return (sigma,)
        if model == "marchenko_pastur":
            return (phi, sigma)
        transition = 2.0
        if model == "wishart_wigner" and phi != 1:
            root = (1 + 8 * phi) ** 0.5
            merging = phi * (phi ** (1 / 3) - 1) ** 3 / 2
            transition = merging if phi > 1 else 4 * (1 - phi) ** 3 * (1 + root) / (3 + root) ** 3
        if model == "relu_hessian" and phi < 2 and phi != 1:
            root = (1 + 8 * phi * (2 - phi)) ** 0.5
            critical = 16 * (1 - phi) ** 3 * (1 + root) / (phi * (3 + root) ** 3)
            opening = (2 - phi) * (3 + root) ** 3 / (4 * (1 + root) * abs(phi - 1) ** 3)
            transition = critical if phi < 1 else opening
        choices = [self.size(-12, 6), self.size(-2, 1), self.near(transition), self.near(2), 2.0, 0.0]
        eps = choices[self.rng.integers(6)]
        eps = eps if eps == 0 else min(max(eps, 1e-12), 1e6)
        return (eps * sigma * sigma, phi, sigma) if model == "relu_hessian" else (eps, phi)

    def points(self, law: Levy) -> list[float]:
        """Next to edges, inside bands, in gaps, next to necks and to 0."""
        ends = law.bands[0].ravel()
        ends = ends[np.isfinite(ends)]
        if not ends.size:
            return [0.0, 1.0]
        hull = ends[-1] - ends[0]
        points = []
        for _ in range(3):
            i = self.rng.integers(ends.size)
            width = [hull, ends[i | 1] - ends[i & ~1]][self.rng.integers(2)]
            points.append(ends[i] + self.rng.choice([-1, 1]) * width * self.size(-17, 0))
            points.append(ends[i] * (1 + self.rng.choice([-1, 1]) * self.size(-16, -3)))
        i = 2 * self.rng.integers(ends.size // 2)
        points.append(ends[i] + (ends[i + 1] - ends[i]) * self.rng.random())
        points.append(self.rng.choice([-1, 1]) * self.size(-30, 0) * hull)
        necks = law.centres.x[2 * law.poles.shape[0] :, 0]
        necks = necks[np.isfinite(necks)]
        if necks.size:
            points.append(self.rng.choice(necks) + self.rng.choice([-1, 1]) * hull * self.size(-17, 0))
        return [float(x) for x in points]


MODELS = ("semicircle", "marchenko_pastur", "wishart_wigner", "relu_residual", "relu_hessian")
