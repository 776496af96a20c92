"""Appendices A and B of Granziol (2020), up to B.1: Lanczos, Gauss quadrature, traces by random vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import sympy as sp

from derive.laws import x

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import identical, together
from ..pb17.primer_ensembles import rational_matrix

M, m, k, N = sp.symbols("M m k N", positive=True, integer=True)
time, start, factor = sp.symbols("tau alpha_0 r", positive=True)  # tau = t/T
first, second, before_last, last = sp.symbols("lambda_1 lambda_2 lambda_n-1 lambda_n", real=True)
to_first, to_last = sp.symbols("tan_1 tan_n", positive=True)  # tangents of the angles of q_1 with z_1 and z_n


@dataclass(frozen=True)
class Krylov:
    """Lanczos on a diagonal matrix in exact rationals, Ritz values as zeros of orthogonal polynomials.

    eigenvalues: descending. weights: squared components of the first vector, which add up to 1.
    """

    eigenvalues: tuple[sp.Rational, ...]
    weights: tuple[sp.Rational, ...]

    def moment(self, power: int) -> sp.Rational:
        """q' H^power q."""
        return sp.Add(*(w * e**power for e, w in zip(self.eigenvalues, self.weights, strict=True)))

    def tridiagonal(self, steps: int) -> sp.Matrix:
        """T_k up to a diagonal similarity: 1 above the diagonal, squares of Lanczos' off-diagonals below."""
        matrix = sp.zeros(steps, steps)
        for i, (centre, square) in enumerate(self._coefficients[:steps]):
            matrix[i, i] = centre
            if i:
                matrix[i, i - 1], matrix[i - 1, i] = square, 1
        return matrix

    def ritz(self, steps: int) -> sp.Poly:
        """The polynomial whose zeros are the Ritz values after that many steps."""
        return sp.Poly(self.tridiagonal(steps).charpoly(x).as_expr(), x)

    @cached_property
    def _coefficients(self) -> tuple[tuple[sp.Rational, sp.Rational], ...]:
        """Stieltjes' procedure: pairs a_j, b_j^2."""
        size = len(self.eigenvalues)
        older, old, norm, square = [sp.S.Zero] * size, [sp.S.One] * size, sp.S.One, sp.S.Zero
        found = []
        for _ in range(size):
            centre = sp.Add(*(w * e * p**2 for e, w, p in self._each(old))) / norm
            found.append((centre, square))
            new = [(e - centre) * p - square * q for (e, _, p), q in zip(self._each(old), older, strict=True)]
            older, old, norm_before = old, new, norm
            norm = sp.Add(*(w * p**2 for _, w, p in self._each(old)))
            square = norm / norm_before
        return tuple(found)

    def _each(self, values: Sequence[sp.Rational]) -> list[tuple[sp.Rational, sp.Rational, sp.Rational]]:
        return list(zip(self.eigenvalues, self.weights, values, strict=True))


def _krylov(eigenvalues: Sequence[Any], weights: Sequence[Any]) -> Krylov:
    total = sp.Add(*map(sp.Rational, weights))
    return Krylov(tuple(map(sp.Rational, eigenvalues)), tuple(sp.Rational(w) / total for w in weights))


EXAMPLE = _krylov((7, 3, "1/2", -1, -4), (2, 3, 1, 5, 1))


# --- appendix A -----------------------------------------------------------------------------------


@exact
def schedule(formula: Any) -> Finding:
    """The middle of the learning rate: straight, alpha_0 at half the time and alpha_0 r at nine tenths."""
    middle = sp.sympify(formula)
    ends = [middle.subs(time, sp.Rational(*share)) for share in ((1, 2), (9, 10))]
    return together(
        "it is straight in tau = t/T, and meets the two constants at tau = 1/2 and 9/10 exactly",
        identical(sp.diff(middle, time, 2), 0, what="the second derivative"),
        identical(ends[0], start, what="at tau = 1/2"),
        identical(ends[1], start * factor, what="at tau = 9/10"),
    )


# --- quadrature -----------------------------------------------------------------------------------


@exact
def degree_of_exactness(formula: Any) -> Finding:
    """The degree up to which R[f] = 0 for all polynomials f: M steps of Lanczos on a rational matrix."""
    for steps in range(1, 5):
        matrix = EXAMPLE.tridiagonal(steps)
        agree = [(matrix**i)[0, 0] == EXAMPLE.moment(i) for i in range(2 * steps + 2)]
        degree = agree.index(False) - 1
        if sp.sympify(formula).subs(M, steps) != degree:
            return Finding(
                False,
                f"{steps} steps: moments agree up to the order {degree}, stated {formula.subs(M, steps)}",
            )
    return Finding(
        True,
        "a rational matrix of 5 rows: 1 to 4 steps give its moments 0 to 2M - 1, and not the next, exactly",
    )


