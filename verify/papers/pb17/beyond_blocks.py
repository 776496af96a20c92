"""Section 6.1 of Pennington & Bahri (2017) to (26): the blocks of the residual part H1 of a ReLU network."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive import load

from ...ledger import Claim, Finding, Reading, exact, sampled
from ..deciding import FALSE_ALARM, every, identical
from ..small_networks import Network, evaluate, rational_network
from ..wick import k as columns
from ..wick import limit_of_large, mean_trace, over_random_columns
from ..wick import m as examples
from ..wick import n as width

NAME = "relu_residual"
eps, phi = (parameter.symbol for parameter in load(NAME).parameters)
a, b, c, d, mu, nu, m, n = sp.symbols("a b c d mu nu m n", integer=True, positive=True)
a_, b_ = sp.symbols("a' b'", integer=True, positive=True)
e, x, theta = (sp.IndexedBase(name) for name in ("e", "x", "theta"))
lam = sp.Symbol("lambda", positive=True)
half = sp.Rational(1, 2)


def delta(i: sp.Symbol, j: sp.Symbol) -> sp.Expr:
    """Kronecker's delta."""
    return sp.KroneckerDelta(i, j)


# --- the blocks of H1, exactly --------------------------------------------------------------------


@cache
def general() -> tuple[Network, ...]:
    """Networks of unequal widths whose units are active on different examples."""
    return rational_network(2, 2, 3, 4), rational_network(3, 2, 1, 5)


@cache
def common(size: int) -> Network:
    """A square network of that width whose units are all active on the same half of 2 size + 2 examples."""
    return rational_network(size, size, size, 2 * size + 2, shared=True)


def survivors(network: Network) -> dict[str, sp.ImmutableMatrix]:
    """e and x without the columns on which the units are inactive."""
    kept = [j for j in range(network.examples) if network.mask[0, j]]
    everything = list(range(network.inputs.rows))
    return {
        "e": network.residuals.extract(everything, kept),
        "x": network.inputs.extract(everything, kept),
    }


def pairs(rows: int, columns: int) -> list[tuple[int, int]]:
    """The pairs of indices of a matrix of that shape, row by row, from 1."""
    return [(i + 1, j + 1) for i in range(rows) for j in range(columns)]


def short(value: sp.Expr) -> str:
    """A rational number in six digits."""
    return str(sp.N(value, 6))


def characteristic(matrix: sp.Matrix) -> sp.Expr:
    """det(lambda - matrix)."""
    return matrix.charpoly(lam).as_expr(lam)


@exact
def blocks_of_residual_part(formula: Any) -> Finding:
    """The blocks of H1 as multiples of a matrix of ones, of H12 and of its transpose, row by row."""
    for network in general():
        whole, size = network.second_part, network.first.rows * network.first.cols
        block = network.off_diagonal
        shapes = sp.ones(size, size), block, block.T, sp.ones(block.cols, block.cols)
        places = (0, 0), (0, size), (size, 0), (size, size)
        for entry, shape, (top, left) in zip(
            (value for row in formula for value in row), shapes, places, strict=True
        ):
            found = whole[top : top + shape.rows, left : left + shape.cols]
            if entry * shape != found:
                return Finding(
                    False, f"the block at ({top}, {left}) of H1 is not {entry} times the matrix meant"
                )
    return Finding(True, _differentiated("both diagonal blocks of H - J J'/m vanish"))


def _differentiated(what: str) -> str:
    sizes = ", ".join(
        f"{net.first.cols}-{net.first.rows}-{net.second.rows} with {net.examples} examples"
        for net in general()
    )
    return f"the loss (2) differentiated in rational arithmetic, ReLU networks {sizes}: {what}"


