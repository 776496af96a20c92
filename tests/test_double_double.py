"""Double-double, triple-double and fixed-point arithmetic, against fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from generated._runtime.arithmetic.double_double import DoubleDouble, sqrt, two_product, two_sum
from generated._runtime.arithmetic.fixed_point import ONE, Fixed, doubles
from generated._runtime.arithmetic.triple_double import TripleDouble


def fraction(x: DoubleDouble) -> Fraction:
    return Fraction(float(x.hi)) + Fraction(float(x.lo))


def test_sums_and_products_of_doubles_are_exact() -> None:
    rng = np.random.default_rng(1)
    for a, b in zip(*(rng.normal(size=(2, 300)) * 10.0 ** rng.integers(-60, 60, (2, 300))), strict=True):
        assert sum(map(Fraction, map(float, two_sum(a, b)))) == Fraction(a) + Fraction(b)
        assert sum(map(Fraction, map(float, two_product(a, b)))) == Fraction(a) * Fraction(b)


def test_double_double_keeps_its_bounds() -> None:
    rng = np.random.default_rng(2)
    unit = Fraction(1, 2**106)

    def number() -> DoubleDouble:
        return DoubleDouble(rng.normal()) * DoubleDouble(rng.normal()) + rng.normal() * 1e-9

    for _ in range(200):
        a, b = number(), number()
        x, y = fraction(a), fraction(b)
        for found, exact, bound in (
            (a + b, x + y, 3),
            (a - b, x - y, 3),
            (a * b, x * y, 5),
            (a / b, x / y, 10),
            (2 - a, 2 - x, 3),
            (3 / b, 3 / y, 10),
            (a**3, x**3, 12),
            (b**-2, 1 / y**2, 20),
            (abs(a), abs(x), 0),
            (sqrt(abs(a)) * sqrt(abs(a)), abs(x), 20),
        ):
            assert abs(fraction(found) - exact) <= bound * unit * abs(exact)
        assert bool(a < b) == (x < y)
        assert bool(a >= b) == (x >= y)
        assert bool(a == a + 0)
    assert fraction(DoubleDouble.of(2**60 + 1)) == 2**60 + 1
    assert float(sqrt(DoubleDouble(0.0)).hi) == 0.0
    with pytest.raises(TypeError, match="integer powers"):
        DoubleDouble(2.0) ** 0.5


def test_triple_double_keeps_its_bounds() -> None:
    rng = np.random.default_rng(3)
    unit = Fraction(1, 2**154)

    def number() -> TripleDouble:
        return TripleDouble(rng.normal()) * TripleDouble(rng.normal()) * TripleDouble(rng.normal()) + 1e-20

    def exact(t: TripleDouble) -> Fraction:
        return Fraction(float(t.hi)) + Fraction(float(t.mid)) + Fraction(float(t.lo))

    for _ in range(100):
        a, b = number(), number()
        x, y = exact(a), exact(b)
        for found, wanted, size in (
            (a + b, x + y, abs(x) + abs(y)),
            (2 - b, 2 - y, 2 + abs(y)),
            (a * b, x * y, abs(x * y)),
            (a / b, x / y, abs(x / y)),
            (a**3, x**3, abs(x**3)),
            (3 * b**-2, 3 / y**2, 3 / y**2),
            (sqrt(a * a) * sqrt(a * a), x * x, x * x),
        ):
            assert abs(exact(found) - wanted) <= unit * size
        assert abs(fraction(a.rounded()) - x) <= Fraction(1, 2**105) * abs(x)
    assert float(sqrt(TripleDouble(0.0)).hi) == 0.0
    with pytest.raises(TypeError, match="integer powers"):
        TripleDouble(2.0) ** 0.5


def test_arrays_on_the_left_leave_the_operation_to_double_double() -> None:
    result = np.array([1.0, 2.0]) * DoubleDouble(np.array([3.0, 4.0]))
    assert isinstance(result, DoubleDouble)
    assert result.to_float().tolist() == [3.0, 8.0]


def test_fixed_point_numbers_in_formulas() -> None:
    """Ring operations, quotients, powers and roots as rationals have them; 0 for a quotient by 0."""
    a, b = Fixed.of(0.15625), Fixed.of(3)
    exact = (Fraction(5, 32) - 2) ** 2 / 3 + 7 * Fraction(5, 32) / (1 - 3) ** 3
    found = (a - 2) ** 2 / b + 7 * a / (1 - b) ** 3
    assert abs(Fraction(found.value, ONE) - exact) < Fraction(8, ONE)
    assert abs(Fraction(sqrt(2 * b).value, ONE) ** 2 - 6) < Fraction(8, ONE)
    assert abs(Fraction((b**-2).value, ONE) - Fraction(1, 9)) < Fraction(8, ONE)
    assert (b / 0).value == 0
    first, second = doubles((1 / b).value, 2)
    assert first == 1 / 3
    assert Fraction(first) + Fraction(second) - Fraction(1, 3) < Fraction(1, 2**108)
