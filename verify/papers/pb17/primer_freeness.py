"""Section 3.2 of Pennington & Bahri (2017) up to (10): free independence."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import sympy as sp

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import every, identical
from ..partitions import FreePair, cumulants, indeterminates, noncrossing_mean
from ..walks import limit_at_infinity

ORDER = 6
n = sp.Symbol("n", positive=True)
angle = sp.Symbol("vartheta", real=True)


# --- the definition -------------------------------------------------------------------------------


def _laws(order: int) -> dict[str, tuple[sp.Expr, ...]]:
    """Moments of A and B, m_0 = 1 first, as indeterminates."""
    return {"A": indeterminates("a", order), "B": indeterminates("b", order)}


def _words(order: int) -> list[tuple[int, ...]]:
    """Exponents p_1, q_1, ..., p_k, q_k of f_i = A^p_i and g_i = B^q_i, of this order altogether at most."""
    return [
        powers
        for k in range(1, order // 2 + 1)
        for powers in product(range(1, order), repeat=2 * k)
        if sum(powers) <= order
    ]


def _centred_mean(
    powers: tuple[int, ...], means: tuple[sp.Expr, sp.Expr], moments: Any, free_cumulants: Any
) -> sp.Expr:
    """E f_1(A) g_1(B) ... f_k(A) g_k(B) for powers shifted to the means (E f, E g), from free cumulants."""
    letters = "AB" * (len(powers) // 2)
    shifts = [means[i % 2] - moments[letters[i]][power] for i, power in enumerate(powers)]
    total = sp.S.Zero
    for size in range(len(powers) + 1):
        for dropped in combinations(range(len(powers)), size):
            word = "".join(letters[i] * powers[i] for i in range(len(powers)) if i not in dropped)
            mean = noncrossing_mean(word, free_cumulants) if word else sp.S.One
            total += sp.prod([shifts[i] for i in dropped]) * mean
    return sp.expand(total)


@exact
def centred_words(formula: Any) -> Finding:
    """(value, E f, E g): the value of (9) for powers f and g of these means, A and B free.

    Free means here that mixed free cumulants vanish (Speicher), the moments being indeterminates.
    """
    value, *means = map(sp.sympify, formula)
    moments = _laws(ORDER)
    kappa = {letter: cumulants(of, free=True) for letter, of in moments.items()}
    words = _words(ORDER)
    for powers in words:
        found = _centred_mean(powers, (means[0], means[1]), moments, kappa)
        if sp.expand(found - value) != 0:
            word = " ".join(f"{'AB'[i % 2]}^{power}" for i, power in enumerate(powers))
            return Finding(False, f"for the powers {word} it is {found}, not {value}")
    return Finding(
        True,
        f"it is {value} for all {len(words)} words of powers of total degree {ORDER} at most, moments "
        "indeterminate, "
        "where mixed free cumulants vanish (sums over noncrossing partitions)",
        {"words": len(words)},
    )


@exact
def reflections(formula: Any) -> Finding:
    """The value of (9) for two reflections of the plane at a uniform angle, all of whose words are known.

    f(A) = c A, for the mean of A is 0 and A^2 = 1; so every word of (9) is a multiple of tr (A B)^k / 2.
    """
    value = sp.sympify(formula[0])
    turned = reflection(sp.cos(angle), sp.sin(angle)) * sp.diag(1, -1)
    for k in range(1, 7):
        mean = sp.integrate((turned**k).trace() / 2, (angle, 0, 2 * sp.pi)) / (2 * sp.pi)
        if mean != value:
            return Finding(False, f"E tr (A B)^{k} / 2 is {mean} for reflections at a uniform angle")
    return Finding(
        True, f"E tr (A B)^k / 2 is {value} for k = 1 to 6 for 2 x 2 reflections at a uniform angle"
    )


def reflection(c: sp.Expr, s: sp.Expr) -> sp.Matrix:
    """The reflection of the plane that turns diag(1, -1) by the angle with this cosine and sine."""
    return sp.Matrix([[c, s], [s, -c]])


# --- what the definition is compared with ---------------------------------------------------------


@exact
def classical_independence(formula: Any) -> Finding:
    """k: is (9)-(10) with this k, for commuting variables, the same as classical independence?

    If independent: E f_1 ... f_k E g_1 ... g_k must vanish for centred functions on three points. Conversely
    the centred indicators f of a point i and g of a point j have E f g = P(i, j) - P(i) P(j).
    """
    k = int(formula)
    weights, centred = sp.symbols("p1:4"), sp.symbols("f1 f2")
    last = -(weights[0] * centred[0] + weights[1] * centred[1]) / weights[2]  # E f = 0
    mean = sum(p * f**k for p, f in zip(weights, (*centred, last), strict=True))
    if sp.cancel(mean) != 0:
        return Finding(
            False,
            f"independent variables do not satisfy it for k = {k}: E f^{k} E g^{k} is not 0 if f = f_i, g = "
            "g_i",
        )
    joint = sp.Matrix(3, 3, sp.symbols("P1:10"))
    joint = joint / sum(joint)
    rows, columns = joint * sp.ones(3, 1), sp.ones(1, 3) * joint
    for i, j in product(range(3), repeat=2):
        f, g = (sp.Matrix([int(a == place) for a in range(3)]) for place in (i, j))
        f, g = f - sp.ones(3, 1) * rows[i], g - sp.ones(3, 1) * columns[j]
        own = identical((f.T * joint * g)[0], joint[i, j] - rows[i] * columns[j], what="centred indicators")
        if not own.holds:
            return own
    constants = sp.diag(1, -1), sp.diag(1, -1)  # independent of each other as random variables
    signed = sp.diag(1, -1), sp.Matrix([[0, 1], [1, 0]])  # both times the same random sign: dependent
    one, other = ((a * b).trace() / 2 for a, b in (constants, signed))
    return Finding(
        (one, other) == (1, 0),
        "for commuting variables on three points E f g vanishes for all centred f, g if P(i, j) = P(i) P(j), "
        "and only then, for indicators give P(i, j) - P(i) P(j). Not for matrices: fixed A = B = diag(1, -1) "
        f"are independent random variables, and E tr A B / 2 = {one}; diag(1, -1) and ((0, 1), (1, 0)), both "
        f"times one random sign, are dependent, and E tr A B / 2 = {other}",
    )


@exact
def when_spectra_add(formula: Any) -> Finding:
    """(sufficient, necessary), 1 or 0: is freeness so for the spectrum of A + B to be that of the free sum?

    Sufficient: moments of A + B follow from (9)-(10) and contain no mixed ones. Not necessary: a point (X, Y)
    uniform on the disc of radius 2, that is diagonal matrices of its coordinates, has the marginals (6), and
    so has (X + Y)/sqrt 2, by symmetry. So X + Y has the law of the free sum; but X and Y commute.
    """
    laws = _laws(5)
    own = {symbol for moments in laws.values() for symbol in moments[1:]}
    moments = FreePair(laws).sum_moments(5)
    sufficient = int(all(moment.free_symbols <= own for moment in moments))
    x, t = sp.symbols("x t", real=True)
    marginal = sp.integrate(1 / (4 * sp.pi), (t, -sp.sqrt(4 - x**2), sp.sqrt(4 - x**2)))
    semicircle = identical(marginal, sp.sqrt(4 - x**2) / (2 * sp.pi), what="the marginal against (6)")
    free_sum = cumulants([_of_sum(k) for k in range(9)], free=True)
    parts = cumulants([disc(k, 0) for k in range(9)], free=True)
    adds = all(sp.expand(whole - 2 * part) == 0 for whole, part in zip(free_sum, parts, strict=True))
    mixed = disc(2, 2)  # E X Y X Y, 0 for free variables of mean 0
    necessary = int(not (semicircle.holds and adds and mixed != 0))
    found = (sufficient, necessary)
    return Finding(
        tuple(formula) == found,
        "moments of A + B to order 5 follow from those of A and of B if (9)-(10) hold. But a uniform point "
        "(X, Y) of the disc of radius 2, as diagonal matrices, has semicircular X, Y and X + Y of variance "
        f"1, 1 and 2, so that R-transforms add, and E X Y X Y = {mixed}, not 0: X and Y are not free. (For "
        "independent commuting matrices the spectrum of the sum follows too: it is the classical "
        "convolution.)",
        {"mixed moment": str(mixed)},
    )


def _of_sum(k: int) -> sp.Expr:
    """E (X + Y)^k."""
    return sp.Add(*(sp.binomial(k, i) * disc(i, k - i) for i in range(k + 1)))


def disc(i: int, j: int) -> sp.Expr:
    """E X^i Y^j for a uniform point of the disc of radius 2."""
    if i % 2 or j % 2:
        return sp.S.Zero
    radial = sp.Rational(2 ** (i + j + 1), i + j + 2)
    return sp.expand(
        radial
        * sp.gamma(sp.Rational(i + 1, 2))
        * sp.gamma(sp.Rational(j + 1, 2))
        / sp.gamma(sp.Rational(i + j + 2, 2))
        / sp.pi
    )


@exact
def generic_position(formula: Any) -> Finding:
    """(k = 1, k = 2): the limits of (9) for A and Q B Q', Q a Haar orthogonal matrix of n rows.

    X -> E Q B Q' X Q B Q' commutes with rotations, so it is a X + b X' + c tr(X) 1, and three traces give
    a, b, c.
    Here tr A = tr B = 0, and tr A^2 / n = a_2, tr B^2 / n = b_2.
    """
    a, b, c = sp.symbols("a b c")
    a2, b2 = sp.symbols("a_2 b_2", positive=True)
    solved = sp.solve(
        [
            a + b + c * n - b2,  # X = 1: E Q B^2 Q' = b_2
            a * n**2 + b * n + c * n,  # sum of [T(E_ij)]_ij = (tr B)^2 = 0
            a * n + b * n**2 + c * n - n * b2,  # sum of [T(E_ij)]_ji = tr B^2
        ],
        [a, b, c],
        dict=True,
    )[0]
    twice = sp.factor((a + b).subs(solved) * a2)
    plane = sp.integrate(
        ((reflection(sp.cos(angle), sp.sin(angle)) * sp.diag(1, -1)) ** 2).trace() / 2, (angle, 0, 2 * sp.pi)
    )  # n = 2, a_2 = b_2 = 1
    stated = tuple(map(sp.sympify, formula))
    once = sp.S.Zero  # E Q B Q' is invariant: tr B / n = 0 times 1
    found = (once, limit_at_infinity(twice, n))
    consistent = Finding(twice.subs({n: 2, a2: 1, b2: 1}) == plane, "the plane agrees")
    same = Finding(
        stated == found,
        f"for traceless A and Q B Q', Q Haar orthogonal, (9) is 0 at every size for k = 1 and "
        f"${sp.latex(twice)}$ for k = 2, which tends to {found[1]} as 1/n",
    )
    return same if not same.holds else every(same, consistent)


CLAIMS = (
    Claim(
        id="pb17/sec-3.2-exactly",
        statement="Information about the individual spectra of $A$ and $B$ can be used to deduce the "
        "spectrum of $A + B$ exactly when $A$ and $B$ are freely independent.",
        place="section 3.2",
        readings=(Reading("when, and only when: by whatever rule, or by the rule (14)", (1, 1)),),
        checks=(when_spectra_add,),
        conditions="that it suffices is decided for moments to the order 5; that it is not necessary, by one "
        "counterexample",
        correction=Reading(
            "when they are freely independent; freeness is sufficient, not necessary: other matrices too "
            "have sums whose spectrum follows from the two, even by the same rule",
            (1, 0),
        ),
        uses=("pb17/eq-9", "pb17/eq-10"),
        planted=((1, 1), (0, 0), (0, 1)),
    ),
    Claim(
        id="pb17/eq-9",
        statement=r"Two matrices are freely independent if $\mathbf{E} f_1(A) g_1(B) \cdots f_k(A) g_k(B) = "
        "0$ whenever (10) holds.",
        place="eq. 9",
        readings=(Reading("for all $k$, $f_i$, $g_i$", (0, 0, 0)),),
        checks=(centred_words, reflections),
        conditions=r"$\mathbf{E}$ is the mean normalised trace, in the limit of large matrices; being a "
        "trace, it covers the words that begin with $B$ or end with $A$ as well"
        "; for powers $f_i$, $g_i$ up to the total degree 6 it is held against free cumulants, "
        "beyond it is the definition",
        planted=((1, 0, 0), (-1, 0, 0)),
    ),
    Claim(
        id="pb17/eq-10",
        statement=r"$\mathbf{E} f_i(A) = 0$, $\mathbf{E} g_i(B) = 0$.",
        place="eq. 10",
        readings=(Reading("both means are 0", (0, 0, 0)),),
        checks=(centred_words,),
        conditions="decided with (9), for powers up to the total degree 6",
        uses=("pb17/eq-9",),
        planted=((0, 1, 0), (0, 0, 1), (0, 1, 1)),
    ),
    Claim(
        id="pb17/sec-3.2-classical",
        statement="When $k = 1$, (9)-(10) are equivalent to the definition of classical independence.",
        place="section 3.2",
        readings=(Reading("for commuting variables", sp.Integer(1)),),
        checks=(classical_independence,),
        conditions="for commuting variables, that is numbers; for matrices $k = 1$ says only that "
        r"$\mathbf{E} f(A) g(B)$ factorises, which independence of their entries neither implies nor needs"
        "; decided for variables of three values",
        uses=("pb17/eq-9", "pb17/eq-10"),
    ),
    Claim(
        id="pb17/sec-3.2-generic",
        statement="The eigenspaces of two freely independent matrices are in generic position, not aligned "
        "in any special way.",
        place="section 3.2",
        readings=(
            Reading(
                "a uniformly random rotation of $B$ against $A$ makes (9) hold for large matrices, $k = 1$ "
                "and 2",
                (0, 0),
            ),
        ),
        checks=(generic_position,),
        conditions="for all $k$ it is Voiculescu's theorem on Haar matrices",
        uses=("pb17/eq-9",),
    ),
)