def entrywise(
    what: str,
    matrix: sp.Matrix,
    rows: tuple[int, int],
    columns: tuple[int, int],
    stated: Callable[[int, int, int, int], sp.Expr],
) -> Finding:
    """Whether a formula gives every entry of a matrix whose rows and columns are pairs of indices."""
    for row, (i, j) in enumerate(pairs(*rows)):
        for column, (p, q) in enumerate(pairs(*columns)):
            value = stated(i, j, p, q)
            if value != matrix[row, column]:
                found = f"entry ({i}, {j}; {p}, {q}) of {what} is {short(matrix[row, column])}"
                return Finding(False, f"{found}, the formula gives {short(value)}")
    return Finding(True, f"all {matrix.rows * matrix.cols} entries of {what} agree")


@exact
def entries_of_block(formula: Any) -> Finding:
    """[H12]_{ab;cd} as a formula in e, theta, x against the derivatives of the loss."""
    found = []
    for network in general():
        tables = {"e": network.residuals, "theta": network.mask, "x": network.inputs}

        def stated(
            i: int, j: int, p: int, q: int, network: Network = network, tables: Any = tables
        ) -> sp.Expr:
            return evaluate(formula, tables, {a: i, b: j, c: p, d: q, m: network.examples})

        shapes = network.first.shape, network.second.shape
        found.append(entrywise("H12", network.off_diagonal, *shapes, stated))
    whole = every(*found)
    return Finding(whole.holds, _differentiated(whole.text))


@exact
def residuals_and_their_variance(formula: Any) -> Finding:
    """(signs of y_hat and y, variance): e as it enters H1, and the variance that the energy (2) asks for."""
    plus, minus, variance = formula
    for network in general():
        stated = plus * network.outputs.subs(network.point) + minus * network.targets
        tables = {"e": stated, "theta": network.mask, "x": network.inputs}
        block = network.off_diagonal
        first = PRINTED_BLOCK.subs({a: 1, b: 1, c: 1, d: 1, m: network.examples})
        if evaluate(first, tables, {}) != block[0, 0]:
            return Finding(False, f"with these signs the first entry of H12 is not {short(block[0, 0])}")
    # n2 energy = E (1/2m) sum over n2 m residuals of e^2
    energy = identical(variance / 2, eps, what="energy per output of residuals of this variance")
    return every(energy, Finding(True, _differentiated("the residuals have these signs")))


# --- the mask ------------------------------------------------------------------------------------


@exact
def gaussian_is_positive(formula: Any) -> Finding:
    """The probability that w.x > 0 for Gaussian w and any x but 0."""
    t = sp.Symbol("t", real=True)
    probability = sp.integrate(sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi), (t, 0, sp.oo))
    return identical(formula, probability, what="the probability that a unit is active")


@exact
def random_count_is_harmless(formula: Any) -> Finding:
    """A fraction of columns kept always, against a number of them drawn for each unit: the same limits.

    Given how many examples a unit keeps, e x' over them is a product of Gaussian matrices: changing the
    signs of a column of e and of the same column of x together changes nothing, and undoes the mask's
    choice of signs.
    """
    found = []
    for power in (1, 2, 3):
        mean = mean_trace(power) / examples ** (2 * power)
        fixed = limit_of_large(mean.subs(columns, formula * examples) / width, phi / 2)
        drawn = limit_of_large(over_random_columns(mean * examples**6, half) / examples**6 / width, phi / 2)
        found.append(identical(fixed, drawn, what=f"mean moment {power} of the squares in the limit"))
    return every(*found)


@sampled(false_alarm=FALSE_ALARM, power="finds a fraction wrong by 0.01 with probability 99 %")
def active_fraction(formula: Any) -> Finding:
    """How many of 128 Gaussian examples each of 2048 Gaussian units keeps."""
    share = _shares()
    error = float(share.std(ddof=1) / np.sqrt(share.size))
    off = abs(float(share.mean()) - float(formula)) / error
    return Finding(
        off < 5,
        f"{share.size} Gaussian units keep {share.mean():.4f} of 128 Gaussian examples, {off:.1f} standard "
        "errors away",
        {"units": share.size, "standard errors": off},
    )


