"""The polynomials of the transforms from one another."""

from __future__ import annotations

import pytest
import sympy as sp

from derive import (
    TRANSFORMS,
    Atoms,
    Wigner,
    Wishart,
    from_transform,
    to_transform,
)
from derive.algebra.polynomials import canonical, canonical_of
from derive.language.ensembles import Ensemble
from derive.laws import G, g, z
from derive.transforms import read
from derive.transforms.coordinates import eta, m, psi, v
from derive.transforms.curves import Setting, r, s, t, u

x, y = a, b = sp.symbols("a b", positive=True)
half = sp.Rational(1, 2)
KNOWN = {
    "G": x * z * G**2 - (z + x - 1) * G + 1,
    "m": x * z * m**2 + (z + x - 1) * m + 1,
    "R": r * (1 - x * g) - 1,
    "S": s * (1 + x * t) - 1,
    "psi": psi - u * (1 + psi) * (1 + x * psi),
    "eta": x * v * eta**2 + (1 + v - x * v) * eta - 1,
}
LAWS = {
    "a sum": Wishart(a) + Wigner(b),
    "a product": Wishart(a) @ Wishart(b),
    "a signed product": Wigner(1) @ Wishart(a),
    "a square": Wishart(a) ** 2,
    "atoms and a product": Atoms((0, 1), (half, half)) + Wishart(a) @ Wishart(b),
}


def equation(expression: Ensemble) -> sp.Expr:
    reading = read(expression, "H", Setting((a, b)))
    return canonical_of(reading.setting.ring, reading.equation)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_marchenko_pastur_in_every_transform(transform: str) -> None:
    found = to_transform(canonical(KNOWN["G"]), transform)
    value, argument = TRANSFORMS[transform][:2]
    assert sp.expand(found - canonical(KNOWN[transform], value, argument)) == 0


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("name", LAWS)
def test_there_and_back(name: str, transform: str) -> None:
    there = equation(LAWS[name])
    assert sp.expand(from_transform(to_transform(there, transform), transform) - there) == 0


def test_r_transforms_add_and_s_transforms_multiply_by_hand() -> None:
    """A law made of its transform's polynomial alone is that of the expression."""
    both = sp.numer(sp.together(r - 1 / (1 - x * g) - y * g))
    assert sp.expand(from_transform(both, "R") - equation(LAWS["a sum"])) == 0
    both = s * (1 + x * t) * (1 + y * t) - 1
    assert sp.expand(from_transform(both, "S") - equation(LAWS["a product"])) == 0
    assert sp.expand(from_transform(both + t, "S") - equation(LAWS["a product"])) != 0


def test_refusals() -> None:
    with pytest.raises(ValueError, match="no transform is called 'T'; there are G, m, R"):
        to_transform(KNOWN["G"], "T")
    with pytest.raises(ValueError, match="an equation in G and z"):
        to_transform(KNOWN["R"], "S")
    with pytest.raises(ValueError, match="a polynomial in s and t is wanted for the transform S"):
        from_transform(KNOWN["R"], "S")
    with pytest.raises(TypeError, match="a polynomial is wanted, as a SymPy expression, got None"):
        to_transform(None, "S")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a polynomial is wanted"):
        from_transform(None, "S")  # type: ignore[arg-type]
