"""What our laws offer beside the density, as calls to be timed: `CALLS[name](case, points)` -> thunk.

A call has its input and its output made beforehand, so that what is timed is the evaluation alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .cases import SEED, Case

Thunk = Callable[[], object]

LAW_A_POINT = "density, one law a point"
THREADS = "density, two threads"
LAW_A_POINT_THREADS = "density, one law a point, two threads"
# Slices of so many points: a multiple of the evaluators' chunks.
SLICE = 65_536
# Numbers of laws not seen before, shared by all who ask for them.
FRESH = itertools.count(1)
# How far above the real axis `stieltjes` is evaluated.
HEIGHT = 0.01


def _method(name: str) -> Callable[[Case, int], Thunk]:
    def make(case: Case, points: int) -> Thunk:
        method, x = getattr(case.law, name), case.points(points)
        out = np.empty_like(x)
        return lambda: method(x, out=out)

    return make


def _quantile(case: Case, points: int) -> Thunk:
    law, q = case.law, np.random.default_rng(SEED).random(points)
    out = np.empty_like(q)
    return lambda: law.ppf(q, out=out)


def _draws(case: Case, points: int) -> Thunk:
    law, rng = case.law, np.random.default_rng(SEED)
    return lambda: law.rvs(points, rng)


def _stieltjes(height: float) -> Callable[[Case, int], Thunk]:
    def make(case: Case, points: int) -> Thunk:
        law, z = case.law, case.points(points) + 1j * height
        out = np.empty_like(z)
        return lambda: law.stieltjes(z, out=out)

    return make


def _laws(case: Case, points: int) -> Thunk:
    """One law a point."""
    density, x, laws = case.functions.density, case.points(points), case.laws(points)
    out = np.empty_like(x)
    return lambda: density(x, **laws, out=out)


def _threads(case: Case, points: int) -> Thunk:
    """Two threads that take slices in turn."""
    law, x = case.law, case.points(points)
    out = np.empty_like(x)
    slices, pool = _slices(points), ThreadPoolExecutor(2)
    return lambda: list(pool.map(lambda part: law.pdf(x[part], out=out[part]), slices))


def _laws_in_threads(case: Case, points: int) -> Thunk:
    """The same with one law a point."""
    density, x, laws = case.functions.density, case.points(points), case.laws(points)
    out = np.empty_like(x)
    slices, pool = _slices(points), ThreadPoolExecutor(2)

    def evaluated(part: slice) -> object:
        return density(x[part], **{name: row[part] for name, row in laws.items()}, out=out[part])

    return lambda: list(pool.map(evaluated, slices))


def _slices(points: int) -> list[slice]:
    return [slice(start, start + SLICE) for start in range(0, points, SLICE)]


def _first(name: str) -> Callable[[Case, int], Thunk]:
    """A law never asked before: preparation and tables included."""

    def make(case: Case, points: int) -> Thunk:
        method = {"density": "pdf", "quantile": "ppf"}.get(name, name)
        x = np.linspace(0.1, 0.9, points)
        fresh = fresh_laws(case)
        return lambda: getattr(next(fresh), method)(x)

    return make


def fresh_laws(case: Case) -> Any:
    """An endless supply of laws next to the case's, each with parameters not seen before in this process."""
    (name, value), *rest = case.parameters.items()
    for k in FRESH:
        yield case.functions.law(**{name: value * (1 + k * 1e-6)}, **dict(rest))


CALLS: dict[str, Callable[[Case, int], Thunk]] = {
    "density": _method("pdf"),
    "cdf": _method("cdf"),
    "sf": _method("sf"),
    "log_potential": _method("log_potential"),
    "quantile": _quantile,
    "rvs": _draws,
    "stieltjes": _stieltjes(HEIGHT),
    "stieltjes, real z": _stieltjes(0.0),
    LAW_A_POINT: _laws,
    THREADS: _threads,
    LAW_A_POINT_THREADS: _laws_in_threads,
    "density, first call of a law": _first("density"),
    "cdf, first call of a law": _first("cdf"),
    "quantile, first call of a law": _first("quantile"),
}
