"""Operations on laws: identities of the algebra, known laws, expansions, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import derive as derive_package
from derive import (
    Anticommutator,
    Arcsine,
    Atoms,
    Cauchy,
    Commutator,
    DirectSum,
    Equilibrium,
    Factor,
    FreePoisson,
    Gaussian,
    Gram,
    Hermitised,
    Jacobi,
    KestenMcKay,
    Model,
    ModelError,
    Parameter,
    Projection,
    Wigner,
    Wishart,
    derive,
    law_of,
)
from derive.algebra.polynomials import canonical
from derive.emission.module import module_text
from derive.language.ensembles import Ensemble, Node
from derive.laws import G, z
from derive.transforms import read
from derive.transforms.curves import Setting
from derive.transforms.freeness import _commutator_fails
from derive.transforms.reading import Reading, moments_of
from derive.transforms.rectangular_freeness import _addition_fails

a, b, f, v = sp.symbols("a b f v", positive=True)
half, third, quarter = (sp.Rational(1, k) for k in (2, 3, 4))
SMALL = (1 - a, 1 - b, 1 - f)  # parameters below 1, where an operation needs it
SIGNS = Atoms((-1, 1), (half, half))


def reading_of(expression: Ensemble, *facts: sp.Expr) -> Reading:
    symbols = sorted(expression.free_symbols, key=str)
    used = tuple(fact for fact in facts if fact.free_symbols <= set(symbols))
    return read(expression, "H", Setting(tuple(symbols), used))


def equation_of(expression: Ensemble, *facts: sp.Expr) -> sp.Expr:
    reading = reading_of(expression, *facts)
    return canonical(reading.setting.ring.expression(reading.equation))


def moments(expression: Ensemble, n: int, *facts: sp.Expr) -> list[sp.Expr]:
    reading = reading_of(expression, *facts)
    return [sp.factor(reading.setting.show(m)) for m in moments_of(reading, n, None)]


# --- known laws ----------------------------------------------------------------------------------

KNOWN = {
    "projection": (Projection(f), z * (z - 1) * G - (1 - f) * (z - 1) - f * z),
    "arcsine": (Arcsine(2), (z**2 - 4) * G**2 - 1),
    "arcsine of any radius": (Arcsine(a), (z**2 - a**2) * G**2 - 1),
    "Kesten-McKay, degree 3": (KestenMcKay(3), (z**2 - 9) * G**2 + z * G - 2),
    "equilibrium of x^2": (Equilibrium(1, a), a**2 * G**2 - 4 * z * G + 4),
    "equilibrium of 3 x^4 / 4": (Equilibrium(2, 1), 9 * G**2 - 48 * z**3 * G + 48 * z**2 + 16),
    "free Poisson": (FreePoisson(1 / a, a * b), a * b * z * G**2 - (z + a * b - b) * G + 1),
    "square of a semicircle": (Wigner(v) ** 2, v * z * G**2 - z * G + 1),
    "commutator of semicircles": (Commutator(Wigner(1), Wigner(1)), z * G**3 + G**2 - z * G + 1),
    "commutator of signs": (Commutator(SIGNS, SIGNS), (z**2 - 4) * G**2 - 1),
    "square of a signed square": (Wigner(1) ** 4, 4 * z**3 * G**4 - z**2 * G**2 + 1),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_equations(name: str) -> None:
    expression, expected = KNOWN[name]
    assert sp.expand(equation_of(expression, *SMALL) - canonical(expected)) == 0


def test_inverse_wishart_has_its_moments() -> None:
    """E tr W^-1 = 1/(1 - a) and E tr W^-2 = 1/(1 - a)^3 in the limit."""
    first, second = moments(Wishart(a).inverse(), 2, 1 - a)
    assert sp.cancel(first - 1 / (1 - a)) == 0
    assert sp.cancel(second - 1 / (1 - a) ** 3) == 0


def test_jacobi_has_the_edges_of_wachter() -> None:
    """b (sqrt(a + b - a b) +- a)^2 / (a + b)^2: the only branch points of its quadratic."""
    x = sp.Symbol("x")
    discriminant = sp.discriminant(equation_of(Jacobi(a, b), *SMALL), G).subs(z, x)
    root = sp.sqrt(a + b - a * b)
    edges = [b * (root + sign * a) ** 2 / (a + b) ** 2 for sign in (1, -1)]
    found = sp.Poly(discriminant, x).monic().as_expr()
    assert sp.expand(sp.cancel(found - sp.expand(sp.prod([x - edge for edge in edges])))) == 0
    mirrored = equation_of(1 - Jacobi(b, a), *SMALL)
    assert sp.expand(equation_of(Jacobi(a, b), *SMALL) - mirrored) == 0


def test_information_plus_noise_is_dozier_and_silversteins() -> None:
    """beta G_S(beta^2 z - s (1 - c) beta) = G with beta = 1 - s c G, for a Wishart signal; s the variance."""
    s, c = sp.symbols("s c", positive=True)
    noisy = Gram(Factor(Wishart(b), columns=1 / c) + Gaussian(1, 1 / c, s * c))
    signal = equation_of(Wishart(b))
    beta = 1 - s * c * G
    moved = signal.subs({G: G / beta, z: beta**2 * z - s * (1 - c) * beta}, simultaneous=True)
    assert sp.expand(equation_of(noisy, 1 - c) - canonical(sp.numer(sp.together(moved)))) == 0


# --- laws of the algebra -------------------------------------------------------------------------

W, X, S = Wishart(a), Wishart(third), Wigner(v)
EQUAL: dict[str, tuple[Ensemble, Ensemble]] = {
    "sums commute": (W @ X + S, S + X @ W),
    "sums associate": ((W @ X + S) + Wishart(2), W @ X + (S + Wishart(2))),
    "products commute": ((W + 1) @ X, X @ (W + 1)),
    "products associate": (W @ (X @ Wishart(2)), (W @ X) @ Wishart(2)),
    "a factor goes through a sum": (b * (W + S), b * W + b * S),
    "a factor goes through a product": (b * (W @ X), (b * W) @ X),
    "a difference is a sum": (W - S, W + (-1) * S),
    "a free square is a sum": ((W @ X).free_power(2), W @ X + W @ X),
    "free powers multiply": (W.free_power(2).free_power(3), W.free_power(6)),
    "free powers distribute": ((W + S).free_power(a + 1), W.free_power(a + 1) + S.free_power(a + 1)),
    "a free power is a corner": ((W @ X).free_power(1 / f), (W @ X).compression(f) / f),
    "corners of corners": (W.compression(half).compression(f), W.compression(f / 2)),
    "a corner of a Wishart": (Wishart(1, 1).compression(f), Wishart(f, 1)),
    "Kesten and McKay": (KestenMcKay(2), Arcsine(2)),
    "one jump is a Wishart": (FreePoisson(1 / a, a * b), Wishart(a, b)),
    "rates add": (FreePoisson(a, S) + FreePoisson(b, S), FreePoisson(a + b, S)),
    "jumps mix": (
        FreePoisson(f, SIGNS) + FreePoisson(1 - f, 2),
        FreePoisson(1, DirectSum((SIGNS, Atoms((2,), (1,))), (f, 1 - f))),
    ),
    "blocks commute": (DirectSum((W, S), (f, 1 - f)), DirectSum((S, W), (1 - f, f))),
    "blocks associate": (
        DirectSum((X, Wigner(1), SIGNS), (half, quarter, quarter)),
        DirectSum((X, DirectSum((Wigner(1), SIGNS), (half, half))), (half, half)),
    ),
    "equal blocks": (DirectSum((W, W), (f, 1 - f)), W),
    "inverse twice": (Wishart(f).inverse().apply(lambda x: 2 * x).inverse(), Wishart(f) / 2),
    "the inverse of a product": (
        (Wishart(f) @ Wishart(half)).inverse(),
        Wishart(f).inverse() @ Wishart(half).inverse(),
    ),
    "Moebius and back": (
        Wishart(f).inverse().moebius(0, 1, 1, 0).moebius(2, 1, 0, 3),
        Wishart(f) * 2 / 3 + third,
    ),
    "powers of powers": ((X**2) ** 2, X**4),
    "a square completed": ((S + 1) ** 2, S.apply(lambda x: x**2 + 2 * x + 1)),
    "a factor comes out of a square": ((b * W) ** 2, b**2 * W**2),
    "a projection is its square": (Projection(f) ** 2, Projection(f)),
    "the square of a sign": (SIGNS**2 + S, S + 1),
    "a cube of atoms": (Atoms((0, 1, 2), (f, half, half - f)) ** 3, Atoms((0, 1, 8), (f, half, half - f))),
    "commutator and anticommutator": (Commutator(S, Arcsine(2)), Anticommutator(S, Arcsine(2))),
    "anticommutator of semicircles": (Anticommutator(Wigner(1), Wigner(1)), Wishart(1) - Wishart(1)),
    "commutators commute": (Commutator(S, SIGNS), Commutator(SIGNS, S)),
    "transposed twice": (Gram(Factor(W, columns=2).T.T), W),
    "transposed and back": (Gram(Factor(Gram(Factor(W, f).T), 1, 1)), Gram(Factor(W, f).T)),
    "the other Gram matrix": (Gram(Gaussian(f, 1, v).T), Gram(Factor(Wishart(f, v), f).T)),
    "noise on noise": (Gram(Gaussian(1, 2, v) + Gaussian(1, 2, b)), Gram(Gaussian(1, 2, v + b))),
    "a Gaussian signal": (
        Gram(Factor(Wishart(half, 2 * v), columns=2) + Gaussian(1, 2, b)),
        Gram(Gaussian(1, 2, v + b)),
    ),
    "noise in two steps": (
        Gram(Factor(X, columns=2) + Gaussian(1, 2, v) + Gaussian(1, 2, 1)),
        Gram(Factor(Gram(Factor(X, columns=2) + Gaussian(1, 2, 1)), columns=2) + Gaussian(1, 2, v)),
    ),
    "a factor goes into rectangles": (
        Gram(2 * (Factor(X, columns=2) + Gaussian(1, 2, v))),
        4 * Gram(Factor(X, columns=2) + Gaussian(1, 2, v)),
    ),
    "A times Wishart": (Gram(Factor(W) @ Gaussian(1, 1 / b, b)), W @ Wishart(b)),
    "correlated from both sides": (
        Gram(Factor(X + 1) @ Gaussian(1, 2) @ Factor(Wishart(half), 2, 2)),
        (X + 1) @ FreePoisson(2, Wishart(half)),
    ),
    "singular values squared": (Hermitised(Factor(W @ X, half, half)) ** 2, W @ X),
    "square factors are Fuss and Catalan's": (
        Gram(Gaussian(1, 1) @ Gaussian(1, 1) @ Gaussian(1, 1)),
        Wishart(1) @ Wishart(1) @ Wishart(1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUAL)
def test_laws_of_the_algebra(name: str) -> None:
    one, other = EQUAL[name]
    assert sp.expand(equation_of(one, *SMALL) - equation_of(other, *SMALL)) == 0


# --- expansions and certificates -----------------------------------------------------------------

EXPANDED = {
    "finite spectrum": Atoms((0, 1, b), (half, f / 2, (1 - f) / 2)),
    "compound Poisson": FreePoisson(a, S + 1),
    "inverse": Wishart(f).inverse() + S,
    "square": (X + S) ** 2,
    "cube": SIGNS.free_power(3) ** 3,
    "blocks": DirectSum((W, S + 1), (f, 1 - f)),
    "free power": (Wigner(1) @ W).free_power(b + 1),
    "corner": (W @ X).compression(f),
    "commutator": Commutator(S, KestenMcKay(3)),
    "information plus noise": Gram(Factor(Projection(f), columns=2) + Gaussian(1, 2, v)),
    "sum of products": Gram(Gaussian(1, 2) @ Gaussian(2, 1, v) + Gaussian(1, 1)),
    "transposed": Gram(Factor(W @ X, f).T),
    "hermitised factor": Hermitised(Factor(W @ X, half, half)),
}


@pytest.mark.parametrize("name", EXPANDED)
def test_the_equation_holds_on_the_expansion_at_infinity(name: str) -> None:
    """G = sum m_n / z^(n + 1), with moments made along the tree, which never look at the equation."""
    reading = reading_of(EXPANDED[name], *SMALL)
    equation = reading.setting.ring.expression(reading.equation)
    point = {
        symbol: sp.Rational(k + 2, 2 * k + 5)
        for k, symbol in enumerate(sorted(EXPANDED[name].free_symbols, key=str))
    }
    found = [m.subs(point) for m in (reading.setting.show(m) for m in moments_of(reading, 6, None))]
    u = sp.Symbol("u")
    polynomial = sp.Poly(equation.subs(point), G, z)

    def left(numbers: list[sp.Expr]) -> sp.Poly:
        series = u + sum(m * u ** (n + 2) for n, m in enumerate(numbers))
        top = polynomial.degree(z)
        terms = (c * series**i * u ** (top - j) for (i, j), c in polynomial.terms())
        return sp.Poly(sp.expand(sum(terms)), u)

    first_wrong = sp.Poly(left(found) - left([*found[:-1], found[-1] + 1]), u)
    reached = min(power for (power,), _ in first_wrong.terms())
    assert all(left(found).coeff_monomial(u**k) == 0 for k in range(reached + 1))
    assert left([*found[:-1], found[-1] + 1]).coeff_monomial(u**reached) != 0


@pytest.mark.parametrize("name", EXPANDED)
def test_numbers_agree_with_symbols(name: str) -> None:
    reading = reading_of(EXPANDED[name], *SMALL)
    setting = reading.setting
    point = setting.points[1]
    assert [setting.at(k, point) for k in reading.cumulants(4, None)] == reading.cumulants(4, point)


def test_theorems_are_decided_to_an_order_and_wrong_ones_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    import derive.transforms.freeness as freeness
    import derive.transforms.rectangular_freeness as rectangular

    assert _commutator_fails(4) == 0
    assert _addition_fails(4) == 0
    plain = freeness._symmetric
    monkeypatch.setattr(freeness, "_symmetric", lambda moment: plain(moment) + plain(moment))
    assert freeness._commutator_fails.__wrapped__(4)
    monkeypatch.setattr(rectangular, "_ASPECT", rectangular._ONE + rectangular._ASPECT)
    rectangular.mixed_moment.cache_clear()
    monkeypatch.setattr(rectangular, "_mean", lambda letter, length, row: rectangular._ZERO)
    assert rectangular._addition_fails.__wrapped__(2) == 0  # all moments 0: nothing to see
    monkeypatch.undo()
    rectangular.mixed_moment.cache_clear()


# --- what is refused -----------------------------------------------------------------------------

p, q = Parameter("p0", domain="(0, 1)", typical=(0.2, 0.8)), Parameter("q0")
c1, c2 = (Parameter(name, domain="(0, 1]", typical=(0.2, 0.8)) for name in ("c1", "c2"))
REFUSED: dict[str, tuple[Any, str]] = {
    "masses": (lambda: Atoms((0, 1), (half, quarter)), "masses of Atoms must add to 1"),
    "a place twice": (lambda: Atoms((1, 1), (half, half)), "listed twice"),
    "a negative mass": (lambda: Atoms((0, 1), (-half, 1 + half)), "mass of Atoms must be positive"),
    "a mass missing": (lambda: Atoms((0, 1), (1,)), "2 places and 1 masses"),
    "no places": (lambda: Atoms((), ()), "at least one"),
    "weights": (lambda: DirectSum((W, S), (half, third)), "weights of DirectSum must add to 1"),
    "weights missing": (lambda: DirectSum((W, S), (1,)), "2 parts and 1 weights"),
    "a block of numbers": (lambda: DirectSum((W, 1), (half, half)), "square ensembles"),
    "a jump of 0": (lambda: FreePoisson(1, 0), "jump 0"),
    "a root as power": (lambda: W**half, "free_power"),
    "the power 0": (lambda: W**0, "other than 0"),
    "a function": (lambda: W.apply(sp.exp), "polynomial"),
    "a constant": (lambda: W.apply(lambda x: 3 + 0 * x), "constant"),
    "degenerate Moebius": (lambda: W.moebius(1, 2, 2, 4), "must not be 0"),
    "a small free power": (lambda: W.free_power(half), "1 or more"),
    "a large corner": (lambda: W.compression(2), "at most 1"),
    "a narrow factor": (lambda: derived(Gram(Factor(Wishart(q), 1, third)), q), "fewer than the rank of A"),
    "a factor of a factor": (lambda: Factor(Gaussian(1, 1)), "square ensemble"),
    "shapes of a sum": (lambda: Gaussian(1, 2) + Gaussian(1, 1), "do not fit: 2 and 1 columns"),
    "a sum of kinds": (lambda: Gaussian(1, 2) + W, "two rectangular matrices"),
    "a commutator with a number": (lambda: Commutator(W, 2), "two square ensembles"),
    "an atom at 0": (lambda: derived(Wishart(q).inverse(), q), "atom there, of mass"),
    "an edge at 0": (lambda: derived(Wishart(1).inverse()), "an edge or an atom is there"),
    "an edge at 0 at a closed end": (lambda: derived(Wishart(c1).inverse(), c1), "at c1 = 1, an end that"),
    "an edge at 0 at two closed ends": (
        lambda: derived((Wishart(sp.Rational(1, 4)) * 4 + 1 - c1 - c2).inverse(), c1, c2),
        "at c1 = 1, c2 = 1, an end that",
    ),
    "a spectrum around 0": (lambda: derived(Wigner(q).inverse(), q), "a density at 0"),
    "a commutator of Wisharts": (lambda: derived(Commutator(Wigner(1), Wishart(1))), "not symmetric"),
    "a signed Gram matrix": (lambda: derived(Gram(Factor(Wigner(q))), q), "A must be nonnegative"),
    "a free power of the domain": (lambda: derived(Wishart(1).free_power(q), q), "0 or more"),
    "a corner of the domain": (lambda: derived(Wishart(1).compression(q), q), "0 or more"),
    "a mass of the domain": (lambda: derived(Projection(q) + Wigner(1), q), "must be positive"),
    "a narrow factor of the domain": (
        lambda: derived(Gram(Factor(Wishart(1), columns=q)), q),
        "atom at 0 of at least the mass 1 - q0, which",
    ),
    "degree 5": (lambda: derived(Wigner(1) ** 5), "degree 5"),
    "a multiple of one": (lambda: derived(SIGNS**2), "no density"),
    "a finite spectrum": (lambda: derived(Projection(p), p), "no density"),
}  # fmt: skip


def derived(expression: Ensemble, *parameters: Parameter) -> Any:
    return law_of(Model("test", parameters, expression))


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_law_is_refused_with_the_reason(name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises((ValueError, TypeError, ModelError), match=reason):
        make()


# --- Cauchy parts: no moments ---------------------------------------------------------------------

c0 = Parameter("c0")
HEAVY: dict[str, tuple[Ensemble, sp.Expr, sp.Expr]] = {
    "alone": (Cauchy(c0), z * G - 1, c0),
    "scaled and shifted": (1 - 2 * Cauchy(c0), (z - 1) * G - 1, 2 * c0),
    "scales add": (Wigner(1) + Cauchy(c0) + Cauchy(1), G**2 - z * G + 1, c0 + 1),
    "free power": ((Wigner(1) + Cauchy(c0)).free_power(2), 2 * G**2 - z * G + 1, 2 * c0),
    "corner": ((Wigner(1) + Cauchy(c0)).compression(half), G**2 / 2 - z * G + 1, c0),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_cauchy_part_shifts_z(name: str) -> None:
    """P(G, z + i s) divides the equation, and its conjugate is the other factor."""
    expression, rest, scale = HEAVY[name]
    derivation = derive(Model("test", (c0,), expression))
    assert sp.expand(derivation.law.scale - scale) == 0
    factors = [sp.expand(rest.subs(z, z + sign * sp.I * scale)) for sign in (1, -1)]
    assert sp.expand(derivation.equation - canonical(sp.expand(factors[0] * factors[1]))) == 0
    with pytest.raises(ModelError, match="no moments"):
        law_of(Model("test", (c0,), expression))
    with pytest.raises(ModelError, match="no module is made"):
        module_text(derivation)


@pytest.mark.parametrize(
    "expression",
    [
        Cauchy(1) @ Wishart(1),
        Cauchy(1) ** 2,
        Cauchy(1).inverse(),
        Commutator(Wigner(1), Cauchy(1)),
        DirectSum((Cauchy(1), Wigner(1)), (half, half)),
        FreePoisson(1, Cauchy(1)),
        Wigner(1) + (Cauchy(1) + 1) @ Wishart(1),
    ],
)
def test_what_needs_moments_refuses_a_cauchy_part(expression: Ensemble) -> None:
    with pytest.raises(ModelError, match="no moments, and this operation needs them"):
        derive(Model("test", (), expression))


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: Jacobi(3, 3), "Jacobi needs 1/first + 1/second at least 1"),
        (lambda: KestenMcKay(half), "the degree of KestenMcKay must be at least 1, got 1/2"),
    ],
)
def test_named_laws_speak_of_their_own_arguments(build: Callable[[], Ensemble], reason: str) -> None:
    """Not of the corner and the free power that they are made of."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        build()