@cache
def _shares() -> NDArray[np.float64]:
    rng = np.random.default_rng(61)
    shares = [
        np.mean(rng.standard_normal((16, 16)) @ rng.standard_normal((16, 128)) > 0, axis=1)
        for _ in range(128)
    ]
    # units that share their examples are independent given them: w.x has the sign of an independent w
    return np.concatenate(shares)


# --- the Kronecker product ------------------------------------------------------------------------


@exact
def entries_with_common_mask(formula: Any) -> Finding:
    """[H12]_{ab;cd} as a formula in the surviving e and x, where all units keep the same examples."""
    network = common(2)

    def stated(i: int, j: int, p: int, q: int) -> sp.Expr:
        return evaluate(formula, survivors(network), {a: i, b: j, c: p, d: q, m: network.examples, n: 2})

    found = entrywise("H12", network.off_diagonal, (2, 2), (2, 2), stated)
    return Finding(found.holds, _common(found.text))


@exact
def entries_of_product(formula: Any) -> Finding:
    """[H12 H12']_{ab;a'b'} as a formula in the surviving e and x, where all units keep the same examples."""
    network = common(2)
    block = network.off_diagonal

    def stated(i: int, j: int, p: int, q: int) -> sp.Expr:
        return evaluate(formula, survivors(network), {a: i, b: j, a_: p, b_: q, m: network.examples, n: 2})

    found = entrywise("H12 H12'", block * block.T, (2, 2), (2, 2), stated)
    same = characteristic(block * block.T) == characteristic(block.T * block)
    return Finding(found.holds, _common(found.text) + ("; H12' H12 has the same eigenvalues" if same else ""))


def _common(what: str) -> str:
    return f"square network of width 2 whose units share their mask, rational arithmetic: {what}"


@exact
def squares_of_eigenvalues(formula: Any) -> Finding:
    """The power p for which the eigenvalues of H1 to the power p are those of H12 H12' (and zeros)."""
    for network in general():
        block = network.off_diagonal
        whole = characteristic(network.second_part)
        product = characteristic(block * block.T).subs(lam, lam**formula)
        extra = block.cols - block.rows
        left, right = (whole, product * lam**extra) if extra >= 0 else (whole * lam**-extra, product)
        if sp.expand(left - right) != 0:
            return Finding(False, f"the characteristic polynomials disagree for the power {formula}")
    return Finding(
        True,
        _differentiated(
            f"det(lambda - H1) is det(lambda^{formula} - H12 H12') up to a power of lambda, so the "
            "eigenvalues are plus and minus the singular values of H12"
        ),
    )


@exact
def degeneracy(formula: Any) -> Finding:
    """The multiplicity of every eigenvalue of H12 H12' in a square network of width n with a common mask."""
    for size in (2, 3):
        block = common(size).off_diagonal
        powers = {power for _, power in sp.sqf_list(characteristic(block * block.T), lam)[1]}
        if powers != {formula.subs(n, size)}:
            return Finding(False, f"with a common mask and n = {size} the multiplicities are {powers}")
    own = rational_network(3, 3, 3, 8)
    block = own.off_diagonal
    single = {power for _, power in sp.sqf_list(characteristic(block * block.T), lam)[1]}
    return Finding(
        True,
        "with a common mask every eigenvalue has exactly the multiplicity n for n = 2 and 3 (square-free "
        "decomposition of the characteristic polynomial); with a mask of its own for each unit, as in the "
        "network, "
        f"the multiplicities for n = 3 are {sorted(single)}: the degeneracy belongs to the approximation",
        {"with own masks": max(single)},
    )


@exact
def spectrum_of_product(formula: Any) -> Finding:
    """The entry (b, b') of M: the n-th power of its characteristic polynomial is that of H12 H12'."""
    for size in (2, 3):
        network = common(size)
        block, tables = network.off_diagonal, survivors(network)
        at = {m: network.examples, n: size}
        values = {
            pair: evaluate(formula, tables, at | {b: pair[0], b_: pair[1]}) for pair in pairs(size, size)
        }
        single = characteristic(sp.Matrix(size, size, [values[pair] for pair in pairs(size, size)]))
        if sp.expand(single**size - characteristic(block * block.T)) != 0:
            return Finding(False, f"for n = {size} the characteristic polynomials do not agree")
    return Finding(True, "det(lambda - M)^n = det(lambda - H12 H12') exactly, networks of width 2 and 3")


