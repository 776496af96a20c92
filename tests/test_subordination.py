"""Subordination functions and overlap kernels: known forms, matrices, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from derive import Atoms, Cauchy, Model, ModelError, Parameter, Wigner, Wishart, subordination
from derive.algebra.polynomials import canonical
from derive.derivation import CertificateError
from derive.language.ensembles import Ensemble, FreeProduct, FreeSum
from derive.laws import x, z
from derive.subordination import k, omega, s
from derive.transforms.curves import RightFactor
from verify import sample

a, c = Parameter("a"), Parameter("c")
half = sp.Rational(1, 2)


def test_semicircle_in_a_sum() -> None:
    """omega = z - G, so the equation of C at G = z - omega is the relation, whichever law A has."""
    found = subordination(Model("test", (c,), Wishart(c) + Wigner(1)))
    ratio = c.symbol
    wishart = ratio * omega * (z - omega) ** 2 - (omega + ratio - 1) * (z - omega) + 1
    assert sp.expand(found.relation - canonical(wishart, omega, z)) == 0
    moved = wishart.subs(omega, x + 1 / k)
    assert sp.expand(found.kernel - canonical(sp.numer(sp.together(moved)), k, x, z)) == 0


def test_wishart_in_a_product() -> None:
    """1/S_B = 1 + c (z G_C - 1) and z G_C = z G_A(z/s)/s: one quadratic in s for A of two atoms."""
    found = subordination(Model("test", (c,), Atoms((1, 3), (half, half)) @ Wishart(c)))
    share = z / (2 * (z - s)) + z / (2 * (z - 3 * s))
    wanted = sp.numer(sp.together(s - 1 - c.symbol * (share - 1)))
    assert sp.expand(found.relation - canonical(wanted, s, z)) == 0


CASES: dict[str, Ensemble] = {
    "a sum": Wishart(half) + Wigner(1),
    "a sum of three": Atoms((-1, 1), (half, half)) + Wigner(half) + Wishart(half),
    "a product": Wishart(half) @ Wishart(2),
    "a product of three": Atoms((1, 3), (half, half)) @ Wishart(half) @ Wishart(half),
}
SIZE, POINT = 240, 0.7 + 0.5j


@pytest.mark.parametrize("name", CASES)
def test_matrices_have_the_kernel(name: str) -> None:
    """Mean diagonal elements of (z - C)^-1 in eigenvectors of A at x; another x is refused."""
    node = CASES[name]
    assert isinstance(node, (FreeSum, FreeProduct))
    kernel = subordination(Model("test", (), node)).kernel
    near, far = [], []
    for seed in range(6):
        place, measured = _measured(node, np.random.default_rng(seed))
        for shift, misses in ((0.0, near), (0.4, far)):
            polynomial = sp.Poly(kernel.subs({x: sp.Float(place + shift), z: POINT}), k)
            roots = np.roots([complex(value) for value in polynomial.all_coeffs()])
            misses.append(np.min(np.abs(roots - measured)))
    assert np.median(near) < 0.02 < np.median(far)


def _measured(node: FreeSum | FreeProduct, rng: np.random.Generator) -> tuple[float, complex]:
    """An eigenvalue of A, and the mean diagonal element of the resolvent of C in eigenvectors near it."""
    first, *rest = (sample(Model("test", (), part), SIZE, rng, beta=2) for part in node.parts)
    values = np.linalg.eigvalsh(first)
    others = rest[0]
    for other in rest[1:]:
        root = square_root(other)
        moved = turned(others, rng)
        others = other + moved if isinstance(node, FreeSum) else root @ moved @ root
    others = turned(others, rng)
    root = np.diag(np.sqrt(np.maximum(values, 0)))
    whole = np.diag(values) + others if isinstance(node, FreeSum) else root @ others @ root
    resolvent = np.linalg.inv(POINT * np.eye(SIZE) - whole)
    near = np.argsort(np.abs(values - values[2 * SIZE // 3]))[:12]
    return float(values[near].mean()), complex(np.diag(resolvent)[near].mean())


def turned(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Conjugated by a Haar matrix."""
    haar = np.linalg.qr(rng.standard_normal((SIZE, SIZE)) + 1j * rng.standard_normal((SIZE, SIZE)))[0]
    return haar @ matrix @ haar.conj().T


def square_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.conj().T


def test_a_wrong_factor_is_refused() -> None:
    found = subordination(Model("test", (a, c), Wishart(a) @ Wishart(c)))
    certificate = found.section.steps[0].certificate
    assert isinstance(certificate, RightFactor)
    wrong = RightFactor(certificate.setting, certificate.chosen + 1, (), certificate.cumulants)
    with pytest.raises(CertificateError, match="does not vanish"):
        wrong.check()


def test_refusals() -> None:
    with pytest.raises(ModelError, match="wants a free sum or product, got Wishart"):
        subordination(Model("test", (c,), Wishart(c)))
    with pytest.raises(IndexError, match="parts 0 to 1, got 2"):
        subordination(Model("test", (c,), Wishart(c) + Wigner(1)), 2)
    with pytest.raises(TypeError, match="is its number, from 0; got 'a'"):
        subordination(Model("test", (c,), Wishart(c) + Wigner(1)), "a")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a Model is wanted, got 'wishart_wigner'"):
        subordination("wishart_wigner")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="mean other than 0"):
        subordination(Model("test", (c,), Wishart(c) @ Wigner(1)))
    with pytest.raises(ModelError, match="Cauchy"):
        subordination(Model("test", (), Wigner(1) + Cauchy(1)))
