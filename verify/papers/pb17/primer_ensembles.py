"""Section 3.1 of Pennington & Bahri (2017): spectral densities, the Wigner and the Wishart ensemble."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from derive import load
from derive.algebra.radicals import constant_sign
from derive.analysis.stated_density import DensityAgrees
from derive.laws import G, x, z
from derive.transforms.curves import Setting
from derive.typesetting.latex import latex, names_of

from ...exact import ball, rational
from ...ledger import Claim, Finding, Reading, certified, exact, sampled
from ...precise import Law
from ..deciding import (
    FALSE_ALARM,
    POWER,
    at,
    derivation,
    every,
    identical,
    probes,
    spectra_have_transform,
)
from ..small_networks import rank_modulo_prime
from ..walks import gaussian, limit_at_infinity, wigner, wishart

SC, MP = "semicircle", "marchenko_pastur"
phi, sigma = (parameter.symbol for parameter in load(MP).parameters)
(sigma_sc,) = (parameter.symbol for parameter in load(SC).parameters)
n, p = sp.symbols("n p", integer=True, positive=True)
j = sp.Symbol("j", integer=True)
low, high = sp.symbols("lambda_- lambda_+")
eigenvalue = sp.IndexedBase("lambda")
LOW, HIGH = sigma * (1 - sp.sqrt(phi)) ** 2, sigma * (1 + sp.sqrt(phi)) ** 2
PRINTED_SC = sp.sqrt(4 * sigma_sc**2 - x**2) / (2 * sp.pi * sigma_sc**2)
PRINTED_MP = sp.sqrt((x - low) * (high - x)) / (2 * sp.pi * x * sigma * phi)
PRINTED_SPECTRAL = sp.Sum(sp.DiracDelta(x - eigenvalue[j]), (j, 1, n)) / n


def rational_matrix() -> tuple[sp.Matrix, tuple[sp.Rational, ...]]:
    """A symmetric rational matrix, and its eigenvalues: one of them double."""
    values = (sp.Integer(3), sp.Integer(3), sp.Rational(-1, 2))
    v = sp.Matrix([1, 2, 4])
    mirror = sp.eye(3) - 2 * v * v.T / (v.T * v)[0]
    return mirror * sp.diag(*values) * mirror, values


# --- empirical spectral density ------------------------------------------------------------------


@exact
def moments_of_spectral_density(formula: Any) -> Finding:
    """A density with point masses at the eigenvalues: its moments are tr M^k / n."""
    matrix, values = rational_matrix()
    points = {eigenvalue[i + 1]: value for i, value in enumerate(values)}
    density = sp.expand(formula.subs(n, len(values)).doit().xreplace(points))
    found = []
    for k in range(4):
        moment = sp.integrate(x**k * density, (x, -sp.oo, sp.oo))
        trace = (matrix**k).trace() / matrix.rows
        found.append(identical(moment, trace, what=f"moment {k} against tr M^{k} / n"))
    together = every(*found)
    text = "moments 0 to 3 are exactly tr M^k / n" if together.holds else together.text
    return Finding(together.holds, f"a rational matrix with the eigenvalues 3, 3, -1/2: {text}")


# --- the two ensembles ---------------------------------------------------------------------------


@exact
def entries_of_wigner(formula: Any) -> Finding:
    """The variance of the entries of a symmetric matrix: its mean traces must tend to the moments of (6)."""
    means = [wigner(k, gaussian(formula), n) for k in range(1, 9)]
    return _agree(formula, SC, means, n, "M^{k}")


@exact
def entries_of_wishart(formula: Any) -> Finding:
    """The variance of the entries of X: mean traces of X X' must tend to the moments of (7)-(8)."""
    means = [wishart(k, gaussian(formula), n, p).subs(n, phi * p) for k in range(1, 6)]
    return _agree(formula, MP, means, p, "(X X')^{k}")


