"""What an expression comes to: the kinds of law, on which derivation and emission dispatch.

`Levy` is the free Levy law with finitely many jumps,

    R(g) = m + sum_j c_j g / (1 - p_j g),    H(w) = w + m + sum_j c_j / (w - p_j) = z,  w = 1/G,

with distinct real p_j and positive c_j; its branch is certified once for the class. `Algebraic`
is any other law whose Stieltjes transform is algebraic: an irreducible polynomial and the branch
G ~ 1/z at infinity. `Functional` is a law known by a functional equation, as those of sparse
matrices are; `Radial` is one of complex eigenvalues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations

import sympy as sp

G, z, g, w, x = sp.symbols("G z g w x")

# Poles of more distances from 0 than this have too many sets for `Levy.at_zero`.
MOST_DISTANCES = 3


@dataclass(frozen=True)
class Levy:
    """R(g) = mean + sum of weights[j] g / (1 - poles[j] g); a pole 0 is a Wigner part.

    The poles are distinct and the weights positive on the interior of the parameters' domains;
    where they merge (eps = 2 sigma^2) or vanish (eps = 0) on special values, evaluators add or
    drop them.
    """

    mean: sp.Expr
    poles: tuple[sp.Expr, ...]
    weights: tuple[sp.Expr, ...]

    @property
    def rates(self) -> tuple[sp.Expr | None, ...]:
        """lambda_j = c_j / p_j^2, the rate of the jump p_j; None for the Wigner part."""
        return tuple(
            None if p == 0 else sp.powsimp(sp.cancel(c / p**2))
            for p, c in zip(self.poles, self.weights, strict=True)
        )

    @property
    def atom_place(self) -> sp.Expr | None:
        """H(0) = m - sum c_j / p_j, where the atom sits if there is one; None with a Wigner part."""
        if any(p == 0 for p in self.poles):
            return None
        terms = (c / p for p, c in zip(self.poles, self.weights, strict=True))
        return sp.cancel(sp.together(self.mean - sum(terms)))

    @property
    def at_zero(self) -> dict[tuple[int, ...], tuple[sp.Expr, sp.Expr]]:
        """m - sum c_j / p_j and 1 - sum lambda_j over sets of poles, factored: H(0), H'(0) of these alone.

        The sets are those of poles beyond some distance from 0, whatever the parameters: opposite poles come
        together. Factored, the values keep their relative accuracy where they nearly vanish.
        """
        distances: dict[sp.Expr, list[int]] = {}
        for j, p in enumerate(self.poles):
            if p != 0:
                distances.setdefault(sp.expand(p**2), []).append(j)
        groups = list(distances.values())
        sizes = range(1, len(groups) + 1) if len(groups) <= MOST_DISTANCES else [len(groups)]
        found = {}
        for size in sizes:
            for chosen in combinations(groups, size):
                which = tuple(sorted(chain.from_iterable(chosen)))
                place = self.mean - sum(self.weights[j] / self.poles[j] for j in which)
                defect = 1 - sum(self.weights[j] / self.poles[j] ** 2 for j in which)
                found[which] = tuple(sp.factor(sp.cancel(sp.together(value))) for value in (place, defect))
        return found

    def r_transform(self) -> sp.Expr:
        """R(g)."""
        return self.mean + sum(
            (c * g / (1 - p * g) for p, c in zip(self.poles, self.weights, strict=True)), sp.S.Zero
        )


@dataclass(frozen=True)
class ValueAtZero:
    """G(0) of a law without 0 in its spectrum, an algebraic number: what a symbol stands for.

    polynomial, mean: as of an `Algebraic` law.
    minimal: irreducible, in the symbol; the number is a root of it.
    side: of the two roots (-c_1 +- sqrt(d))/(2 c_2) of a quadratic one the one with this sign, if it is that
        on all of the domain; None elsewhere.
    """

    symbol: sp.Symbol
    polynomial: sp.Expr
    mean: sp.Expr | None
    minimal: sp.Expr
    side: int | None


@dataclass(frozen=True)
class Algebraic:
    """The branch G ~ 1/z at infinity of an irreducible polynomial in (G, z).

    mean: of the law, where several branches have G ~ 1/z: then it is the one with this mean, a rational
        function of the parameters and of `values`; None where there is one branch.
    values: what the symbols in `mean` stand for, each described by the parameters and the symbols before it.
    """

    polynomial: sp.Expr
    r: sp.Expr | None = None
    mean: sp.Expr | None = None
    values: tuple[ValueAtZero, ...] = ()

    def at(self, numbers: Mapping[sp.Symbol, sp.Expr]) -> Algebraic:
        """The law with numbers for some parameters."""

        def put(expression: sp.Expr | None) -> sp.Expr | None:
            return None if expression is None else expression.subs(numbers)

        values = tuple(
            replace(v, polynomial=put(v.polynomial), mean=put(v.mean), minimal=put(v.minimal))
            for v in self.values
        )
        return Algebraic(put(self.polynomial), put(self.r), put(self.mean), values)


@dataclass(frozen=True)
class Functional:
    """The law of a sparse matrix or product: equations on a half-line, and G as an integral over a solution.

    equations: for chi, and for psi of the other end of an edge where the matrix is rectangular.
    transform: G by chi.
    weights, degrees, ratios: of the random tree (`derive.language.sparse`), one number a factor; the
        ratio is 1 for a symmetric matrix.
    squared: whether the law is that of X X', so that the equations hold at zeta = sqrt(z).
    """

    equations: tuple[sp.Eq, ...]
    transform: sp.Eq
    weights: str
    degrees: tuple[sp.Expr, ...]
    ratios: tuple[sp.Expr, ...]
    squared: bool

    @property
    def interface(self) -> tuple[str, ...]:
        """The functions of a generated module that such a law admits: none that needs the axis."""
        return ("index", "mass_at_zero", "moments", "stieltjes")


@dataclass(frozen=True)
class Smoothed:
    """A law plus a free Cauchy law of a scale: G(z) is that of the law at z + i scale, for Im z > 0."""

    law: Levy | Algebraic
    scale: sp.Expr


@dataclass(frozen=True)
class Radial:
    """Eigenvalues in the complex plane whose law depends on the distance r from 0 alone.

    The disc of radius r has the mass F with r^2 = scale * product of (size - 1 + F), from the greatest zero
    of the right-hand side at r = 0 to F = 1 at the rim.

    sizes: positive, 1 among them.
    """

    sizes: tuple[sp.Expr, ...]
    scale: sp.Expr

    def radius_squared(self, mass: sp.Expr) -> sp.Expr:
        """The radius, squared, of the disc that holds the mass."""
        return self.scale * sp.Mul(*(size - 1 + mass for size in self.sizes))

    @property
    def mass_at_zero(self) -> sp.Expr:
        """The weight of the atom at 0."""
        return 1 - sp.Min(*self.sizes)

    @property
    def interface(self) -> tuple[str, ...]:
        """The functions of a generated module that such a law admits."""
        return ("cdf", "density", "mass_at_zero", "quantile", "radius")


# What the analyses of a law with a polynomial take; the other kinds are derived on their own.
Law = Levy | Algebraic
