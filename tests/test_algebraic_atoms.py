"""Atoms on which several branches meet, sheets beside them, and branches that are hard to follow.

A direct sum mixes laws: density, distribution function and atoms are exact averages of those of the parts.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from derive import Atoms, DirectSum, Factor, FreePoisson, Gram, KestenMcKay, Projection, Wigner, Wishart
from derive.language.ensembles import Ensemble
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.atom_masses import exact_mass
from tests.test_algebraic_images import prepared

half, third, tenth = sp.Rational(1, 2), sp.Rational(1, 3), sp.Rational(1, 10)

MIXTURES: dict[str, tuple[Ensemble, Ensemble, sp.Rational]] = {
    "an atom in the band of a cubic": (
        Projection(half) + Wigner(half),
        FreePoisson(half, half),
        3 * half / 2,
    ),
    "atoms in the band of a semicircle": (Wigner(1), Wishart(2), half),
    "an atom in a gap": (Wishart(half) + 2, Wishart(3) - 1, third),
    "edges that are hard to reach": (
        (Wigner(tenth) + Projection(2 * third).compression(third)).compression(half / 2),
        Wishart(2 * third),
        half / 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixture_is_the_average_of_its_parts(name: str) -> None:
    first, second, share = MIXTURES[name]
    law, one, other = (
        prepared(expression) for expression in (DirectSum((first, second), (share, 1 - share)), first, second)
    )
    assert law.uncertified == ()
    weight = float(share)
    low, high = law.places[0], law.places[-1]
    atoms = [
        (place, mass * w)
        for part, w in ((one, weight), (other, 1 - weight))
        for place, mass in part.atom_rows
    ]
    np.testing.assert_allclose(law.atom_rows, np.array(sorted(atoms)).reshape(-1, 2), rtol=1e-15, atol=1e-300)
    x = np.linspace(low, high, 62)[1:-1] + 1e-4
    x = np.concatenate([x, *(place + np.array([-1e-3, -1e-9, 1e-12, 1e-6]) for place, _ in atoms)])
    for function, tolerance in ((algebraic.density, 1e-11), (algebraic.cdf, 1e-13), (algebraic.sf, 1e-13)):
        wanted = weight * function(one, x) + (1 - weight) * function(other, x)
        np.testing.assert_allclose(function(law, x), wanted, rtol=tolerance, atol=1e-14)
    inner = complex(low + 0.3 * (high - low), 0.2 * (high - low))
    z = np.array([low + 0.3 + 0.2j, inner, *(place + 1e-5 + 1e-5j for place, _ in atoms), high + 3 + 1e-3j])
    wanted = weight * algebraic.stieltjes(one, z) + (1 - weight) * algebraic.stieltjes(other, z)
    np.testing.assert_allclose(algebraic.stieltjes(law, z), wanted, rtol=2e-14)
    np.testing.assert_allclose(
        algebraic.log_potential(law, x),
        weight * algebraic.log_potential(one, x) + (1 - weight) * algebraic.log_potential(other, x),
        atol=1e-12,
    )  # fmt: skip


def test_two_atoms_of_a_finite_part() -> None:
    """The whole mixture shares each pole; at an atom G is infinite and the density finite."""
    law = prepared(DirectSum((Wigner(1), Atoms((0, 1), (third, 2 * third))), (half, half)))
    assert law.uncertified == ()
    np.testing.assert_allclose(law.atom_rows, [[0, 1 / 6], [1, 1 / 3]], rtol=1e-15)
    x = np.array([0.0, 1e-18, 0.5, 1.0, 1 + 1e-15])
    np.testing.assert_allclose(
        algebraic.density(law, x), np.sqrt((2 - x) * (2 + x)) / (4 * np.pi), rtol=1e-14
    )
    assert algebraic.stieltjes(law, np.array([0j, 1 + 0j])).tolist() == [complex(np.inf, 0)] * 2


def test_three_branches_share_an_atom_beside_a_band() -> None:
    """Jumps of rate 1/3: a mass of 2/3 at 0, less than 0.008 from the band."""
    law = prepared(FreePoisson(third, (Wigner(tenth) + Wishart(3 * half, half)).free_power(2) + half))
    assert law.uncertified == ()
    assert law.atom_rows.tolist() == [[0.0, pytest.approx(2 / 3, rel=3e-16)]]
    assert law.bands[0, 0] == pytest.approx(0.0074785660996, rel=1e-9)


def test_an_atom_in_the_middle_of_a_symmetric_band() -> None:
    """On the axis beside it G is imaginary but for the pole."""
    symmetric = FreePoisson(half / 2, 2) @ Projection(half) @ Wishart(half, half) @ KestenMcKay(4)
    law = prepared(symmetric)
    assert law.uncertified == ()
    assert law.atom_rows.tolist() == [[0.0, 0.75]]
    x = np.array([1e-12, 1e-6, 1e-2])
    np.testing.assert_allclose(algebraic.density(law, x), algebraic.density(law, -x), rtol=1e-12)
    assert algebraic.cdf(law, np.array([-1e-300]))[0] == pytest.approx(0.125, abs=1e-14)


def test_a_cubic_that_is_moved() -> None:
    """One sheet is infinite at the inner edge, and on its other side only the second sheet is left."""
    plain = (Wigner(2) + 1).apply(lambda x: x**3 - sp.Rational(5, 4) * x)
    law, still = prepared((plain - 3) / 2), prepared(plain)
    assert law.uncertified == ()
    x = np.concatenate([np.linspace(-3.4, 24, 30), -1.2310428231800405 - np.geomspace(1e-12, 0.2, 10)])
    np.testing.assert_allclose(algebraic.density(law, x), 2 * algebraic.density(still, 2 * x + 3), rtol=1e-9)


def test_outliers_beside_a_shared_atom() -> None:
    """The overlap is -1/(theta^2 G'), by a difference of G."""
    law = prepared(FreePoisson(third, (Wigner(tenth) + Wishart(3 * half, half)).free_power(2) + half))
    assert any(point.chart.residue for point in law.points)
    theta = np.array([1e-4, 1e-3, 3e-3])
    place, overlap = algebraic.outliers(law, theta)
    assert np.all((place > 0) & (place < law.bands[0, 0]))
    above, below = (algebraic.stieltjes(law, place * (1 + step) + 0j).real for step in (1e-5, -1e-5))
    slope = (above - below) / (2e-5 * place)
    np.testing.assert_allclose(overlap, -1 / (theta**2 * slope), rtol=1e-8)


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        (DirectSum((Wigner(1), Atoms((third, 2 * third), (half, half))), (third, 2 * third)), third),
        (DirectSum((Wigner(1), Atoms((-third, -3 * tenth), (half, half))), (third, 2 * third)), -third),
        (DirectSum((Wigner(1), Atoms((-tenth, tenth), (half, half))), (third, 2 * third)), tenth),
        (DirectSum((Wigner(third), Atoms((2 + third,), (1,))), (third, 2 * third)), 2 + third),
        (Wishart(3) + third, third),
        (Wishart(3) - third, -third),
    ],
    ids=repr,
)
def test_an_atom_counts_from_the_double_nearest_to_it(expression: Ensemble, place: sp.Rational) -> None:
    """In a band, a gap and beside a band, at places that doubles round up and down."""
    law = prepared(expression)
    nearest = float(place)
    ((where, mass),) = (row for row in law.atom_rows if row[0] == nearest)
    x = np.array([np.nextafter(nearest, -np.inf), where, np.nextafter(nearest, np.inf)])
    below, at, beyond = algebraic.cdf(law, x)
    assert abs(at - below - mass) < 1e-14
    assert abs(beyond - at) < 1e-14
    q = np.linspace(below, at, 12)[1:-1]
    places = algebraic.quantile(law, q)
    assert np.all(places == nearest)
    assert np.all(algebraic.cdf(law, places) >= q)
    above, here, left = algebraic.sf(law, x)[::-1]
    assert abs(left - here - mass) < 1e-14
    assert abs(here - above) < 1e-14
    assert np.all(algebraic.sf(law, algebraic.upper_quantile(law, 1 - q)) <= 1 - q)
    assert np.isneginf(algebraic.log_potential(law, x)).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("expression", "masses"),
    [
        (
            DirectSum(
                (
                    Gram(Factor(FreePoisson(third, sp.Rational(5, 4)) ** 2, rows=2 * third).T),
                    Wishart(half, 2),
                ),
                (3 * half / 2, half / 2),
            ),
            [7 * half / 6],
        ),
        (Gram(Factor(Wishart(3 * half) @ Wishart(2), rows=third).T), [5 * third / 2]),
        (DirectSum((Wigner(1), Projection(third) / 7), (third, 2 * third)), [4 * third**2, 2 * third**2]),
    ],
    ids=repr,
)
def test_rational_masses_are_rounded_once(expression: Ensemble, masses: list[sp.Rational]) -> None:
    """Where the circle around the pole gives 4e-13, and where several branches share it."""
    law = prepared(expression)
    assert law.atom_rows[:, 1].tolist() == [float(mass) for mass in masses]
    assert abs(law.upto[-1] - 1) < 5e-15


def test_a_mass_is_taken_from_the_equation_next_to_what_is_known_alone() -> None:
    """Of (s G)^2 - 3/4 s G + 1/8, s = z - 1/3, the roots 1/2 and 1/4; none where it has no pole."""
    z = [Fraction(-1, 3), Fraction(1)]
    rows = [[Fraction(1, 8)], [-3 * c / 4 for c in z], [z[0] ** 2, 2 * z[0], Fraction(1)]]
    place = Fraction(round(Fraction(2**600, 3)), 2**600)  # as isolated
    assert exact_mass(rows, place, 0.25 + 1e-13) == 0.25
    assert exact_mass(rows, place, 0.5 - 1e-13) == 0.5
    assert exact_mass(rows, place, 0.4) == 0.4
    assert exact_mass(rows, place + Fraction(1, 2**20), 0.5 - 1e-13) == 0.5 - 1e-13
