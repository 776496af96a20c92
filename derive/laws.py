"""What an expression comes to: the kinds of law, on which derivation and emission dispatch.

`Levy` is the free Levy law with finitely many jumps,

    R(g) = m + sum_j c_j g / (1 - p_j g),    H(w) = w + m + sum_j c_j / (w - p_j) = z,  w = 1/G,

with distinct real p_j and positive c_j; its branch is certified once for the class. `Algebraic`
is any other law whose Stieltjes transform is algebraic: an irreducible polynomial and the branch
G ~ 1/z at infinity.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

G, z, g, w, x = sp.symbols("G z g w x")


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

    def r_transform(self) -> sp.Expr:
        """R(g)."""
        return self.mean + sum(
            (c * g / (1 - p * g) for p, c in zip(self.poles, self.weights, strict=True)), sp.S.Zero
        )


@dataclass(frozen=True)
class Algebraic:
    """The branch G ~ 1/z at infinity of an irreducible polynomial in (G, z)."""

    polynomial: sp.Expr
    r: sp.Expr | None = None


Law = Levy | Algebraic