PRINTED_BLOCK = sp.Sum(e[c, mu] * delta(a, d) * theta[a, mu] * x[b, mu], (mu, 1, m)) / m


def _kronecker(same: tuple[sp.Symbol, sp.Symbol], of_e: sp.Symbol, of_x: sp.Symbol) -> sp.Expr:
    return delta(*same) * sp.Sum(e[of_e, mu] * x[of_x, mu], (mu, 1, m / 2)) / m


def _gram(left: sp.Symbol, right: sp.Symbol, outer: sp.IndexedBase, inner: sp.IndexedBase) -> sp.Expr:
    summand = outer[left, mu] * inner[c, mu] * inner[c, nu] * outer[right, nu]
    return sp.Sum(summand, (mu, 1, m / 2), (nu, 1, m / 2), (c, 1, n)) / m**2


CLAIMS = (
    Claim(
        id="pb17/sec-6.1-blocks",
        statement=r"$H_1 = \begin{pmatrix} 0 & H_{12} \\ H_{12}^T & 0 \end{pmatrix}$ for a "
        r"single-hidden-layer ReLU "
        "network.",
        place="section 6.1",
        readings=(
            Reading(
                "second derivatives within one layer vanish, those across are transposed", ((0, 1), (1, 0))
            ),
        ),
        checks=(blocks_of_residual_part,),
        conditions="where no unit sits exactly on the kink of the ReLU"
        "; decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-4",),
    ),
    Claim(
        id="pb17/eq-23",
        statement=r"$[H_{12}]_{ab;cd} = \frac{1}{m} \sum_{i\mu} e_{i\mu} \frac{\partial}{\partial "
        r"W^{(2)}_{cd}} "
        r"\frac{\partial \hat y_{i\mu}}{\partial W^{(1)}_{ab}} = \frac{1}{m} \sum_{\mu=1}^m e_{c\mu} "
        r"\delta_{ad} "
        r"\theta(z^{(1)}_{a\mu}) x_{b\mu}$.",
        place="eq. 23",
        readings=(Reading("as printed", PRINTED_BLOCK),),
        checks=(entries_of_block,),
        conditions="where no unit sits exactly on the kink of the ReLU"
        "; decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-4", "pb17/sec-6.1-blocks"),
    ),
    Claim(
        id="pb17/eq-24",
        statement=r"$e_{c\mu} = \sum_j W^{(2)}_{cj} [z^{(1)}_{j\mu}]_+ - y_{c\mu}(x) \sim \mathcal{N}(0, "
        r"2\epsilon)$.",
        place="eq. 24",
        readings=(
            Reading(
                r"$e = \hat y - y$ is what enters $H_1$, and the variance $2\epsilon$ is the one that makes "
                r"$n_2 "
                r"\epsilon$ the mean loss (2)",
                (1, -1, 2 * eps),
            ),
        ),
        checks=(residuals_and_their_variance,),
        conditions="that the residuals are independent and normal is an assumption, see footnote 4"
        "; the signs are decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-2", "pb17/eq-23"),
    ),
    Claim(
        id="pb17/sec-6.1-mask",
        statement=r"For large $n$ and $m$ $\theta(z^{(1)}_{a\mu})$ can be interpreted as a mask that "
        r"eliminates half "
        r"of the terms in the sum over $\mu$.",
        place="section 6.1",
        readings=(
            Reading(
                "each term survives with probability 1/2, and keeping exactly half gives the same limiting "
                "moments",
                half,
            ),
        ),
        checks=(gaussian_is_positive, random_count_is_harmless, active_fraction),
        conditions="Gaussian weights and data; each unit has a mask of its own"
        "; moments 1 to 3 of the squares are decided",
        uses=("pb17/eq-23",),
    ),
    Claim(
        id="pb17/sec-6.1-kronecker",
        statement=r"$H_{12} \approx \frac{1}{m} \delta_{ad} \sum_{\hat\mu=1}^{m/2} e_{c\hat\mu} x_{b\hat\mu} "
        r"= "
        r"\frac{1}{m} I_n \otimes \hat e \hat x^T$.",
        place="section 6.1",
        readings=(
            Reading("rows vectorised as $(a, b)$, columns as $(d, c)$", _kronecker((a, d), b, c)),
            Reading("rows as $(a, b)$, columns as $(c, d)$", _kronecker((a, c), b, d)),
            Reading("rows as $(b, a)$, columns as $(d, c)$", _kronecker((b, d), a, c)),
            Reading("rows as $(b, a)$, columns as $(c, d)$", _kronecker((b, c), a, d)),
        ),
        checks=(entries_with_common_mask,),
        correction=Reading(
            r"$H_{12} \approx \frac{1}{m} I_n \otimes \hat x \hat e^T$: rows belong to $x_b$, columns to "
            r"$e_c$ (the "
            r"first form is right, the product is transposed; the singular values are the same)",
            _kronecker((a, d), c, b),
        ),
        conditions="where all units keep the same half of the examples, which makes the approximation an "
        "equality"
        "; decided at width 2",
        uses=("pb17/eq-23", "pb17/sec-6.1-mask"),
    ),
    Claim(
        id="pb17/sec-6.1-squares",
        statement="The squares of the eigenvalues of $H_1$ are determined by the eigenvalues of the product "
        "of "
        "the blocks.",
        place="section 6.1",
        readings=(Reading(r"they are those of $H_{12} H_{12}^T$, and zeros", sp.Integer(2)),),
        checks=(squares_of_eigenvalues,),
        conditions="decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/sec-6.1-blocks",),
        steps=((NAME, "Squaring: H = ((0, F), (F', 0))"),),
    ),
    Claim(
        id="pb17/eq-25",
        statement=r"$H_{12} H_{12}^T = \frac{1}{m^2} I_n \otimes (\hat e \hat x^T)(\hat e \hat x^T)^T$.",
        place="eq. 25",
        readings=(
            Reading("rows and columns vectorised as $(a, b)$", delta(a, a_) * _gram(b, b_, e, x)),
            Reading("rows and columns vectorised as $(b, a)$", delta(b, b_) * _gram(a, a_, e, x)),
        ),
        checks=(entries_of_product,),
        correction=Reading(
            r"$H_{12} H_{12}^T = \frac{1}{m^2} I_n \otimes (\hat x \hat e^T)(\hat x \hat e^T)^T$; the print "
            r"is "
            r"$H_{12}^T H_{12}$, with the same eigenvalues",
            delta(a, a_) * _gram(b, b_, x, e),
        ),
        conditions="square networks whose units keep the same half of the examples; decided at width 2",
        uses=("pb17/sec-6.1-kronecker", "pb17/sec-6.1-squares"),
    ),
    Claim(
        id="pb17/sec-6.1-degeneracy",
        statement="The Kronecker product gives an $n$-fold degeneracy to each eigenvalue.",
        place="section 6.1",
        readings=(Reading("each eigenvalue of (25) has the multiplicity $n$", n),),
        checks=(degeneracy,),
        conditions="where all units keep the same half of the examples; in the network each has its own"
        "; decided at widths 2 and 3",
        uses=("pb17/eq-25",),
        planted=(n + 1, n - 1, 2 * n, n**2),  # the formula itself holds no number
    ),
    Claim(
        id="pb17/eq-26",
        statement=r"The spectral density of (25) is that of $M \equiv \frac{1}{m^2} (\hat e \hat x^T)(\hat e "
        r"\hat "
        "x^T)^T$.",
        place="eq. 26",
        readings=(Reading("as printed", _gram(b, b_, e, x)),),
        checks=(spectrum_of_product,),
        conditions="square networks whose units keep the same half of the examples"
        "; decided at widths 2 and 3",
        uses=("pb17/sec-6.1-kronecker",),
    ),
)