def _agree(variance: sp.Expr, name: str, means: list[sp.Expr], size: sp.Symbol, power: str) -> Finding:
    """Mean traces over n for large sizes against the moments of a law, with the first that differs."""
    what = f"normal entries of variance ${shown(variance, name)}$"
    moments = derivation(name).closed_forms["moments"](len(means))
    for k, mean in enumerate(means, 1):
        limit = limit_at_infinity(mean, size)
        if limit is sp.oo or sp.expand(limit - moments[k]) != 0:
            trace = f"E tr {power.format(k=k)} / n" if k > 1 else "E tr X X' / n"
            tends = "has no limit" if limit is sp.oo else f"tends to ${shown(limit, name)}$"
            value = f"${shown(mean, name)}$" if len(sp.Add.make_args(mean)) < 4 else "a sum"
            return Finding(
                False, f"{what}: {trace} is {value} and {tends}, the density has ${shown(moments[k], name)}$"
            )
    return Finding(
        True, f"{what}: mean moments 1 to {len(means)}, exact at every size, tend to those of the density"
    )


def shown(expression: sp.Expr, name: str) -> str:
    """An expression in LaTeX, in the letters of a model."""
    return latex(expression, names_of(load(name)))


def _density(name: str, density: sp.Expr) -> Finding:
    """Whether a density is that of the law, decided against its equation."""
    equation = sp.expand(derivation(name).equation)
    parameters = tuple(parameter.symbol for parameter in load(name).parameters)
    holds = DensityAgrees(Setting(parameters), equation, density, True).decide()
    outcome = "satisfies" if holds else "does not satisfy"
    return Finding(
        holds,
        f"the density {outcome} ${shown(equation, name)} = 0$, the equation of the law, on the right branch",
    )


@exact
def semicircle_density(formula: Any) -> Finding:
    """(density, radius) against the equation and the edges of the semicircle law."""
    density, radius = formula
    return every(_edges((-radius, radius), SC), _density(SC, density))


@exact
def marchenko_pastur_density(formula: Any) -> Finding:
    """(density in x and its edges, lower edge, upper edge) against the law of (29)."""
    density, lower, upper = formula
    inserted = density.subs({low: lower, high: upper}, simultaneous=True)
    return every(_edges((lower, upper), MP), _density(MP, inserted))


def _edges(stated: tuple[sp.Expr, sp.Expr], name: str) -> Finding:
    pairs = zip(stated, derivation(name).closed_forms["edges"], strict=True)
    both = every(*(identical(mine, end, what="an edge") for mine, end in pairs))
    return Finding(True, "both edges agree exactly") if both.holds else both


def _transform(density: sp.Expr, lower: float, upper: float, points: Any) -> Any:
    """The integral of density/(z - t), by the midpoint rule in the angle of t = centre + radius cos a."""
    angles = (np.arange(400) + 0.5) * np.pi / 400
    centre, radius = (lower + upper) / 2, (upper - lower) / 2
    t = centre + radius * np.cos(angles)
    values = np.asarray(sp.lambdify(x, density, "numpy")(t + 0j) * np.ones_like(t)).real
    weights = values * radius * np.sin(angles) * np.pi / len(angles)
    return np.sum(weights / (points[:, None] - t), axis=1)


@sampled(false_alarm=FALSE_ALARM, power=POWER)
def matrices_have_semicircle(formula: Any) -> Finding:
    """Resolvent traces of a real Wigner matrix, entries of variance sigma^2/n, against the density."""
    density, radius = formula
    choice: Any = {"n": 1000, "seed": 6, "sigma": "3/2"}
    points, values = probes(SC, **choice)
    chosen = {sigma_sc: values["sigma"]}
    end = float(radius.subs(chosen))
    return spectra_have_transform(SC, _transform(density.subs(chosen), -end, end, points), **choice)


@sampled(false_alarm=FALSE_ALARM, power=POWER)
def matrices_have_marchenko_pastur(formula: Any) -> Finding:
    """Resolvent traces of a real Wishart matrix, entries of variance sigma/p, against the density."""
    density, *ends = formula
    choice: Any = {"n": 1000, "seed": 8, "phi": "1/2", "sigma": "2"}
    points, values = probes(MP, **choice)
    chosen = {symbol: values[symbol.name] for symbol in (phi, sigma)}
    lower, upper = (float(end.subs(chosen)) for end in ends)
    inserted = density.subs({low: lower, high: upper, **chosen})
    return spectra_have_transform(MP, _transform(inserted, lower, upper, points), **choice)


