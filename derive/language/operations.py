"""More of the expression language: fixed spectra, functions of one ensemble, and free powers.

`Ensemble` has the shorter spellings: `A.inverse()`, `A ** 2`, `A.apply(lambda x: x**2 - x)`,
`A.moebius(a, b, c, d)`, `A.free_power(t)`, `A.compression(f)`. Laws with a name that are made of these
are functions of `derive.language.named`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.plain import identical
from .ensembles import Ensemble, exact_expression, positive_expression


def _tuple_of(values: Any, what: str) -> tuple[Any, ...]:
    if not isinstance(values, (tuple, list)) or not values:
        raise TypeError(f"{what} must be a tuple with at least one item, got {values!r}")
    return tuple(values)


def _adds_to_one(weights: tuple[sp.Expr, ...], what: str) -> None:
    if not identical(sp.Add(*weights), 1):
        total = sp.cancel(sp.Add(*weights))
        raise ValueError(f"the {what} must add to 1, got {' + '.join(map(str, weights))} = {total}")


@dataclass(frozen=True)
class Atoms(Ensemble):
    """Finitely many eigenvalues, each of a positive share of them; eigenvectors free of all else.

    places: the eigenvalues, all different. masses: their shares, adding to 1 identically in the parameters.
    """

    places: Any
    masses: Any

    def __post_init__(self) -> None:
        places = tuple(
            exact_expression(x, "place of Atoms") for x in _tuple_of(self.places, "places of Atoms")
        )
        masses = tuple(
            positive_expression(m, "mass of Atoms") for m in _tuple_of(self.masses, "masses of Atoms")
        )
        if len(places) != len(masses):
            raise ValueError(
                f"Atoms needs one mass a place, got {len(places)} places and {len(masses)} masses"
            )
        for i, x in enumerate(places):
            if any(identical(x, y) for y in places[:i]):
                raise ValueError(f"the place {x} of Atoms is listed twice; add the masses")
        _adds_to_one(masses, "masses of Atoms")
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "masses", masses)


@dataclass(frozen=True)
class Cauchy(Ensemble):
    """Cauchy law of density scale/(pi (x^2 + scale^2)), eigenvectors free of all else; it has no moments."""

    scale: Any = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive_expression(self.scale, "scale of Cauchy"))


@dataclass(frozen=True)
class Equilibrium(Ensemble):
    """Equilibrium measure of V = t x^(2 degree): the matrices of density exp(-N tr V), N large.

    degree: half the power of the potential, a positive integer; 1 is the semicircle.
    radius: the law lives on (-radius, radius); it fixes t = 1/(degree c radius^(2 degree)), where c is the
    product of (2 l - 1)/(2 l) for l = 1 ... degree.
    """

    degree: int
    radius: Any = 2

    def __post_init__(self) -> None:
        if isinstance(self.degree, bool) or not isinstance(self.degree, (int, sp.Integer)) or self.degree < 1:
            raise TypeError(f"the degree of Equilibrium must be a positive integer, got {self.degree!r}")
        object.__setattr__(self, "degree", int(self.degree))
        object.__setattr__(self, "radius", positive_expression(self.radius, "radius of Equilibrium"))


@dataclass(frozen=True)
class FreePoisson(Ensemble):
    """X J X' for X of N x (rate N) independent entries of variance 1/N; compound free Poisson law.

    rate: columns of X over N. jump: the ensemble of J, of size rate N, whose law is that of the jumps; a
    number for jumps of one size. Free cumulants are rate times the moments of the jump.
    """

    rate: Any
    jump: Any = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", positive_expression(self.rate, "rate of FreePoisson"))
        if not isinstance(self.jump, Ensemble):
            place = exact_expression(self.jump, "jump of FreePoisson")
            if place == 0:
                raise ValueError("a FreePoisson of jump 0 is 0; leave the term out")
            object.__setattr__(self, "jump", Atoms((place,), (1,)))


@dataclass(frozen=True)
class Inverse(Ensemble):
    """The inverse matrix; 0 must lie outside the spectrum, beyond it or in a gap."""

    ensemble: Ensemble


@dataclass(frozen=True)
class Image(Ensemble):
    """The polynomial c_0 + c_1 A + ... + c_d A^d of one ensemble, d at least 2.

    coefficients: (c_0, ..., c_d); c_d must not vanish on the parameters' domain.
    """

    ensemble: Ensemble
    coefficients: Any

    def __post_init__(self) -> None:
        given = _tuple_of(self.coefficients, "coefficients of Image")
        coefficients = tuple(exact_expression(c, "coefficient of Image") for c in given)
        if len(coefficients) < 3 or coefficients[-1] == 0:
            raise ValueError(
                "Image needs the coefficients (c_0, ..., c_d) of a polynomial of degree 2 or more, got "
                f"{', '.join(map(str, coefficients))}; write c_1 * A + c_0 for degree 1"
            )
        object.__setattr__(self, "coefficients", coefficients)


@dataclass(frozen=True)
class DirectSum(Ensemble):
    """Diagonal blocks, the j-th of size weights[j] N; the weighted mixture of the parts' laws.

    weights: positive, adding to 1 identically in the parameters.
    """

    parts: Any
    weights: Any

    def __post_init__(self) -> None:
        parts = _tuple_of(self.parts, "parts of DirectSum")
        for part in parts:
            if not isinstance(part, Ensemble):
                raise TypeError(f"the parts of DirectSum must be square ensembles, got {part!r}")
        given = _tuple_of(self.weights, "weights of DirectSum")
        weights = tuple(positive_expression(w, "weight of DirectSum") for w in given)
        if len(parts) != len(weights):
            raise ValueError(
                f"DirectSum needs one weight a part, got {len(parts)} parts and {len(weights)} weights"
            )
        _adds_to_one(weights, "weights of DirectSum")
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "weights", weights)


@dataclass(frozen=True)
class FreePower(Ensemble):
    """The sum of `exponent` free copies, for any real exponent >= 1: free cumulants times exponent."""

    ensemble: Ensemble
    exponent: Any

    def __post_init__(self) -> None:
        exponent = exact_expression(self.exponent, "exponent of FreePower")
        if exponent.is_number and exponent < 1:
            raise ValueError(f"the exponent of a free power must be 1 or more, got {exponent}")
        object.__setattr__(self, "exponent", exponent)


@dataclass(frozen=True)
class Compression(Ensemble):
    """The corner of N rows of a matrix of N / fraction rows in generic position.

    fraction: rows kept, over rows there were; in (0, 1].
    """

    ensemble: Ensemble
    fraction: Any

    def __post_init__(self) -> None:
        fraction = positive_expression(self.fraction, "fraction of Compression")
        if fraction.is_number and fraction > 1:
            raise ValueError(f"the fraction that a compression keeps must be at most 1, got {fraction}")
        object.__setattr__(self, "fraction", fraction)


@dataclass(frozen=True)
class _OfTwo(Ensemble):
    first: Ensemble
    second: Ensemble

    def __post_init__(self) -> None:
        for part in (self.first, self.second):
            if not isinstance(part, Ensemble):
                raise TypeError(f"{type(self).__name__} takes two square ensembles, got {part!r}")


@dataclass(frozen=True)
class Commutator(_OfTwo):
    """i (A B - B A) of free A and B of symmetric law."""


@dataclass(frozen=True)
class Anticommutator(_OfTwo):
    """A B + B A of free A and B of symmetric law."""
