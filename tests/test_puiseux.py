"""Algebraic points, Newton's polygon and the physical sheet, against what is known by hand and an oracle."""

from __future__ import annotations

from fractions import Fraction

import algebraic_oracle as oracle
import pytest
import sympy as sp
from flint import acb, acb_poly, arb, ctx, fmpq, fmpq_poly, fmpz_poly

from derive.algebra.algebraic_points import BITS, RING, Point, S, U, parameter_points
from derive.algebra.number_fields import multiple_root
from derive.algebra.puiseux import branches
from derive.algebra.signs import Undecided
from derive.critical.exact_numbers import Quantity, expression, is_real, minimal_polynomial
from derive.derivation import CertificateError
from derive.transforms.sheets import Sheets

t, x, y = (RING.gen(i) for i in range(3))
ROOT2 = parameter_points(fmpz_poly([-2, 0, 1]))[1]
ORIGIN = Point().with_rational(Fraction(2)).with_rational(Fraction(0))


def test_zero_is_told_from_small() -> None:
    """sqrt(2) and its first thirty digits."""
    point = ROOT2.with_rational(Fraction(141421356237309504880168872421, 10**29))
    assert not point.vanishes(x - t)
    assert point.vanishes(t * t - 2)
    roots, degree = ROOT2.roots((x * x - 2) * (x - t) * (x - 3) ** 2)
    assert degree == 5
    assert sorted((r.multiplicity, round(float(r.coordinate.ball.real.mid()), 3)) for r in roots) == [
        (1, -1.414),
        (2, 1.414),
        (2, 3.0),
    ]


def test_an_algebraic_coordinate_outside_the_field() -> None:
    """x^2 = 1 + sqrt 2: tests go through Liouville's inequality."""
    (_, root), _ = ROOT2.roots(x * x - 1 - t)
    point = ROOT2.with_root(root.coordinate)
    assert point.coordinates[1].element is None
    assert point.vanishes((x * x - 1) ** 2 - 2)
    assert not point.vanishes((x * x - 1) ** 2 * 10**12 - 2 * 10**12 - 1)


def test_a_multiple_root_lies_in_the_field() -> None:
    """(y - 1 - 3 sqrt 2)^2 (y^2 + sqrt 2) over Q(sqrt 2)."""
    product = (x - 1 - 3 * t) ** 2 * (x * x + t)
    parts = [
        RING.from_dict({(int(m[0]), *(0,) * 10): c for m, c in product.terms() if m[1] == k})
        for k in range(5)
    ]
    m, element = fmpz_poly([-2, 0, 1]), [fmpq_poly([0, 1])]
    assert multiple_root(parts, 2, element, m) == fmpq_poly([1, 3])
    parts[0] += 1
    assert multiple_root(parts, 2, element, m) is None


EXPANSIONS = {
    "cusp": (U**2 - S**3, [(2, [("3/2", -1)])]),
    "node": (U**2 - S**2, [(1, [("1", -1)]), (1, [("1", 1)])]),
    "fold": (U**2 - 4 * S, [(2, [("1/2", -2)])]),
    "cusp on a line": ((U - S) ** 2 - S**3, [(2, [("1", 1), ("3/2", -1)])]),
    "folium": (U**3 - U * S + S**2, [(1, [("1", 1)]), (2, [("1/2", -1)])]),
    "a line": (U * (U**2 - S), [(1, []), (2, [("1/2", -1)])]),
}


@pytest.mark.parametrize("name", EXPANSIONS)
def test_expansions_known_by_hand(name: str) -> None:
    curve, expected = EXPANSIONS[name]
    found = []
    for branch in branches(ORIGIN, curve):
        p = branch.ramification
        found.append(
            (
                p,
                [
                    (str(Fraction(term.exponent, p)), round(float(acb(branch.coefficient(term)).real.mid())))
                    for term in branch.terms
                ],
            )
        )
    assert found == expected


def test_the_remainder_holds_the_root_and_a_wrong_coefficient_fails() -> None:
    """u = s + s^2 + ... solves u - s - u^2 = 0, where u = (1 - sqrt(1 - 4 s)) / 2."""
    (branch,) = branches(ORIGIN, U - S - U**2)
    with ctx.workprec(BITS):
        s = arb("0.01")
        ball = branch.value(acb(s))
        assert ball is not None
        assert ball.contains(acb((1 - (1 - 4 * s).sqrt()) / 2))
        assert not ball.contains(acb("0.0105"))


@pytest.mark.parametrize("at", [0.3, -1.5])
def test_the_physical_sheet_against_the_oracle(at: float) -> None:
    """Two Wisharts multiplied plus noise, inside and outside the support."""
    rows = oracle.product_of_wisharts((Fraction(1, 2), Fraction(1, 3)), Fraction(1, 10))
    with ctx.workprec(BITS):
        exact = [acb_poly([acb(arb(fmpq(c.numerator, c.denominator))) for c in row]) for row in rows]
        sheets = Sheets(tuple(exact))
        g = sheets.physical(acb(at))
        assert abs(complex(g.mid()) - oracle.stieltjes(rows, complex(at))) < 1e-13
        assert sheets.is_real(arb(at), g) == (abs(oracle.stieltjes(rows, complex(at)).imag) < 1e-15)


def test_closed_forms() -> None:
    point = ROOT2
    assert minimal_polynomial(point, 1 + 3 * t) == fmpz_poly([-17, -2, 1])
    assert expression(fmpz_poly([-17, -2, 1]), arb("5.2426")) == 1 + 3 * sp.sqrt(2)
    assert is_real(point, t)
    with pytest.raises(CertificateError, match="is not the number"):
        Quantity(arb(1), sp.Rational(101, 100))


def test_what_cannot_be_told_is_said() -> None:
    with pytest.raises(Undecided, match="whole line"):
        branches(ORIGIN, S * (U**2 - S))