# --- the atom, the rank and the gap --------------------------------------------------------------


@exact
def atom_at_zero(formula: Any) -> Finding:
    """(weight for phi < 1, weight otherwise) of the atom at 0.

    With G = M/z the lowest terms of the law's equation leave a quadratic for the weight M: 0 or 1 - 1/phi.
    For phi < 1 the second is negative; for phi > 1 at least 1 - 1/phi of the eigenvalues of X X' are 0.
    """
    below, otherwise = formula
    many = sp.Symbol("M")
    scaled = sp.Poly(sp.expand(derivation(MP).equation.subs(G, many / z) * z), z)
    weights = {sp.expand(weight) for weight in sp.roots(sp.Poly(scaled.TC(), many))}
    beyond = 1 - 1 / phi
    if weights != {sp.S.Zero, beyond} or constant_sign(beyond, where=(1 - phi,)) != -1:
        raise ArithmeticError(f"the weight at 0 is one of {weights}")
    together = every(
        identical(below, 0, what="the weight for phi < 1"),
        identical(otherwise, beyond, what="the weight for phi >= 1"),
        _zero_shares(otherwise, sp.S.One),
    )
    text = "the equation of the law leaves 0 and 1 - 1/phi as weights, the second negative for phi < 1; "
    return Finding(True, text + _zero_shares(otherwise, sp.S.One).text) if together.holds else together


@certified
def masses_add_up(formula: Any) -> Finding:
    """The weight and the integral of the printed density (8) make 1, below and beyond phi = 1."""
    worst = 0.0
    for ratio, weight in ((sp.Rational(1, 3), formula[0]), (sp.Rational(5, 2), formula[1])):
        values = {sigma: sp.Integer(2), phi: ratio}
        with mp.workdps(25):
            lower, upper = (sp.N(end.subs(values), 30) for end in (LOW, HIGH))
            density = sp.lambdify(x, PRINTED_MP.subs({low: lower, high: upper, **values}), "mpmath")
            mass = mp.quad(
                lambda t, f=density: mp.re(f(t)), [mp.mpf(lower), mp.mpf(lower + upper) / 2, mp.mpf(upper)]
            )
            rest = mp.mpf(sp.N(sp.sympify(weight).subs(values), 30))
            worst = max(worst, abs(float(mass + rest - 1)))
    holds = worst < 1e-20
    outcome = "makes 1 within 1e-20" if holds else f"differs from 1 by {worst:.3g}"
    return Finding(holds, f"quadrature of (8) at phi = 1/3 and 5/2, plus the weight, {outcome}")


@exact
def share_of_zeros(formula: Any) -> Finding:
    """(ratio, share): X X' has full rank up to this ratio n/p, beyond it this share of zero eigenvalues."""
    threshold, share = formula
    return every(
        _zero_shares(share, threshold),
        identical(sp.sympify(share).subs(phi, threshold), 0, what="the share where it sets in"),
    )


def _zero_shares(share: sp.Expr, threshold: sp.Expr) -> Finding:
    """Ranks of X X' for integer X: p at most, and no less than modulo a prime."""
    rng = np.random.default_rng(31)
    shapes = ((3, 8), (5, 6), (6, 6), (6, 5), (6, 4), (9, 3))
    for rows, columns in shapes:
        factor = rng.integers(-99, 100, (rows, columns))
        rank = rank_modulo_prime((factor @ factor.T).tolist())
        ratio = sp.Rational(rows, columns)
        stated = sp.sympify(share).subs(phi, ratio) if ratio > threshold else sp.S.Zero
        if rank < min(rows, columns):
            raise ArithmeticError(f"the {rows} x {columns} example is degenerate")
        if stated != sp.Rational(rows - rank, rows):
            return Finding(
                False, f"a {rows} x {columns} matrix X gives X X' the rank {rank}; stated share {stated}"
            )
    return Finding(
        True, f"ranks of X X' for {len(shapes)} integer matrices X of n/p from 3/8 to 3, decided exactly"
    )


