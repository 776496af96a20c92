"""What RMTool's functions are in our language: the same job in both, as text that a worker evaluates.

`rmtool` is a call of the Python port of RMTool, in its namespace and the letters a ... f; `ours` is an
expression of our language in the same letters, or a call. The letters are positive, d and f less than 1.
"""

from __future__ import annotations

from typing import NamedTuple


class Job(NamedTuple):
    """One line of the table.

    kind: "equation": both give a polynomial in (m, z) or (G, z), which must agree; "transform": one in other
    coordinates, from the cubic P; "kernel": one in (m, x, z) or (k, x, z); "moments": the first twelve;
    "whole": from nothing to the density at 1000 points, with the moments, and with ours all steps and the
    module; "density": at numbers, a point.
    """

    kind: str
    what: str
    rmtool: str
    ours: str


CUBIC = "AplusB(wishartpol(c), wignerpol())"
FIVE = (
    Job(
        "equation",
        "five symbols, degree 4",
        "AplusB(scaleA(wishartpol(c), a), AplusB(scaleA(wishartpol(d), b), scaleA(wignerpol(), e)))",
        "a * Wishart(c) + b * Wishart(d) + e * Wigner(1)",
    ),
    Job(
        "equation",
        "five symbols, degree 6",
        "AplusB(scaleA(wishartpol(c), a), AplusB(atomLmz([0, b], [1 - d, d]), atomLmz([0, 1], [1 - f, f])))",
        "a * Wishart(c) + Atoms((0, b), (1 - d, d)) + Projection(f)",
    ),
    Job(
        "equation",
        "five symbols, degree 7",
        "AplusB(AtimesB(wishartpol(c), wishartpol(d)), scaleA(AtimesB(wishartpol(e), wishartpol(f)), a))",
        "Wishart(c) @ Wishart(d) + a * (Wishart(e) @ Wishart(f))",
    ),
    Job(
        "equation",
        "five symbols, degree 7, signed",
        "AplusB(AtimesB(wishartpol(c), wishartpol(d)), "
        "AplusB(scaleA(wishartpol(e), a), scaleA(wignerpol(), b)))",
        "Wishart(c) @ Wishart(d) + a * Wishart(e) + b * Wigner(1)",
    ),
    # chosen as models that users write, before any of them was timed
    Job(
        "equation",
        "five symbols: two atoms plus Wishart",
        "AplusB(atomLmz([a, b], [d, 1 - d]), scaleA(wishartpol(c), e))",
        "Atoms((a, b), (d, 1 - d)) + e * Wishart(c)",
    ),
    Job(
        "equation",
        "five symbols: sample covariance, two atoms, ridge",
        "shiftA(AtimesWish(atomLmz([a, b], [d, 1 - d]), c), e)",
        "Atoms((a, b), (d, 1 - d)) @ Wishart(c) + e",
    ),
    Job(
        "equation",
        "five symbols: information plus noise, two atoms",
        "AgramWish(atomLmz([a, b], [1 - d, d]), f, e)",
        "Gram(Factor(Atoms((a, b), (1 - d, d)), columns=1 / f) + Gaussian(1, 1 / f, e * f))",
    ),
    Job(
        "equation",
        "five symbols: product of five Wisharts",
        "AtimesB(AtimesB(AtimesB(AtimesB(wishartpol(a), wishartpol(b)), wishartpol(c)), wishartpol(d)), "
        "wishartpol(e))",
        "Wishart(a) @ Wishart(b) @ Wishart(c) @ Wishart(d) @ Wishart(e)",
    ),
    Job(
        "equation",
        "five symbols: two blocks",
        "AblockB(scaleA(wishartpol(c), a), scaleA(wishartpol(e), b), f)",
        "DirectSum((a * Wishart(c), b * Wishart(e)), (f, 1 - f))",
    ),
    Job(
        "equation",
        "six symbols: three scaled Wisharts",
        "AplusB(scaleA(wishartpol(c), a), AplusB(scaleA(wishartpol(d), b), scaleA(wishartpol(f), e)))",
        "a * Wishart(c) + b * Wishart(d) + e * Wishart(f)",
    ),
    Job(
        "equation",
        "six symbols: correlated Wishart, two atoms each",
        "corrWish(atomLmz([a, b], [d, 1 - d]), atomLmz([1, e], [f, 1 - f]), c)",
        "Gram(Factor(Atoms((a, b), (d, 1 - d))) @ Gaussian(1, 1 / c, c) "
        "@ Factor(Atoms((1, e), (f, 1 - f)), 1 / c, 1 / c))",
    ),
)