@exact
def gauss_weights(formula: Any) -> Finding:
    """(component, power): weights |component of the normalised eigenvectors of T|^power, for two steps."""
    component, power = map(sp.sympify, formula)
    matrix = EXAMPLE.tridiagonal(2)
    centre, square = matrix[0, 0], matrix[1, 0]
    nodes = sp.roots(EXAMPLE.ritz(2))
    if len(nodes) != 2 or component not in (1, 2):
        return Finding(False, f"T_2 has no component {component}")
    place = int(component) - 1
    for i in range(4):
        total = sp.S.Zero
        for node in nodes:
            vector = (square, (node - centre) ** 2)  # squares of the components of an eigenvector
            share = vector[place] / sum(vector)
            total += (share if power == 2 else share ** (power / 2)) * node**i
        difference = (
            sp.radsimp(total - EXAMPLE.moment(i)) if power == 2 else sp.N(total - EXAMPLE.moment(i), 30)
        )
        if sp.expand(difference) != 0:
            return Finding(False, f"two steps: the sum of w_j t_j^{i} is off by {sp.N(difference, 5)}")
    return Finding(
        True,
        "two steps on a rational matrix of 5 rows: the sums of w_j t_j^i are its moments for i = 0 to 3, "
        "exactly",
    )


@exact
def error_of_ritz_values(formula: Any) -> Finding:
    """(lower bound of theta_1, upper bound of theta_k): they must hold, and be attained within a part in 500.

    Near the bound: eigenvalues at the extremes of a Chebyshev polynomial, far from the end that is sought,
    and a first vector near its eigenvector. The place of Ritz values is decided by Sturm's sequences.
    """
    lower, upper = map(sp.sympify, formula)
    checked = 0
    for steps, spectrum, weights, sharp in _examples():
        for turned, shift in product((False, True), (-1000, 0, 5)):
            values = [(-e if turned else e) + shift for e in spectrum]
            ordered = sorted(zip(values, weights, strict=True), reverse=True)
            krylov = _krylov([e for e, _ in ordered], [w for _, w in ordered])
            at, own = _put_in(krylov, steps), krylov.ritz(steps)
            for side, stated, name in ((1, lower, "theta_1"), (-1, upper, "theta_k")):
                end = krylov.eigenvalues[0 if side > 0 else -1]
                distance = side * (end - _rational(sp.sympify(stated.subs(at).doit())))
                here = f"eigenvalues {', '.join(map(str, krylov.eigenvalues))}, {steps} steps: {name} lies"
                if _beyond(own, end, side) or _beyond(own, end - side * distance, side) < 1:
                    text = f"{here} farther than {sp.N(distance, 4)} from {end}"
                    return Finding(False, f"{text}; q_1 near the eigenvector of {_nearest(krylov)}")
                if sharp and turned == (side < 0):
                    checked += 1
                    if _beyond(own, end - side * distance * sp.Rational(499, 500), side):
                        return Finding(False, f"{here} far within {sp.N(distance, 4)} of {end}")
    return Finding(
        True,
        f"they hold in rational examples of 1 to 3 steps, and are attained within a part in 500 in {checked} "
        "of them: places of Ritz values by Sturm's sequences",
    )


def _nearest(krylov: Krylov) -> sp.Rational:
    """The eigenvalue whose eigenvector is nearest to the first vector."""
    return max(zip(krylov.weights, krylov.eigenvalues, strict=True))[1]


def _examples() -> list[tuple[int, tuple[Any, ...], tuple[Any, ...], bool]]:
    """Steps, eigenvalues, weights, and whether the bound for the first eigenvalue is nearly attained."""
    small = sp.Rational(1, 10**7)
    far = 1000
    shares = [(far - e) ** -2 * v for e, v in ((sp.Integer(1), 1), (sp.Integer(0), 2), (sp.Integer(-1), 1))]
    scale = small / sum(shares)
    return [
        (2, (far, 1, -1), (small, small, 1), False),
        (1, (far, 1, -1), (1, small / 1000, small), True),
        (2, (far, 1, -1), (1, small, small), True),
        (3, (far, 1, 0, -1), (1, *(scale * share for share in shares)), True),
    ]


