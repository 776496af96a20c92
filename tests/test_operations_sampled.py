"""Operations on laws against matrices: the moments of the derived equation and mean traces."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
import sympy as sp

import derive.language.ensembles
import derive.language.operations
import derive.language.rectangles
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
    Parameter,
    Projection,
    Wigner,
    Wishart,
    law_of,
)
from derive.analysis.series import moments
from derive.language.bounds import interval
from derive.language.conditions import conditions
from derive.language.ensembles import Ensemble, Node, Rectangular, scaled_factor
from derive.transforms import read
from derive.transforms.rectangular import gram
from derive.typesetting.latex import ensemble_latex
from verify import realised, sample
from verify.sampling import Draw, invariant, matrix, rectangle

half, third = sp.Rational(1, 2), sp.Rational(1, 3)
BETAS = pytest.mark.parametrize("beta", [1, 2])
COUNT, ORDER = 24, 4

CASES: dict[str, tuple[Ensemble, int]] = {
    "projections": (Projection(half) + Projection(third), 60),
    "atoms": (Atoms((-1, 0, 2), (half, third, sp.Rational(1, 6))) @ Wishart(half), 60),
    "equilibrium": (Equilibrium(2) + Wishart(half), 60),
    "compound Poisson": (FreePoisson(half, Wigner(1) + 1), 60),
    "free Poisson": (FreePoisson(2, half), 60),
    "arcsine": (Arcsine(2) @ Wishart(half), 40),
    "Kesten-McKay": (KestenMcKay(3) + Wishart(half), 40),
    "Jacobi": (Jacobi(half, third), 40),
    "inverse": (Wishart(third).inverse(), 90),
    "inverse of a product": ((Wishart(third) @ Wishart(third)).inverse() + Projection(half), 90),
    "Moebius": ((Wishart(third) ** -1).moebius(2, 1, 0, 1), 90),
    "square": ((Wishart(half) + Wigner(1)) ** 2, 60),
    "polynomial": (Wigner(1).apply(lambda x: x**3 - x**2 + x), 60),
    "blocks": (DirectSum((Wishart(half), Wigner(1) - 2), (third, 1 - third)) + Wigner(half), 60),
    "free power": ((Wishart(1) @ Projection(half)).free_power(sp.Rational(3, 2)), 40),
    "corner": ((Wishart(half) - Projection(half)).compression(half), 40),
    "corner of a cube": ((Wigner(1) ** 3).compression(half), 40),
    "commutator": (Commutator(Wigner(1), Wigner(2)), 60),
    "anticommutator": (Anticommutator(Wigner(1), Atoms((-1, 1), (half, half))), 60),
    "information plus noise": (Gram(Factor(Projection(third), columns=2) + 2 * Gaussian(1, 2, third)), 60),
    "sum of products": (Gram(Gaussian(1, 2) @ Gaussian(2, 1, half) + Gaussian(1, 1)), 60),
    "correlated on both sides": (
        Gram(Factor(Projection(half) + 1) @ Gaussian(1, 2) @ Factor(Wishart(half), 2, 2)),
        40,
    ),
    "the other Gram matrix": (Gram(Factor(Wishart(half) @ Wishart(half), half).T), 60),
    "hermitised factor": (Hermitised(Factor(Wishart(half), third, 1 - third)), 60),
    "hermitised noise": (Hermitised(Factor(Projection(half), half, half) + Gaussian(half, half)), 60),
}  # fmt: skip


def sampled(expression: Ensemble, n: int, beta: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean traces of the first powers and their standard errors."""
    model, rng = Model("test", (), expression), np.random.default_rng(60)
    found = []
    for _ in range(COUNT):
        spectrum = np.linalg.eigvalsh(sample(model, n, rng, beta=beta))
        found.append([np.mean(spectrum**k) for k in range(1, ORDER + 1)])
    return np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(COUNT)


def derived(expression: Ensemble) -> np.ndarray:
    """The same from the law, an algebraic one by its polynomial alone."""
    law = law_of(Model("test", (), expression))
    return np.array([float(m) for m in moments(law, ORDER)[1:]])


def allowed(wanted: np.ndarray, error: np.ndarray, n: int, beta: int) -> np.ndarray:
    """Seven standard errors of 24 matrices, and a bias of O(1/n) (real) or O(1/n^2) (complex matrices)."""
    sizes = np.maximum.accumulate(np.maximum(1, np.abs(wanted)))
    return 7 * error + (12 / n if beta == 1 else 5 / n**2) * sizes


@BETAS
@pytest.mark.parametrize("name", CASES)
def test_matrices_have_the_moments_of_the_law(name: str, beta: int) -> None:
    expression, n = CASES[name]
    wanted = derived(expression)
    found, error = sampled(expression, n, beta)
    bound = allowed(wanted, error, n, beta)
    assert np.all(np.abs(found - wanted) < bound), (found, wanted, bound)


