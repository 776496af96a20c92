"""Other ways to the density of a case, each as a user of that library would write it.

`RIVALS[name].make(case, folder)` gives evaluate(x, out) -> density; out is written to where the way allows.
Libraries are imported when they are asked for: freealg and rmtool (which is GPL) live in an environment of
their own, are run through their public functions and lend no code.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .cases import Case, FloatArray

Evaluate = Callable[[FloatArray, FloatArray], FloatArray]

# So many companion matrices at a time: all at once would need gigabytes.
MATRICES = 65_536
MPMATH_DIGITS = 30


class Rival(NamedTuple):
    """A way to the density.

    label: how it reads in a table. home: the environment it lives in, "project" or "rivals".
    largest: no more points than this, and why.
    """

    label: str
    make: Callable[[Case, Path], Evaluate]
    home: str = "project"
    largest: tuple[float, str] = (np.inf, "")


def ours(case: Case, folder: Path) -> Evaluate:
    """The frozen law's density."""
    law = case.law
    return lambda x, out: law.pdf(x, out=out)


def c_kernel(case: Case, folder: Path) -> Evaluate:
    """The C kernel."""
    from .compiled import compiled

    return compiled(case, folder)


def lambdified(case: Case, folder: Path) -> Evaluate:
    """SymPy's radicals of all roots, lambdified; the physical root has the lowest imaginary part."""
    import sympy as sp

    g, z = sp.symbols("g z")
    exact = {name: sp.Rational(value) for name, value in case.parameters.items()}
    roots = sp.roots(sp.Poly(case.functions.equation(g, z, **exact), g))
    evaluate = sp.lambdify(z, list(roots), "numpy", cse=True)

    def density(x: FloatArray, out: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            lowest = np.minimum.reduce([root.imag for root in evaluate(x.astype(complex))])
        return lowest / -np.pi

    return density


def companion(case: Case, folder: Path) -> Evaluate:
    """Eigenvalues of stacked companion matrices."""
    at_zero, slope = case.coefficients()
    degree = at_zero.size - 1

    def density(x: FloatArray, out: FloatArray) -> FloatArray:
        for start in range(0, x.size, MATRICES):
            some = x[start : start + MATRICES]
            coefficients = at_zero[:, None] + slope[:, None] * some
            matrices = np.zeros((some.size, degree, degree))
            matrices[:, 0, :] = -(coefficients[1:] / coefficients[0]).T
            matrices[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
            out[start : start + MATRICES] = np.linalg.eigvals(matrices).imag.max(axis=1) / np.pi
        return out

    return density


def numpy_roots(case: Case, folder: Path) -> Evaluate:
    """`numpy.roots` in a loop."""
    at_zero, slope = case.coefficients()

    def density(x: FloatArray, out: FloatArray) -> FloatArray:
        for i, z in enumerate(x.tolist()):
            out[i] = np.roots(at_zero + slope * z).imag.max() / np.pi
        return out

    return density


def mpmath_roots(case: Case, folder: Path) -> Evaluate:
    """`mpmath.polyroots` in a loop, at 30 digits."""
    import mpmath

    with mpmath.workdps(MPMATH_DIGITS):
        at_zero, slope = ([mpmath.mpf(c) for c in row] for row in case.coefficients())

    def density(x: FloatArray, out: FloatArray) -> FloatArray:
        with mpmath.workdps(MPMATH_DIGITS):
            for i, z in enumerate(x.tolist()):
                coefficients = [c + d * z for c, d in zip(at_zero, slope, strict=True)]
                roots = mpmath.polyroots(coefficients, maxsteps=500, extraprec=200)
                out[i] = float(max(mpmath.im(root) for root in roots) / mpmath.pi)
        return out

    return density


def freealg_levy(case: Case, folder: Path) -> Evaluate:
    """freealg's `FreeLevy` with its own settings; it takes positive jumps alone."""
    return _free_levy(case)


def freealg_levy_near(case: Case, folder: Path) -> Evaluate:
    """freealg's `FreeLevy`, 1e-10 above the real axis instead of its 2e-4."""
    return _free_levy(case, eta=1e-10)


def _free_levy(case: Case, **settings: float) -> Evaluate:
    from freealg.distributions import FreeLevy

    rate = sum(jump.rate for jump in case.jumps)
    law = FreeLevy(
        t=[jump.size for jump in case.jumps],
        w=[jump.rate / rate for jump in case.jumps],
        lam=rate,
        a=case.shift,
        sigma=case.variance**0.5,
    )
    return lambda x, out: np.asarray(law.density(x, **settings))


def rmtool_pdf(case: Case, folder: Path) -> Evaluate:
    """rmtool's `Lmz2pdf` of the polynomial that it makes from the R-transform.

    It returns a column a root for quartics and leaves the choice to the caller: the largest.
    """
    import sympy as sp
    from rmtool import Lmz2pdf, Lrg2Lmz, numden
    from rmtool.symbols import g, r

    def exact(value: float) -> Any:
        # the square of each number of a case is rational with small terms
        return sp.sign(value) * sp.sqrt(sp.nsimplify(value * value, rational=True, tolerance=1e-15))

    transform = exact(case.shift) + exact(case.variance) * g
    pairs = sum(exact(j.rate) * exact(j.size) / (1 - exact(j.size) * g) for j in case.jumps)
    polynomial = Lrg2Lmz(numden(r - sp.together(sp.simplify(transform + pairs))))

    def density(x: FloatArray, out: FloatArray) -> FloatArray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = np.asarray(Lmz2pdf(polynomial, x).density)
        return found if found.ndim == 1 else found.max(axis=1)

    return density


_MEMORY = (1e6, "memory")

RIVALS = {
    "ours": Rival("**our density**", ours),
    "c": Rival("C, vectorised (the limit)", c_kernel),
    "lambdify": Rival("SymPy lambdify of radicals", lambdified, largest=_MEMORY),
    "companion": Rival("companion eigenvalues, batched", companion),
    "roots": Rival("numpy.roots in a loop", numpy_roots),
    "freealg": Rival("freealg FreeLevy", freealg_levy, "rivals"),
    "freealg-near": Rival("freealg FreeLevy, eta = 1e-10", freealg_levy_near, "rivals"),
    "rmtool": Rival("rmtool Lmz2pdf", rmtool_pdf, "rivals"),
    "mpmath": Rival("mpmath polyroots, 30 digits", mpmath_roots),
}