def test_named_laws_reach_the_ends_of_their_arguments() -> None:
    assert isinstance(Jacobi(2, 2), Ensemble)
    assert isinstance(KestenMcKay(1), Ensemble)


# --- the table in the documentation ---------------------------------------------------------------

TABLE = (Path(__file__).resolve().parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| [^|`]+(?:`[^`]+`)?[^|`]*\| `([^`]+)` \|", TABLE, flags=re.MULTILINE)


@pytest.mark.parametrize("code", ROWS)
def test_every_expression_of_the_documentation_is_derived(code: str) -> None:
    names = vars(derive_package) | {name: Parameter(name) for name in "abv"}
    names["f"] = Parameter("f", domain="(0, 1)", typical=(0.2, 0.8))
    expression = eval(code, names)  # our own documentation
    parameters = tuple(names[name] for name in "abfv" if names[name].symbol in expression.free_symbols)
    model = Model("test", parameters, expression)
    if "Cauchy" in code:
        assert sp.Poly(derive(model).equation, G).degree() == 4
    else:
        assert law_of(model)


def test_the_documentation_lists_every_operation() -> None:
    """Each node, or its method, stands in the table."""
    assert len(ROWS) == TABLE.count("\n| ") - 1
    words = set(re.findall(r"\w+", " ".join(ROWS)))
    spelt = {"Inverse": "inverse", "Image": "apply", "FreePower": "free_power", "Compression": "compression"}
    spelt["Transposed"] = "T"
    for module in (derive_package.language.operations, derive_package.language.rectangles):
        kinds = [k for k in vars(module).values() if isinstance(k, type) and issubclass(k, Node)]
        own = [
            k.__name__ for k in kinds if k.__module__ == module.__name__ and not k.__name__.startswith("_")
        ]
        assert {spelt.get(name, name) for name in own} - {"RectangularSum"} <= words