@BETAS
def test_matrices_with_a_cauchy_part_have_the_shifted_transform(beta: int) -> None:
    """Mean resolvent traces against the semicircle's G at z + i/2; a scale 30 % off is refused."""
    z, n, rng = np.array([0.3 + 0.2j, 1.5 + 0.1j, -2.5 + 0.3j]), 200, np.random.default_rng(60)
    model = Model("test", (), Wigner(1) + Cauchy(half))
    found = []
    for _ in range(COUNT):
        spectrum = np.linalg.eigvalsh(sample(model, n, rng, beta=beta))
        found.append(np.mean(1 / (z[:, None] - spectrum), axis=1))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(COUNT)
    for scale, close in ((0.5, True), (0.65, False)):
        moved = z + 1j * scale
        wanted = (moved - np.sqrt(moved - 2) * np.sqrt(moved + 2)) / 2
        assert np.all(np.abs(mean - wanted) < 7 * error + 1 / n) == close


WRONG: dict[str, Ensemble] = {
    "Jacobi": Jacobi(half, half),
    "blocks": DirectSum((Wishart(half), Wigner(1) - 2), (half, half)) + Wigner(half),
    "inverse": Wishart(sp.Rational(4, 10)).inverse(),
    "information plus noise": Gram(
        Factor(Projection(third), columns=2) + 2 * Gaussian(1, 2, sp.Rational(4, 10))
    ),
    "commutator": Commutator(Wigner(1), Wigner(sp.Rational(22, 10))),
    "free power": (Wishart(1) @ Projection(half)).free_power(sp.Rational(17, 10)),
    "the other Gram matrix": Gram(Factor(Wishart(half) @ Wishart(half), sp.Rational(6, 10)).T),
}


@pytest.mark.parametrize("name", WRONG)
def test_matrices_of_a_parameter_10_to_25_percent_off_are_refused(name: str) -> None:
    expression, n = CASES[name]
    wanted = derived(WRONG[name])
    found, error = sampled(expression, n, 2)
    assert np.any(np.abs(found - wanted) > allowed(wanted, error, n, 2))


# --- every reading of every node -------------------------------------------------------------------

NODES = sorted(
    {
        kind
        for module in (derive.language.ensembles, derive.language.operations, derive.language.rectangles)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Node) and not kind.__name__.startswith("_")
    }
    - {Node, Ensemble, Rectangular},
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", NODES, ids=lambda kind: kind.__name__)
def test_every_node_has_every_reading(kind: type[Node]) -> None:
    """Transform, LaTeX, conditions and matrix; bounds and invariance, or what a factor does."""
    readings = [ensemble_latex, conditions]
    readings += (
        [rectangle, gram, scaled_factor]
        if issubclass(kind, Rectangular)
        else [read, interval, matrix, invariant]
    )
    for reading in readings:
        assert reading.dispatch(kind) is not reading.dispatch(object), reading


def test_a_node_that_is_not_read_is_refused_by_every_reading() -> None:
    class Strange(Ensemble):
        pass

    draw = Draw(4, {}, 1, np.random.default_rng(0))
    for reading, more in (
        (ensemble_latex, ()),
        (conditions, ()),
        (interval, ()),
        (matrix, (draw,)),
        (invariant, ()),
    ):
        with pytest.raises(TypeError, match="Strange"):
            reading(Strange(), *more)


# --- shapes ---------------------------------------------------------------------------------------

f, c = Parameter("f", domain="(0, 1)", typical=(0.2, 0.8)), Parameter("c")


def test_shapes_inside_other_sizes_are_realised() -> None:
    """Columns of a Wishart inside a block count in rows of that block; masses in rows of theirs."""
    model = Model("test", (f,), DirectSum((Wishart(half), Wigner(1)), (f, 1 - f)))
    assert realised(model, 30, f=0.42)["f"] == 13 / 30
    model = Model("test", (c,), FreePoisson(c, Projection(half)) + Wigner(1))
    assert realised(model, 10, c=0.93)["c"] == 1.0  # c N and c N / 2 are integers
    model = Model("test", (c,), Gram(Factor(Projection(half), columns=c) + Gaussian(1, c)))
    assert realised(model, 10, c=1.96)["c"] == 2.0
    with pytest.raises(ValueError, match="eigenvalues of Atoms at 0 come to"):
        sample(Model("test", (), Projection(half) + Wigner(1)), 5, np.random.default_rng(0))


def test_real_matrices_stay_real_and_commutators_are_imaginary() -> None:
    for expression, kind in ((CASES["inverse"][0], np.float64), (CASES["commutator"][0], np.complex128)):
        drawn = sample(Model("test", (), expression), 30, np.random.default_rng(0))
        assert drawn.dtype == kind
        assert np.array_equal(drawn, drawn.conj().T)


def names(kinds: Iterable[type]) -> set[str]:
    return {kind.__name__ for kind in kinds}


def test_the_cases_hold_every_node() -> None:
    """Every node occurs among the sampled cases."""
    met = {type(node) for expression, _ in CASES.values() for node in expression.walk()}
    assert names(NODES) - names(met) == {"Cauchy"}  # it has no moments, and a test of its own