JOBS = (
    Job("equation", "Wigner", "wignerpol()", "Wigner(1)"),
    Job("equation", "Wishart", "wishartpol(c)", "Wishart(c)"),
    Job("equation", "atoms", "atomLmz([0, a], [1 - f, f])", "Atoms((0, a), (1 - f, f))"),
    Job("equation", "equilibrium measure of 4 x^4 / 3", "equiLmz(Rational(4, 3), 2)", "Equilibrium(2, 1)"),
    Job("equation", "free sum: the cubic", CUBIC, "Wishart(c) + Wigner(1)"),
    Job("equation", "free sum", "AplusB(wishartpol(c), wishartpol(d))", "Wishart(c) + Wishart(d)"),
    Job("equation", "free product", "AtimesB(wishartpol(c), wishartpol(d))", "Wishart(c) @ Wishart(d)"),
    Job("equation", "A times Wishart", "AtimesWish(wignerpol(), c)", "Wigner(1) @ Wishart(c)"),
    Job(
        "equation",
        "information plus noise",
        "AgramWish(wishartpol(c), f, e)",
        "Gram(Factor(Wishart(c), columns=1 / f) + Gaussian(1, 1 / f, e * f))",
    ),
    Job(
        "equation",
        "correlated Wishart",
        "corrWish(wishartpol(c), wishartpol(d), e)",
        "Gram(Factor(Wishart(c)) @ Gaussian(1, 1 / e, e) @ Factor(Wishart(d), 1 / e, 1 / e))",
    ),
    Job(
        "equation",
        "blocks",
        "AblockB(wishartpol(c), wignerpol(), f)",
        "DirectSum((Wishart(c), Wigner(1)), (f, 1 - f))",
    ),
    Job("equation", "corner", "compressA(wishartpol(c), f)", "Wishart(c).compression(f)"),
    Job("equation", "free power", "addAdtimes(wishartpol(c), 1 + d)", "Wishart(c).free_power(1 + d)"),
    Job("equation", "inverse", "invA(wishartpol(f))", "Wishart(f).inverse()"),
    Job("equation", "Moebius image", "mobiusA(wishartpol(f), 1, a, 1, 0)", "Wishart(f).moebius(1, a, 1, 0)"),
    Job("equation", "scale", "scaleA(wishartpol(c), a)", "a * Wishart(c)"),
    Job("equation", "shift", "shiftA(wishartpol(c), a)", "Wishart(c) + a"),
    Job("equation", "square", "squareA(wishartpol(c))", "Wishart(c) ** 2"),
    Job("equation", "X'X from X X'", "transposeA(wishartpol(c), d)", "Gram(Factor(Wishart(c), rows=d).T)"),
    Job("transform", "R-transform", "Lmz2Lrg(P)", "R"),
    Job("transform", "S-transform", "Lmz2Lsy(P)", "S"),
    Job("transform", "eta-transform", "Lmz2Letaz(P)", "eta"),
    Job("transform", "moments' series", "Lmz2Lmyuz(P)", "psi"),
    Job("transform", "Cauchy transform", "Lmz2Lgz(P)", "G"),
    Job(
        "kernel",
        "overlap kernel of a sum",
        "AplusBkernel(wishartpol(c), wignerpol())[0]",
        "Wishart(c) + Wigner(1)",
    ),
    Job(
        "kernel",
        "overlap kernel of a product",
        "AtimesBkernel(wishartpol(c), wishartpol(d))",
        "Wishart(c) @ Wishart(d)",
    ),
    Job("moments", "12 moments of the cubic", f"Lmz2MomS({CUBIC}, 12)", "Wishart(c) + Wigner(1)"),
    Job("moments", "12 moments of it, the other way", f"Lmz2MomF({CUBIC}, 12)", "Wishart(c) + Wigner(1)"),
    Job(
        "moments",
        "12 moments, degree 4",
        "Lmz2MomF(AtimesWish(wignerpol(), c), 12)",
        "Wigner(1) @ Wishart(c)",
    ),
    Job(
        "moments",
        "12 moments, two symbols",
        "Lmz2MomF(AtimesB(wishartpol(c), wishartpol(d)), 12)",
        "Wishart(c) @ Wishart(d)",
    ),
    Job("whole", "the cubic, end to end", CUBIC, "Wishart(c) + Wigner(1)"),
    *FIVE,
)

# the letters where the jobs are done with numbers
NUMBERS = {"a": "1/2", "b": "3/2", "c": "1/2", "d": "2/3", "e": "3/4", "f": "1/3"}
DENSITIES = (
    Job("density", "Wishart + Wigner, degree 3", CUBIC, "Wishart(c) + Wigner(1)"),
    Job("density", "Wigner times Wishart, degree 4", "AtimesWish(wignerpol(), c)", "Wigner(1) @ Wishart(c)"),
    Job("density", "five symbols, degree 4", FIVE[0].rmtool, FIVE[0].ours),
    Job(
        "density",
        "degree 5",
        "AplusB(AtimesB(wishartpol(c), wishartpol(d)), atomLmz([0, a], [1 - f, f]))",
        "Wishart(c) @ Wishart(d) + Atoms((0, a), (1 - f, f))",
    ),
    Job("density", FIVE[1].what, FIVE[1].rmtool, FIVE[1].ours),
    Job("density", FIVE[2].what, FIVE[2].rmtool, FIVE[2].ours),
    Job(
        "density",
        "degree 8",
        "AplusB(AplusB(AtimesWish(wignerpol(), c), wishartpol(d)), wishartpol(f))",
        "Wigner(1) @ Wishart(c) + Wishart(d) + Wishart(f)",
    ),
)