@exact
def gap_is_lower_edge(formula: Any) -> Finding:
    """A gap against the lower edge of the derived law, for every ratio; 0 for one ratio alone."""
    same = identical(formula, derivation(MP).closed_forms["edges"][0], what="the lower edge")
    closed = sp.solveset(formula.subs(sigma, 1), phi, sp.S.Reals)
    return every(same, Finding(closed == {1}, f"it vanishes for phi in {closed} alone"))


@certified
def nothing_in_the_gap(formula: Any) -> Finding:
    """The band starts there by certified edges, and all mass below it is that of the atom at 0."""
    for ratio in ("1/10", "1/2", "9/10", "11/10", "5/2", "10"):
        law = Law(MP, phi=ratio, sigma="2")
        width = at(formula.subs(sigma, 2), phi, ratio)
        atom = law.atom() or (0, sp.S.Zero)
        if atom[0] != 0 or law.levels()[0][0] != atom[1]:
            return Finding(False, f"phi = {ratio}, sigma = 2: there is mass between 0 and the band")
        edge = law.edges()[0]
        if abs(edge / ball(rational(width)) - 1) > 1e-14:
            return Finding(False, f"phi = {ratio}, sigma = 2: the lowest edge is {float(edge):.6g}")
    return Finding(
        True,
        "at six ratios from 1/10 to 10 it is the certified lowest edge to 14 digits, and below it there is "
        "the atom at 0 alone",
    )


