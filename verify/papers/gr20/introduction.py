"""Abstract and section 1 of Granziol (2020): peaks at the origin, and the Gaussian orthogonal ensemble."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.laws import Radial

from ...ledger import Claim, Finding, Reading, exact
from .goe import invariant_entries
from .percolation import empty_share

LAYERS = range(1, 7)
R = sp.Symbol("R", positive=True)


@exact
def atoms_of_both(formula: Any) -> Finding:
    """(products of square factors, percolated matrices), 1 or 0: is there an atom at 0?"""
    masses = {Radial((sp.S.One,) * layers, sp.S.One).mass_at_zero for layers in LAYERS}
    share = empty_share(sp.Symbol("k", positive=True))
    found = (int(masses != {sp.S.Zero}), int(bool(share.is_positive)))
    return Finding(
        tuple(formula) == found,
        "products of 1 to 6 square Gaussian factors have no eigenvalue 0: the weight of the atom is "
        "exactly 0, whatever their number; a row of a percolated matrix is empty with probability "
        f"${sp.latex(share)}$, and 0 has at least that weight ({float(sp.exp(-3)):.2g} at k = 3, "
        f"{float(sp.exp(-10)):.2g} at k = 10)",
    )


@exact
def weight_of_products(formula: Any) -> Finding:
    """The weight at 0 of a product of two Gaussian matrices, a function of the ratio R of the sizes."""
    law = Radial((R, sp.S.One), 1 / R)
    for ratio in (sp.Rational(1, 4), sp.Rational(2, 3), sp.S.One, sp.Rational(5, 2)):
        own, stated = law.mass_at_zero.subs(R, ratio), sp.sympify(formula).subs(R, ratio)
        if own != stated:
            return Finding(False, f"at R = {ratio} it is {own}, stated {stated}")
    return Finding(
        True, "the derived law, R = 1/4, 2/3, 1 and 5/2: it depends on R where R < 1, and is 0 beyond"
    )


CLAIMS = (
    Claim(
        id="gr20/abstract-peaks",
        statement="Products of Wigner or Wishart matrices and percolated ones both give large discrete "
        "spectral peaks at the origin.",
        place="abstract, and section 5",
        readings=(Reading("an atom at 0, in square products as in percolated matrices", (1, 1)),),
        checks=(atoms_of_both,),
        correction=Reading(
            "square products have no atom, but a density that diverges at 0; there is one if a dimension "
            "between the factors is smaller than that outside. Percolated matrices have an atom, of a "
            "weight that falls as "
            "$e^{-k}$ or so with the mean number $k$ of entries a row",
            (0, 1),
        ),
        conditions="products of 1 to 6 factors",
        uses=("gr20/eq-11", "gr20/sec-4.2-peak"),
    ),
    Claim(
        id="gr20/abstract-ratio",
        statement="In a random matrix product the weight of the discrete spectral component at 0 depends "
        "on the ratio of the dimensions of the matrices.",
        place="abstract",
        readings=(Reading("two factors, $R$ the size between them over that outside", 1 - sp.Min(1, R)),),
        checks=(weight_of_products,),
        conditions="for $R < 1$; with $R \\ge 1$ there is none",
        uses=("gr20/eq-11",),
        steps=(("gaussian_product", "mass at 0"),),
    ),
    Claim(
        id="gr20/sec-1-goe",
        statement="The Gaussian orthogonal ensemble is a random matrix of elements sampled independently "
        "from a Gaussian of common variance.",
        place="section 1",
        readings=(Reading("on and above the diagonal", (1,)),),
        checks=(invariant_entries,),
        correction=Reading(
            "the diagonal has twice the variance of the rest: otherwise the ensemble is not invariant under "
            "rotations, and the joint density of its eigenvalues is not that of the GOE",
            (2,),
        ),
        conditions="the limiting law does not depend on the diagonal",
    ),
)