def _put_in(krylov: Krylov, steps: int) -> dict[sp.Symbol, Any]:
    values, weights = krylov.eigenvalues, krylov.weights
    return {
        first: values[0],
        second: values[1],
        before_last: values[-2],
        last: values[-1],
        to_first: sp.sqrt((1 - weights[0]) / weights[0]),
        to_last: sp.sqrt((1 - weights[-1]) / weights[-1]),
        k: sp.Integer(steps),
    }


def _rational(value: sp.Expr) -> sp.Rational:
    if not value.is_finite:
        raise ArithmeticError(f"a bound of {value}")
    return value if value.is_Rational else sp.Rational(str(sp.N(value, 60)))


def _beyond(polynomial: sp.Poly, place: sp.Rational, side: int) -> int:
    """How many zeros lie strictly beyond a place, above it or below; at the place itself none does."""
    at_place = int(polynomial.eval(place) == 0)
    ends = (place, None) if side > 0 else (None, place)
    return int(polynomial.count_roots(*ends)) - at_place


# --- traces ---------------------------------------------------------------------------------------


@exact
def stochastic_trace(formula: Any) -> Finding:
    """(power in the sum, in the integral), functions of m: against the mean of v' H^m v over all signs v."""
    in_sum, in_integral = map(sp.sympify, formula)
    matrix, values = rational_matrix()
    vectors = [sp.Matrix(signs) for signs in product((1, -1), repeat=matrix.rows)]
    for power in (1, 2, 3):
        mean = sum((v.T * matrix**power * v)[0] for v in vectors) / len(vectors)
        total = sum(value ** in_sum.subs(m, power) for value in values)
        integral = sum(value ** in_integral.subs(m, power) for value in values)
        for stated, name in ((total, "sum"), (integral, "integral")):
            if mean != stated:
                return Finding(
                    False,
                    f"eigenvalues 3, 3, -1/2, m = {power}: E v' H^m v = tr H^m = {mean}, the {name} is "
                    f"{stated}",
                )
    return Finding(True, "a rational matrix, the mean over all 8 vectors of signs, m = 1 to 3: exactly")


@exact
def overlaps(formula: Any) -> Finding:
    """(N times the mean of the squared overlap, limit of its variance over the square of the mean).

    A vector of signs over sqrt N against (1, ..., 1)/sqrt N, counted over all signs.
    """
    stated = tuple(map(sp.sympify, formula))
    variances = []
    for size in (2, 4, 8):
        sums = [sum(signs) ** 2 for signs in product((1, -1), repeat=size)]
        mean = sp.Rational(sum(sums), len(sums) * size)
        variances.append(sp.Rational(sum(s**2 for s in sums), len(sums) * size**2) - mean**2)
        if mean != stated[0]:
            return Finding(False, f"N = {size}: N times the mean is {mean}")
    exactly = all(v == 2 - sp.Rational(2, size) for v, size in zip(variances, (2, 4, 8), strict=True))
    return Finding(
        exactly and stated[1] == 2,
        "over all vectors of signs, N = 2, 4, 8, the mean is 1/N and the relative variance 2 - 2/N: N "
        "times the overlap tends to the square of a normal variable, not to 1",
    )


