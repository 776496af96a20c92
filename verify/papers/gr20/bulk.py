"""Section 3.2 of Granziol (2020): the gap, the mean and the mode of Marchenko and Pastur's law."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.laws import x

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every, identical, together
from ..pb17.primer_ensembles import MP, gap_is_lower_edge, phi, sigma
from .background import of_mean, q, scale

GAP, END = scale**2 * (1 - sp.sqrt(q)) ** 2, scale**2 * (1 + sp.sqrt(q)) ** 2
BEYOND = (phi - 1,)


@exact
def gap_and_bulk(formula: Any) -> Finding:
    """(gap, lower edge, upper edge) against the edges of the derived law."""
    gap, low, high = map(of_mean, formula)
    edges = derivation(MP).closed_forms["edges"]
    return together(
        "both edges are exactly those of the derived law, the lower one vanishes at q = 1 alone",
        gap_is_lower_edge(gap),
        identical(low, edges[0], what="the lower edge"),
        identical(high, edges[1], what="the upper edge"),
    )


@exact
def mean_of_bulk(formula: Any) -> Finding:
    """The mean of the continuous part for q > 1: that of the law over the mass that the atom leaves."""
    forms = derivation(MP).closed_forms
    mean = sp.cancel(forms["moments"](1)[1] / (1 - forms["atom_mass"]))
    found = identical(
        of_mean(formula), mean, where=BEYOND, what="the mean, phi = q and sigma that of the law"
    )
    return every(
        Finding(True, f"the atom at 0 has the weight ${sp.latex(forms['atom_mass'])}$, $\\phi = q$"), found
    )


@exact
def mode_of_bulk(formula: Any) -> Finding:
    """Where the density is greatest: the only zero of its derivative inside the band."""
    low, high = sp.symbols("a b", positive=True)
    slope = sp.numer(sp.cancel(sp.diff((x - low) * (high - x) / x**2, x)))
    (place,) = (root for root in sp.solve(slope, x) if root != 0)
    edges = derivation(MP).closed_forms["edges"]
    greatest = sp.simplify(place.subs({low: edges[0], high: edges[1]}, simultaneous=True))
    return identical(
        of_mean(formula),
        greatest,
        where=BEYOND,
        what="the place of the greatest density, phi = q and sigma the mean",
    )


@exact
def vanishing_scale(formula: Any) -> Finding:
    """(lower edge, upper edge) as sigma -> 0."""
    edges = derivation(MP).closed_forms["edges"]
    limits = [sp.limit(edge, sigma, 0, "+") for edge in edges]
    return together(
        "both edges of the derived law tend to 0",
        *(identical(a, b, what="an edge") for a, b in zip(formula, limits, strict=True)),
    )


CLAIMS = (
    Claim(
        id="gr20/sec-3.2-gap",
        statement=r"For $q > 1$ there is a spectral gap of $\sigma^2 (1 - \sqrt{q})^2$ between the origin "
        r"and the support of the bulk, $\sigma^2 (1 \pm \sqrt{q})^2$.",
        place="section 3.2",
        readings=(Reading("as printed", (GAP, GAP, END)),),
        checks=(gap_and_bulk,),
        conditions=r"the bulk that it describes is $\nu_q$; the $\nu_{1/q}$ printed in (3) has other edges",
        uses=("gr20/eq-3", "gr20/eq-3-density"),
        steps=((MP, "explicit edges"), (MP, "levels in gaps")),
    ),
    Claim(
        id="gr20/sec-3.2-mean",
        statement=r"The mean of the bulk is $\sigma^2$.",
        place="section 3.2",
        readings=(Reading("for $q > 1$, of which the sentences before speak", scale**2),),
        checks=(mean_of_bulk,),
        correction=Reading(
            r"$q \sigma^2$; $\sigma^2$ is the mean of the whole law, atom included", q * scale**2
        ),
        uses=("gr20/eq-3",),
        steps=((MP, "atom"), (MP, "moments")),
    ),
    Claim(
        id="gr20/sec-3.2-mode",
        statement=r"In the case of degeneracy the maximal spectral density of the bulk is at $\sigma^2$.",
        place="section 3.2",
        readings=(Reading("$q > 1$", scale**2),),
        checks=(mode_of_bulk,),
        correction=Reading(
            r"at $\sigma^2 \frac{(q - 1)^2}{q + 1}$, which is $\sigma^2$ at $q = 3$ alone",
            scale**2 * (q - 1) ** 2 / (q + 1),
        ),
        uses=("gr20/eq-3-density",),
    ),
    Claim(
        id="gr20/sec-3.2-scale",
        statement=r"$\sigma \to 0$ would close the gap, but predict a completely degenerate mass at the "
        "origin.",
        place="section 3.2",
        readings=(Reading("both edges tend to 0", (sp.Integer(0), sp.Integer(0))),),
        checks=(vanishing_scale,),
        uses=("gr20/sec-3.2-gap",),
        steps=((MP, "scaling"),),
    ),
    Claim(
        id="gr20/sec-3.2-rate",
        statement="The mean spectral distribution converges to Marchenko and Pastur's law as "
        "$O(P^{-1/4})$, as "
        r"$O(P^{-5/48})$ for $q$ near 1.",
        place="section 3.2",
        open_because="upper bounds of a theorem of Bai (1993), which are not sharp and are not proved "
        "here; no finite number of sizes can decide them",
        uses=("gr20/eq-3",),
    ),
    Claim(
        id="gr20/fig-1",
        statement="Hessian spectra of the VGG-16 and the PreResNet-110 deviate from the semicircle: mass "
        "at the origin, an asymmetric bulk, outliers; negative eigenvalues apart from the bulk.",
        place="figure 1, and sections 1.1 and 3.1",
        open_because="the authors' own networks and spectra, which are not published with the paper",
        uses=("gr20/eq-2",),
    ),
    Claim(
        id="gr20/fig-2",
        statement="The generalised Gauss-Newton matrix has no spectral gap; the residual has a sharp peak "
        "near 0, a rapid decay, and outliers smaller than the former's.",
        place="figure 2 and section 3.2",
        open_because="the authors' own networks and spectra, which are not published with the paper",
        uses=("gr20/sec-3.2-gap", "gr20/eq-2"),
    ),
)
