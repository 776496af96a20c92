"""Section 2 of Pennington & Bahri (2017) after (4): the ratio, the rank of H0, the primary assumptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from derive import load

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every, identical
from ..small_networks import Network, rank_modulo_prime, rational_network
from ..walks import any_law, limit_at_infinity, wigner, wishart
from .beyond_blocks import general
from .beyond_wishart import integer_jacobian
from .preliminaries_hessian import PRINTED_LOSS, energy_of_loss, m, n2, with_residuals, without_residuals

MP = "marchenko_pastur"
eps, phi = (parameter.symbol for parameter in load("wishart_wigner").parameters)
n, k = sp.symbols("n k", integer=True, positive=True)


@exact
def counts_of_square_network(formula: Any) -> Finding:
    """(parameters, examples, ratio) as functions of n and m, against square networks and (3)."""
    parameters, examples, ratio = formula
    for width, count in ((2, 3), (3, 4)):
        network = rational_network(width, width, width, count)
        jacobian = network.jacobian()
        stated = tuple(sp.sympify(value).subs({n: width, m: count}) for value in (parameters, examples))
        if stated != jacobian.shape:
            return Finding(
                False,
                f"n = {width}, m = {count}: {jacobian.rows} parameters and {jacobian.cols} squares in the "
                f"loss, stated {stated[0]} and {stated[1]}",
            )
    return every(
        identical(parameters / examples, ratio, what="parameters over effective examples"),
        Finding(True, "counted in square networks of width 2 and 3"),
    )


@exact
def effective_examples(formula: Any) -> Finding:
    """A formula for the number of residuals: each has a square of its own in (2), a term of rank 1 in (3)."""
    wide = rational_network(2, 4, 2, 3)
    for network in (*general(), wide):
        at = {n2: network.second.rows, m: network.examples}
        if formula.subs(at) != len(network.residuals):
            count = len(network.residuals)
            return Finding(False, f"n_2 = {at[n2]}, m = {at[m]}: the loss is a sum of {count} squares")
    jacobian = wide.jacobian()
    rank = jacobian.rank()
    return Finding(
        rank == jacobian.cols,
        f"counted in three networks; in one of {jacobian.rows} parameters the {jacobian.cols} residuals, 2 "
        f"for each of 3 examples, give H0 the rank {rank}: each counts like an example of its own",
    )


@exact
def relative_rank(formula: Any) -> Finding:
    """The largest rank of H0 over the number of parameters of square networks, as a function of n and phi.

    The rank of J is at most its number of columns m n, and at most 2 n^2 - n, for scaling the incoming
    weights of a hidden unit against its outgoing ones changes no output. Integer weights and inputs reach
    the bound where the rank modulo a prime, which is no larger, is equal to it.
    """
    shown = []
    for width in (6, 10):
        parameters = 2 * width**2
        rng = np.random.default_rng((3, width))
        ranks = []
        for ratio in (sp.Integer(4), sp.Integer(2), sp.Rational(1, 2), sp.Rational(1, 4)):
            count = int(2 * width / ratio)
            first, last = rng.integers(-99, 100, (2, width, width))
            jacobian = integer_jacobian(first, last, rng.integers(-99, 100, (width, count)))
            least, most = rank_modulo_prime(jacobian.tolist()), min(parameters - width, width * count)
            if least != most:
                raise ArithmeticError(f"the network of width {width} at phi = {ratio} is degenerate")
            stated = parameters * sp.sympify(formula).subs({n: width, phi: ratio})
            if stated != most:
                return Finding(False, f"n = {width}, phi = {ratio}: the rank is {most}, stated {stated}")
            ranks.append(f"{most} at {ratio}")
        shown.append(f"of width {width}, {parameters} parameters, for phi: {', '.join(ranks)}")
    return Finding(
        True,
        f"ranks of H0 of integer networks {'; '.join(shown)}: the bound by the number of outputs and by the "
        "rescalings that change no output is reached",
    )


@exact
def covariance_of_gradient(formula: Any) -> Finding:
    """(mean, factor of H0, entries): the gradient over independent residuals of mean 0 and variance 2 eps.

    It is linear in the residuals: its mean is that without residuals, its slopes are found with one residual
    of 1 at a time. The mean square of that many entries must vanish as m = 2n/phi grows, with H0 bounded.
    """
    centre, factor, entries = formula
    for network in general():
        shape = network.targets.shape
        none = sp.zeros(*shape)
        if _gradient(network, none) != centre * sp.ones(len(network.point), 1):
            return Finding(False, f"an entry of the mean gradient is not {centre}")
        units = (sp.Matrix(*shape, [int(j == one) for j in range(len(none))]) for one in range(len(none)))
        slopes = sp.Matrix.hstack(*(_gradient(network, unit) for unit in units))
        stated = sp.sympify(factor).subs(m, network.examples) * without_residuals(network)
        if sp.expand(2 * eps * slopes * slopes.T - stated) != sp.zeros(*stated.shape):
            return Finding(False, f"the covariance of the gradient is not {factor} H0")
    left = sp.limit(sp.sympify(factor * entries).subs(n, phi * m / 2), m, sp.oo)
    if left != 0:
        return Finding(
            False, f"the squares of ${sp.latex(entries)}$ entries do not vanish together as m grows"
        )
    return Finding(
        True,
        "the loss differentiated in rational arithmetic: mean 0, covariance 2 eps H0 / m, so each entry of "
        "the gradient is of the order 1/sqrt(m)",
    )


def _gradient(network: Network, residuals: sp.Matrix) -> sp.Matrix:
    """First derivatives of the loss at the weights, with targets that leave these residuals."""
    moved = with_residuals(network, residuals)
    squares = [(y_hat - y) ** 2 for y_hat, y in zip(moved.outputs, moved.targets, strict=True)]
    loss = sp.Poly(sum(squares) / (2 * moved.examples), *moved.point)
    values = list(moved.point.values())
    return sp.Matrix([loss.diff(name).eval(values) for name in moved.point])


@exact
def entries_of_any_law(formula: Any) -> Finding:
    """The number of moments of the entries beyond the variance that the limits of mean traces depend on.

    Wigner matrices to order 8, Wishart matrices to order 4; standardised moments of the entries are symbols.
    """
    size, other = sp.symbols("N p", positive=True)
    limits = [limit_at_infinity(wigner(order, any_law(1 / size), size), size) for order in range(1, 9)]
    for order in range(1, 5):
        mean = wishart(order, any_law(1 / other), size, other).subs(size, phi * other)
        limits.append(limit_at_infinity(mean, other))
    left_over = sorted({str(s) for limit in limits for s in limit.free_symbols if str(s).startswith("mu")})
    outcome = f"{', '.join(left_over)} of the entries remain" if left_over else "no moment beyond it remains"
    return Finding(
        len(left_over) == formula,
        f"limits of {len(limits)} mean moments of Wigner and Wishart matrices, entries of any law with the "
        f"same variance: {outcome}",
    )


@exact
def shape_of_first_part(formula: Any) -> Finding:
    """kappa_k / kappa_2^(k/2) of the Marchenko-Pastur law for every k: a function of phi alone.

    R(g) = m + c g / (1 - p g) has the free cumulants c p^(k-2) from the second on.
    """
    found = derivation("marchenko_pastur")
    law: Any = found.law
    ((jump, weight),) = zip(law.poles, law.weights, strict=True)
    own = next(p.symbol for p in load("marchenko_pastur").parameters if p.name == "phi")
    order = weight * jump ** (k - 2)
    series = found.closed_forms["free_cumulants"](4)
    if any(sp.expand(order.subs(k, j) - series[j - 1]) != 0 for j in (2, 3, 4)):
        raise ArithmeticError("the free cumulants are not those of the poles of R")
    logarithm = (sp.log(order) - k * sp.log(weight) / 2).subs(own, phi)
    off = sp.expand(sp.expand_log(sp.log(sp.sympify(formula)) - logarithm, force=True))
    if off != 0:
        return Finding(
            False, f"the logarithm of the normalised free cumulant k is stated with {off} too much"
        )
    return Finding(
        True, "the free cumulants of H0, normalised to variance 1, depend on phi alone, for every order k"
    )


CLAIMS = (
    Claim(
        id="pb17/sec-2-ratio",
        statement=r"The ratio of the number of parameters to the effective number of examples is $\phi "
        r"\equiv 2n^2/mn = 2n/m$.",
        place="section 2",
        readings=(Reading("as printed", (2 * n**2, m * n, 2 * n / m)),),
        checks=(counts_of_square_network,),
        conditions="square networks without biases; counted at widths 2 and 3",
        uses=("pb17/sec-2-footnote-2",),
    ),
    Claim(
        id="pb17/sec-2-footnote-2",
        statement="With squared error each of the $n_2$ targets may be considered an effective example.",
        place="footnote 2",
        readings=(Reading("there are $n_2 m$ of them", n2 * m),),
        checks=(effective_examples,),
        conditions="counted in three networks; the rank in one with more parameters than residuals",
        uses=("pb17/eq-2", "pb17/eq-3"),
        planted=(sp.Integer(1) * m, n2 * m + 1, 2 * n2 * m, n2 + m),  # the formula itself holds no number
    ),
    Claim(
        id="pb17/sec-2-governs",
        statement=r"$\phi$ is a critical parameter which governs the shape of the distribution.",
        place="section 2",
        readings=(
            Reading(
                r"of $H_0$, Marchenko-Pastur: its normalised free cumulants are $\phi^{k/2 - 1}$",
                phi ** (k / 2 - 1),
            ),
        ),
        checks=(shape_of_first_part,),
        conditions="at energy 0; beyond it the energy takes part too",
        uses=("pb17/abstract-shape", "pb17/eq-8"),
        steps=(("marchenko_pastur", "free cumulants"),),
    ),
    Claim(
        id="pb17/sec-2-rank",
        statement=r"$H_0$ has the form of a covariance matrix computed from the Jacobian, with $\phi$ "
        "governing the rank of the result.",
        place="section 2",
        readings=(
            Reading(
                r"the share of nonzero eigenvalues of $H_0$ is at most $\min(1 - \frac{1}{2n}, "
                r"\frac{1}{\phi})$, and reaches it",
                sp.Min(1 - 1 / (2 * n), 1 / phi),
            ),
        ),
        checks=(relative_rank,),
        conditions=r"square networks with weights and data in general position; reached for $\phi$ = 4, 2, "
        r"1/2, 1/4, decided at widths 6 and 10. Near $\phi = 1$ the masks of the units take a little more "
        "away at finite size",
        uses=("pb17/eq-3", "pb17/sec-2-ratio"),
    ),
    Claim(
        id="pb17/sec-2-residual-law",
        statement=r"The residuals are i.i.d. normal with variance governed by $\epsilon$, $e_{i\mu} \sim "
        r"\mathcal{N}(0, 2\epsilon)$.",
        place="section 2",
        readings=(
            Reading(
                r"$2\epsilon$ is the variance with which $n_2 \epsilon$ in (2) is the mean loss",
                (n2 * eps, PRINTED_LOSS),
            ),
        ),
        checks=(energy_of_loss,),
        conditions="independence and normality are assumptions",
        uses=("pb17/eq-2",),
    ),
    Claim(
        id="pb17/sec-2-gradient",
        statement="This assumption allows the gradient to vanish in the large $m$ limit.",
        place="section 2",
        readings=(
            Reading(
                r"its norm, $m$ and $n = \phi m / 2$ growing together", (sp.Integer(0), 2 * eps / m, 2 * n**2)
            ),
            Reading(
                r"entry by entry: mean 0 and covariance $\frac{2\epsilon}{m} H_0$ over the residuals",
                (sp.Integer(0), 2 * eps / m, sp.Integer(1)),
            ),
        ),
        checks=(covariance_of_gradient,),
        conditions=r"residuals independent of weights and data; the squared norm has the mean "
        r"$\frac{2\epsilon}{m} \operatorname{tr} H_0$, which does not vanish at fixed $\phi$, for there are "
        "$2n^2$ entries"
        "; the covariance is decided for two networks",
        uses=("pb17/eq-3", "pb17/sec-2-residual-law"),
        planted=((1, 2 * eps / m, 1), (0, 3 * eps / m, 1), (0, 2 * eps / m**2, 1), (0, 2 * eps / m, n)),
    ),
    Claim(
        id="pb17/sec-2-normality",
        statement="Normality may not be strictly necessary.",
        place="section 2",
        readings=(
            Reading(
                "no moment of the entries beyond the variance enters the limits of the mean moments of "
                "Wigner and Wishart matrices",
                sp.Integer(0),
            ),
        ),
        checks=(entries_of_any_law,),
        conditions="entries with all moments; orders 1 to 8 and 1 to 4 are decided",
        uses=("pb17/eq-6", "pb17/eq-8"),
    ),
)