CLAIMS = (
    Claim(
        id="pb17/eq-5",
        statement=r"$\rho_{M_n}(\lambda) = \frac{1}{n} \sum_{j=1}^n \delta(\lambda - \lambda_j(M_n))$, "
        "eigenvalues counted with multiplicity.",
        place="eq. 5",
        readings=(Reading("as printed", PRINTED_SPECTRAL),),
        checks=(moments_of_spectral_density,),
        conditions=r"$\delta(\lambda - \lambda_j)$ is the unit mass at $\lambda_j$; in the sentence below "
        r"(5) read $\delta(\lambda - z)$ for $\delta(z)$"
        "; decided for one rational matrix with a double eigenvalue, moments 0 to 3",
    ),
    Claim(
        id="pb17/sec-3.1-wigner",
        statement=r"For a real Wigner matrix with entries $M_{ij} \sim \mathcal{N}(0, \sigma^2)$ the "
        "limiting spectral density is (6).",
        place="section 3.1, before eq. 6",
        readings=(
            Reading(r"$\sigma^2$ is the variance of an entry", sigma_sc**2),
            Reading(r"$\sigma^2$ is the standard deviation of an entry", sigma_sc**4),
        ),
        checks=(entries_of_wigner,),
        correction=Reading(
            r"$M_{ij} \sim \mathcal{N}(0, \sigma^2 / n)$; entries $\mathcal{N}(0, \sigma^2)$ belong to "
            r"$\sqrt{n} M$, which has no limiting spectral density",
            sigma_sc**2 / n,
        ),
        conditions="the mean moments to order 8 are decided, for all orders it is Wigner's theorem",
        uses=("pb17/eq-5", "pb17/eq-6"),
        steps=((SC, "The entries printed beside (6)"), (SC, "The right entries")),
    ),
    Claim(
        id="pb17/eq-6",
        statement=r"$\rho_{SC}(\lambda; \sigma, \phi) = \frac{1}{2 \pi \sigma^2} \sqrt{4 \sigma^2 - "
        r"\lambda^2}$ if $|\lambda| \le 2 \sigma$, 0 otherwise: the semicircle law.",
        place="eq. 6",
        readings=(Reading("as printed", (PRINTED_SC, 2 * sigma_sc)),),
        checks=(semicircle_density, matrices_have_semicircle),
        conditions=r"for entries of variance $\sigma^2 / n$ (`pb17/sec-3.1-wigner`); $\phi$ does not enter",
        steps=((SC, "Density of H: semicircle"), (SC, "Moments of the density (6)")),
    ),
    Claim(
        id="pb17/sec-3.1-wishart",
        statement=r"For $M = X X^T$ with $X \in \mathbb{R}^{n \times p}$ and $X_{ij} \sim \mathcal{N}(0, "
        r"\sigma^2 / p)$ the limiting spectral density is (7) with (8).",
        place="section 3.1, before eq. 7",
        readings=(
            Reading(r"$\sigma^2 / p$ is the variance of an entry", sigma**2 / p),
            Reading(r"$\sigma^2 / p$ is the standard deviation of an entry", sigma**4 / p**2),
        ),
        checks=(entries_of_wishart,),
        correction=Reading(
            r"$X_{ij} \sim \mathcal{N}(0, \sigma / p)$: $\sigma$ is the mean of (8), as it is in (29); or "
            r"else $\sigma^2$ in place of $\sigma$ in (8) and in $\lambda_\pm$",
            sigma / p,
        ),
        conditions="the mean moments to order 5 are decided, for all orders it is the theorem of Marchenko "
        "and Pastur; the print is right for $\\sigma = 1$, which is all that (15) needs",
        uses=("pb17/eq-5", "pb17/eq-7", "pb17/eq-8"),
        steps=(
            (MP, "The entries printed beside (7)"),
            (MP, "Or the right variance for the density as printed"),
        ),
        planted=(sigma / p**2, sigma / n, 2 * sigma / p, sigma**2 / p),
    ),
    Claim(
        id="pb17/eq-7",
        statement=r"$\rho_{MP}(\lambda; \sigma, \phi) = \rho(\lambda)$ if $\phi < 1$, $(1 - \phi^{-1}) "
        r"\delta(\lambda) + \rho(\lambda)$ otherwise, $\phi = n/p$.",
        place="eq. 7",
        readings=(Reading(r"with the $\rho$ of (8)", (sp.Integer(0), 1 - 1 / phi)),),
        checks=(atom_at_zero, masses_add_up),
        conditions="the ranks of $X X^T$ are decided for six shapes of $X$",
        uses=("pb17/eq-8",),
        steps=((MP, "The pole at 0 is the atom"), (MP, "atom")),
    ),
    Claim(
        id="pb17/eq-8",
        statement=r"$\rho(\lambda) = \frac{1}{2 \pi \lambda \sigma \phi} \sqrt{(\lambda - "
        r"\lambda_-)(\lambda_+ - \lambda)}$, $\lambda_\pm = \sigma (1 \pm \sqrt{\phi})^2$.",
        place="eq. 8",
        readings=(Reading(r"between $\lambda_-$ and $\lambda_+$", (PRINTED_MP, LOW, HIGH)),),
        checks=(marchenko_pastur_density, matrices_have_marchenko_pastur),
        conditions=r"$\sigma$ is the mean of the law: for entries of variance $\sigma / p$, and not "
        r"$\sigma^2 / p$ (`pb17/sec-3.1-wishart`); 0 outside $[\lambda_-, \lambda_+]$",
        steps=((MP, "Density of H: Marchenko-Pastur"), (MP, "Moments of the law (7)-(8)")),
    ),
    Claim(
        id="pb17/sec-3.1-low-rank",
        statement=r"The Wishart matrix $M$ is low rank if $\phi > 1$, which explains the delta function "
        "density at 0 in that case.",
        place="section 3.1",
        readings=(
            Reading(
                r"$X X^T$ has full rank for $\phi \le 1$, and for $\phi > 1$ the share $1 - 1/\phi$ of its "
                "eigenvalues is 0, the weight in (7)",
                (sp.Integer(1), 1 - 1 / phi),
            ),
        ),
        checks=(share_of_zeros,),
        conditions="with probability 1, for entries that have a density; decided for six shapes of $X$",
        uses=("pb17/eq-7",),
    ),
    Claim(
        id="pb17/sec-3.1-gap",
        statement=r"There is an eigenvalue gap equal to $\lambda_-$, which depends on $\phi$.",
        place="section 3.1",
        readings=(Reading(r"between 0 and the continuous part, $\lambda_-$ as in (8)", LOW),),
        checks=(gap_is_lower_edge, nothing_in_the_gap),
        conditions=r"for $\phi > 1$ it lies between the atom at 0 and the band; at $\phi = 1$ it is 0",
        uses=("pb17/eq-7", "pb17/eq-8"),
        steps=((MP, "explicit edges"), (MP, "levels in gaps")),
    ),
)