def _bound(sign: int, end: sp.Expr, tangent: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    return end + sign * (first - last) * tangent**2 / sp.chebyshevt(k - 1, 1 + 2 * ratio) ** 2


RATIO_1 = (first - second) / (second - last)
RATIO_N = (before_last - last) / (first - before_last)

CLAIMS = (
    Claim(
        id="gr20/eq-12",
        statement=r"The learning rate is $\alpha_0$ up to $t/T = 0.5$, $\alpha_0 \left[1 - \frac{(1 - "
        r"r)(t/T - 0.5)}{0.4}\right]$ up to $0.9$, then $\alpha_0 r$.",
        place="appendix A.2, eq. 12",
        readings=(
            Reading(
                "a continuous schedule, straight between the two constants",
                start * (1 - (1 - factor) * (time - sp.Rational(1, 2)) / sp.Rational(2, 5)),
            ),
        ),
        checks=(schedule,),
        conditions="no statement on random matrices; listed because it is numbered",
    ),
    Claim(
        id="gr20/eq-13",
        statement=r"$\int_a^b f(\lambda) d\mu(\lambda) = \sum_{j=1}^M \rho_j f(t_j) + R[f]$, nodes and "
        "weights from Lanczos.",
        place="appendix B, eq. 13",
        readings=(
            Reading("$R[f] = 0$ for polynomials of degree $2M - 1$ and not beyond (Gauss)", 2 * M - 1),
        ),
        checks=(degree_of_exactness,),
        conditions="$M$ steps match the moments 0 to $2M - 1$ of the measure of the first vector: twice "
        "the first $m$ of which the text speaks after theorem 3; decided for one matrix",
        uses=("gr20/thm-3",),
    ),
    Claim(
        id="gr20/eq-14",
        statement=r"$\lambda_1 \ge \theta_1 \ge \lambda_1 - \frac{(\lambda_1 - \lambda_n) \tan^2 "
        r"\theta_1}{c_{k-1}(1 + 2 \rho_1)^2}$ and $\lambda_n \le \theta_k \le \lambda_m + \frac{(\lambda_1 "
        r"- \lambda_n) \tan^2 \theta_1}{c_{k-1}(1 + 2 \rho_1)^2}$.",
        place="theorem 2, eq. 14",
        readings=(
            Reading(
                r"$\theta_1$ in the tangent is the angle of $q_1$ with $z_1$, $\rho_1 = \frac{\lambda_1 - "
                r"\lambda_2}{\lambda_2 - \lambda_n}$ and $\lambda_m$ is $\lambda_n$",
                (_bound(-1, first, to_first, RATIO_1), _bound(1, last, to_first, RATIO_1)),
            ),
            Reading(
                r"the same, $\theta_1$ in the second line the angle with $z_n$",
                (_bound(-1, first, to_first, RATIO_1), _bound(1, last, to_last, RATIO_1)),
            ),
        ),
        checks=(error_of_ritz_values,),
        correction=Reading(
            r"$\theta_k \le \lambda_n + \frac{(\lambda_1 - \lambda_n) \tan^2 \varphi_n}{c_{k-1}(1 + 2 "
            r"\rho_n)^2}$, $\varphi_n$ the angle of $q_1$ with $z_n$ and $\rho_n = \frac{\lambda_{n-1} - "
            r"\lambda_n}{\lambda_1 - \lambda_{n-1}}$; the first line as printed, with the angle "
            r"$\varphi_1$ in the place of the "
            "Ritz value",
            (_bound(-1, first, to_first, RATIO_1), _bound(1, last, to_last, RATIO_N)),
        ),
        conditions="Kaniel and Paige's theorem is cited; the bounds are decided, and found nearly sharp, "
        r"in rational examples of up to 3 steps. With $\lambda_m$ itself, $m = k$, the second line would "
        r"only say $\theta_k \le "
        r"\lambda_k$",
    ),
    Claim(
        id="gr20/thm-3",
        statement="The eigenvalues of $T_k$ are the nodes of Gauss' rule, its weights the squares of the "
        "first elements of the normalised eigenvectors.",
        place="theorem 3",
        readings=(Reading("as printed", (1, 2)),),
        checks=(gauss_weights,),
        conditions="decided for two steps on one matrix",
    ),
    Claim(
        id="gr20/eq-15",
        statement=r"$\mathbf{E}_v \mathrm{Tr}(v^T H^m v) = \mathrm{Tr}(H^m) = \sum_i \lambda_i = N \int "
        r"\lambda d\mu(\lambda)$.",
        place="appendix B, eq. 15",
        readings=(Reading("for every $m$", (sp.Integer(1), sp.Integer(1))),),
        checks=(stochastic_trace,),
        correction=Reading(
            r"$\mathrm{Tr}(H^m) = \sum_i \lambda_i^m = N \int \lambda^m d\mu(\lambda)$", (m, m)
        ),
        conditions="$m$ up to 3",
        planted=((m, m + 1), (m + 1, m), (m, sp.Integer(1)), (2 * m, m)),
    ),
    Claim(
        id="gr20/sec-B-overlap",
        statement="For large $N$ the squared overlap of each random vector with an eigenvector is "
        r"$\approx 1/N$ for "
        "all $i$, with high probability; this is seen from the moments for vectors of signs.",
        place="appendix B, after eq. 15",
        readings=(Reading("normalised vectors of signs, $N$ times the overlap concentrates at 1", (1, 0)),),
        checks=(overlaps,),
        correction=Reading(
            r"the mean is $1/N$, but the relative variance is $2 - 2 \sum_j \phi_j^4$, which tends to 2 "
            "for an eigenvector that is spread out: single overlaps do not concentrate, only sums over "
            "many of them do",
            (1, 2),
        ),
        conditions=r"decided for the eigenvector $(1, \ldots, 1)/\sqrt{N}$, $N$ up to 8",
    ),
)
