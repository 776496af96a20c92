"""The C kernel: its constants exactly from the equation, its code compiled on the spot.

The constants are rational in the parameters, which are exact doubles; only the roots of the discriminant
are not, and those are computed to 40 digits and split in two doubles.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import sympy as sp

from .cases import Case, FloatArray

SOURCE = Path(__file__).with_name("kernel.c")
COMPILERS = ("cc", "gcc", "clang")
OPTIONS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-shared")
DIGITS = 40


def compiler() -> str | None:
    """The first C compiler found."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


def compiled(case: Case, folder: Path) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """evaluate(x, out) of the case's density, x and out contiguous; the library is written to the folder.

    Raises `FileNotFoundError` without a compiler, `ValueError` if the law is no cubic or quartic.
    """
    found = compiler()
    if found is None:
        raise FileNotFoundError(f"no C compiler: looked for {', '.join(COMPILERS)}")
    kernel, fields, leaves, pairs = constants(case)
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / f"{case.name}.so"
    defined = (f"-DLEAVES={leaves}", f"-DPAIRS={pairs}")
    subprocess.run([found, *OPTIONS, *defined, "-o", library, SOURCE, "-lm"], check=True)
    function = getattr(ctypes.CDLL(str(library.resolve())), kernel)
    function.restype = None
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]

    def evaluate(x: FloatArray, out: FloatArray) -> FloatArray:
        function(fields.ctypes.data, x.ctypes.data, out.ctypes.data, x.size)
        return out

    return evaluate


def constants(case: Case) -> tuple[str, FloatArray, int, int]:
    """The kernel's name, the fields of its `Law` in order, and how many real roots and complex pairs."""
    g, w, x, y = sp.symbols("g w x y")
    exact = {name: sp.Rational(value) for name, value in case.parameters.items()}
    in_g = sp.Poly(case.functions.equation(g, x, **exact), g)
    degree = in_g.degree()
    if degree not in (3, 4):
        raise ValueError(f"the C kernel is for cubics and quartics; {case.module} has degree {degree}")
    low, high = case.law.support()
    origin = 0.5 * (low + high)
    # in w = 1/g the polynomial's coefficients stand in reverse order, and it can be made monic
    reversed_ = sp.Poly.from_list(in_g.all_coeffs()[::-1], w)
    monic = sp.Poly(sp.expand((reversed_.as_expr() / reversed_.LC()).subs(x, y + sp.Rational(origin))), w)
    shift = sp.expand(-monic.all_coeffs()[1] / degree)
    depressed = sp.Poly(sp.expand(monic.as_expr().subs(w, w + shift)), w).all_coeffs()
    if degree == 3:
        p, q = sp.S.Zero, sp.S.Zero
        P, Q = depressed[2:]
    else:
        p, q, r = depressed[2:]
        P = -(p**2) / 3 - 4 * r
        Q = -2 * p**3 / 27 + 8 * p * r / 3 - q**2
    factor, real, pairs = _roots(sp.Poly(sp.expand(Q**2 / 4 + P**3 / 27), y), origin)
    rows = [
        [origin, factor],
        [e for e, _ in real],
        [rest for _, rest in real],
        [re for re, _ in pairs] + [0.0],
        [im for _, im in pairs] + [0.0],
        _powers(P / 3, y, 5),
        _powers(Q, y, 7),
        _powers(p, y, 3),
        _powers(q, y, 4),
        _powers(shift, y, 2),
    ]
    return ("cubic" if degree == 3 else "quartic"), np.concatenate(rows), len(real), len(pairs)


def _powers(expression: sp.Expr, y: sp.Symbol, size: int) -> list[float]:
    """Coefficients of the powers of y, constant first."""
    found = [float(c) for c in sp.Poly(sp.expand(expression), y).all_coeffs()[::-1]]
    if len(found) > size:
        raise ValueError(f"degree {len(found) - 1} in y, where the kernel has room for {size - 1}")
    return found + [0.0] * (size - len(found))


def _roots(
    polynomial: sp.Poly, origin: float
) -> tuple[float, list[tuple[float, float]], list[tuple[float, float]]]:
    """Leading coefficient, real roots in x as two doubles each, complex pairs in y as (re, im)."""
    real, pairs = [], []
    for root in polynomial.nroots(n=DIGITS, maxsteps=200):
        re, im = root.as_real_imag()
        if im == 0:
            exact = Fraction(str(re)) + Fraction(origin)
            real.append((float(exact), float(exact - Fraction(float(exact)))))
        elif im > 0:
            pairs.append((float(re), float(im)))
    return float(polynomial.LC()), real, pairs
