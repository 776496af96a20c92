"""Matrices of expressions: moments, symmetry, freeness, realised ratios, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive.language.ensembles as language
from derive import Gaussian, Gram, Hermitised, Model, Parameter, Wigner, Wishart, load
from derive.language.ensembles import Ensemble, Rectangular
from verify import realised, sample
from verify.sampling import Draw, invariant, matrix, rectangle

BETAS = pytest.mark.parametrize("beta", [1, 2])


def model_of(expression: Ensemble, *parameters: Parameter) -> Model:
    return Model("test", parameters, expression)


def moments(model: Model, n: int, beta: int, count: int = 12, order: int = 4, **values: Any) -> np.ndarray:
    """Mean of the first normalised moments and their standard errors, over a few matrices."""
    rng = np.random.default_rng(20)
    found = []
    for _ in range(count):
        spectrum = np.linalg.eigvalsh(sample(model, n, rng, beta=beta, **values))
        found.append([np.mean(spectrum**k) for k in range(1, order + 1)])
    return np.array([np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(count)])


def agree(model: Model, wanted: list[float], beta: int, n: int = 100, **values: Any) -> None:
    """Six standard errors, plus the O(1/n) of real matrices."""
    found, error = moments(model, n, beta, order=len(wanted), **values)
    sizes = np.maximum.accumulate(np.maximum(1, np.abs(wanted)))
    allowed = 6 * error + (6 / n if beta == 1 else 30 / n**2) * sizes
    assert np.all(np.abs(found - wanted) < allowed), (found, wanted, allowed)


def test_every_node_has_a_matrix() -> None:
    nodes = [v for v in vars(language).values() if isinstance(v, type) and issubclass(v, language.Node)]
    fallback = {matrix.dispatch(object), rectangle.dispatch(object), invariant.dispatch(object)}
    for node in set(nodes) - {language.Node, Ensemble, Rectangular}:
        reading = rectangle if issubclass(node, Rectangular) else matrix
        assert reading.dispatch(node) not in fallback, node
        if issubclass(node, Ensemble):
            assert invariant.dispatch(node) not in fallback, node


def test_an_unread_node_is_refused() -> None:
    class Unread(Ensemble):
        pass

    with pytest.raises(TypeError, match="no matrix is known for Unread"):
        matrix(Unread(), Draw(4, {}, 1, np.random.default_rng(0)))


@BETAS
def test_moments_of_the_atoms(beta: int) -> None:
    agree(model_of(Wigner(variance=2)), [0, 2, 0, 8], beta)
    agree(model_of(Wishart(ratio=2, scale=3)), [3, 27, 3**3 * 11], beta)
    agree(model_of(Wishart(ratio="1/10")), [1, 1.1, 1.31], beta)  # drawn by Bartlett's factor


@BETAS
def test_moments_of_sums_and_affine_maps(beta: int) -> None:
    agree(model_of(2 * Wigner() + 1), [1, 5, 13, 57], beta)
    # Free cumulants add: kappa = (1, 3, 1/4, 1/8) for Wishart(1/2) + Wigner(5/2); m_3 = k3 + 3 k1 k2 + k1^3.
    agree(model_of(Wishart(ratio="1/2") + Wigner(variance="5/2")), [1, 4, 0.25 + 9 + 1], beta)
    agree(model_of(Wishart(ratio="1/2") - Wishart(ratio="1/2")), [0, 1, 0], beta)


@BETAS
def test_moments_of_products(beta: int) -> None:
    # Fuss-Catalan numbers: the product of two Wisharts of ratio 1.
    agree(model_of(Wishart(ratio=1) @ Wishart(ratio=1)), [1, 3, 12], beta, n=60)
    signed = model_of(Wishart(ratio=1) @ (Wigner() + 0))
    agree(signed, [0, 1, 0], beta, n=60)  # tau(a b a b) = tau(a)^2 tau(b^2) for centred b


@BETAS
def test_moments_of_rectangular_factors(beta: int) -> None:
    wide = Gaussian(rows=1, columns=5, variance="1/5")
    agree(model_of(Gram(wide)), [1, 1.2, 1.64], beta)
    pair = Gaussian(rows=1, columns=6, variance="1/6") @ Gaussian(rows=6, columns=4, variance="1/4")
    # F = X Y: tau(F F') = 1; tau((F F')^2) = 1 + 1/6 + 1/4.
    agree(model_of(Gram(pair)), [1, 1 + 1 / 6 + 1 / 4], beta)
    square = Gaussian(rows="1/2", columns="1/2", variance=2)
    agree(model_of(Hermitised(square)), [0, 1, 0, 2], beta)


@BETAS
def test_non_invariant_terms_are_turned(beta: int) -> None:
    """Hermitised factors are free only after a Haar conjugation: then fourth free cumulants add.

    Two of them in the same position would be one of doubled variance, whose fourth moment the test rejects.
    """
    thin = Gaussian(rows="3/4", columns="1/4", variance=4)
    one = Hermitised(thin)
    # tau(h^2) = 2 * 4 * 3/16 = 3/2; tau(h^4) = 2 * (1/4) tau_(1/4)((F'F)^2) with F'F of mean 3, ratio 1/3.
    second, fourth = 1.5, 0.5 * 9 * (1 + 1 / 3)
    cumulant = fourth - 2 * second**2
    agree(model_of(one + one), [0, 2 * second, 0, 2 * cumulant + 2 * (2 * second) ** 2], beta)
    if beta == 2:  # without the bias of real matrices the comparison is sharp enough
        with pytest.raises(AssertionError):
            agree(model_of(one + one), [0, 2 * second, 0, 4 * fourth], beta)


@BETAS
def test_moments_of_the_models_that_ship(beta: int) -> None:
    for name, values in (
        ("relu_hessian", {"eps": 0.7, "phi": 0.5, "sigma": 2}),
        ("relu_hessian", {"eps": 0.7, "phi": 0.02, "sigma": 1}),  # wide factors
        ("relu_residual", {"eps": 1, "phi": 2}),
        ("wishart_wigner", {"eps": 0.3, "phi": 2}),
    ):
        eps, phi, sigma = values["eps"], values["phi"], values.get("sigma", 1)
        wishart = [sigma, sigma**2 * phi, sigma**3 * phi**2]
        energy = {"wishart_wigner": 2 * eps}.get(name, eps * phi / 2)
        k1, k2, k3 = wishart if name != "relu_residual" else [0, 0, 0]
        k2 += energy
        agree(load(name), [k1, k2 + k1**2, k3 + 3 * k1 * k2 + k1**3], beta, **values)


@BETAS
def test_self_adjoint_and_reproducible(beta: int) -> None:
    model = load("relu_hessian")
    first, second = (
        sample(model, 40, np.random.default_rng(3), beta=beta, eps=0.1, phi=0.5) for _ in range(2)
    )
    assert first.dtype == (np.float64 if beta == 1 else np.complex128)
    assert np.array_equal(first, first.conj().T)
    assert np.array_equal(first, second)


def test_variances_of_wigner_entries() -> None:
    """Off the diagonal v/n; on it 2 v/n for beta = 1 and v/n for beta = 2."""
    for beta, diagonal in ((1, 2.0), (2, 1.0)):
        x = sample(model_of(Wigner(variance=3)), 400, np.random.default_rng(5), beta=beta)
        upper = np.abs(x[np.triu_indices(400, 1)]) ** 2
        assert abs(np.mean(upper) * 400 / 3 - 1) < 0.02
        assert abs(np.mean(np.abs(np.diag(x)) ** 2) * 400 / 3 - diagonal) < 0.5 * diagonal


def test_realised_ratios() -> None:
    model = load("relu_hessian")
    found = realised(model, 100, eps=0.1, phi=0.7)
    assert found == {"eps": 0.1, "phi": 100 / 142, "sigma": 1.0}  # 71 kept columns, 142 of the Wishart
    assert realised(model, 100, **found) == found
    assert realised(load("wishart_wigner"), 100, eps=0.1, phi=0.7)["phi"] == 100 / 143
    mean = np.trace(sample(load("marchenko_pastur"), 300, np.random.default_rng(0), phi=1e-5)) / 300
    assert abs(mean - 1) < 1e-3


def test_refusals() -> None:
    model, rng = load("relu_hessian"), np.random.default_rng(0)
    good = {"eps": 0.1, "phi": 0.5}
    with pytest.raises(ValueError, match=r"make n a multiple of 2"):
        sample(model, 41, rng, **good)
    with pytest.raises(ValueError, match=r"take n of at least"):
        sample(model, 10, rng, eps=0.1, phi=1e3)
    with pytest.raises(TypeError, match="n must be an integer"):
        sample(model, 10.0, rng, **good)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="n must be at least 1"):
        sample(model, 0, rng, **good)
    with pytest.raises(ValueError, match="beta must be 1"):
        sample(model, 10, rng, beta=4, **good)
    with pytest.raises(TypeError, match="numpy Generator"):
        sample(model, 10, 7, **good)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="eps is missing"):
        sample(model, 10, rng, phi=1)
    with pytest.raises(ValueError, match=r"eps = -1 lies outside its domain \[0, oo\)"):
        sample(model, 10, rng, eps=-1, phi=1)
    with pytest.raises(ValueError, match="no self-adjoint matrix"):
        sample(model_of(Wigner() @ Wigner()), 10, rng)


def test_decimals_in_shapes_of_several_parameters_are_what_they_spell() -> None:
    """A shape kept/(outputs phi) is a whole number at phi = 4/5, not at the double next to it."""
    model = load("two_layer_residual")
    assert realised(model, 400, eps=0.05, phi=0.8) == {
        "eps": 0.05,
        "phi": 0.8,
        "kept": 0.5,
        "inputs": 1.0,
        "outputs": 1.0,
    }
    with pytest.raises(ValueError, match="finite number is wanted, got nan"):
        realised(model, 400, eps=0.05, phi=float("nan"))
