"""Where a fit starts: the best of a grid of parameters, by the equation at the spectrum's own transform.

With g the transform of the spectrum at z, the equation P(g, z, p) = 0 holds up to O(1/N) at the right p,
and -P / (dP/dG) is by how much g misses that law's G, to first order. No root is computed, so thousands
of parameters cost milliseconds; g is bounded where z is off the axis, so that outliers cannot pull far.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .families import AFFINE, SETTLED, Family

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

LIKELY = 400  # points of the grid whose laws are compared
TRIED = 3  # points of the grid that are improved
STEPS = 10
SMALL = 1e-7
DECADES = (3.0, 1.0)  # of half-lines to either side of 1: where nothing comes near, a finer grid within fewer


def start(family: Family, spectrum: Spectrum) -> Real:
    """Values of the free parameters near the best ones."""
    z = probes(spectrum)
    mass = (
        np.full(spectrum.points.size, 1 / spectrum.points.size)
        if spectrum.weights is None
        else spectrum.weights
    )
    g = (1 / (z[:, None] - spectrum.points)) @ mass
    for decades in DECADES:
        tries, true = _tried(family, g, z, _grid(family, spectrum, decades))
        if np.isfinite(true).any():
            return tries[int(np.argmin(true))]
    raise ArithmeticError(f"no parameters of {family.module.__name__} come near these eigenvalues")


def _tried(family: Family, g: Complex, z: Complex, grid: Real) -> tuple[list[Real], Real]:
    """The best of the grid and what its best come to, with by how much g misses their G."""
    with np.errstate(all="ignore"):
        misfits = _squares(_misses(family, g, z, grid))
        likely = grid[:, np.argsort(misfits, kind="stable")[:LIKELY]]
        order = np.argsort(_true_misfits(family, g, z, likely), kind="stable")[:TRIED]
        tries = [likely[:, order[0]], *(_improved(family, g, z, likely[:, i]) for i in order)]
        return tries, _true_misfits(family, g, z, np.array(tries).T)


def _true_misfits(family: Family, g: Complex, z: Complex, values: Real) -> Real:
    """By how much g misses the laws' own transforms, infinite where Newton's steps from g lead nowhere."""
    rows: dict[str, Any] = {name: values[i][:, None] for i, name in enumerate(family.free)}
    return _squares(family.root(z, {**family.held, **rows}, g) / g - 1)


def probes(spectrum: Spectrum) -> Complex:
    """Points above the spectrum, as far from it as it is wide."""
    low, high = spectrum.quantiles(np.array([0.02, 0.98]))
    whole = spectrum.points[-1] - spectrum.points[0]
    if high - low < 1e-6 * whole:
        low, high = spectrum.points[0], spectrum.points[-1]
    u = 1.7 * np.exp(1j * np.pi * np.linspace(0.1, 0.9, 9))
    return np.asarray((low + high) / 2 + (high - low) / 4 * (u + 1 / u))


def _grid(family: Family, spectrum: Spectrum, decades: float) -> Real:
    """Values to try, (free, tries); loc and scale by mean and deviation where they are free."""
    own = [name for name in family.free if name not in AFFINE]
    many = {0: 1, 1: 61, 2: 25, 3: 11}.get(len(own), max(3, int(4000 ** (1 / len(own))) if own else 1))
    low, high = spectrum.quantiles(np.array([0.02, 0.98]))
    unit = max(abs(low), abs(high)) or float(np.abs(spectrum.points).max())
    powers = _dimensions(family)
    columns = [unit ** powers[name] * _values(*family.ends(name), many, decades) for name in own]
    tries = np.array(list(product(*columns))).T.reshape(len(own), -1) if own else np.empty((0, 1))
    rows = dict(zip(own, tries, strict=True))
    if len(own) < len(family.free):
        rows |= _affine(family, spectrum, rows, tries.shape[1])
    return np.array([rows[name] for name in family.free])


def _dimensions(family: Family) -> dict[str, int]:
    """The powers of the spectrum's unit that the parameters are proportional to; 0 if there are none."""
    inside = {p.name: p.inside for p in family.module.PARAMETERS}
    z = np.array([1 + 2j, -2 + 1j])
    g = family.module.stieltjes(z, **inside)
    half = [name for name in family.parameters if family.ends(name) == (0.0, np.inf)]
    for powers in product((0, 1, 2), repeat=len(half)):
        scaled = inside | {name: 2.0**power * inside[name] for name, power in zip(half, powers, strict=True)}
        miss = family.module.equation(g / 2, 2 * z, **scaled) / family.slope(g / 2, 2 * z, scaled) / g
        if (np.abs(miss) < SETTLED).all():
            return dict.fromkeys(family.parameters, 0) | dict(zip(half, powers, strict=True))
    return dict.fromkeys(family.parameters, 0)


def _values(low: float, high: float, many: int, decades: float) -> Real:
    if np.isinf(low) and np.isinf(high):
        half = 10.0 ** np.linspace(-2, 2, many // 2)
        return np.concatenate([-half[::-1], [0.0], half])
    if np.isinf(high):
        return low + 10.0 ** np.linspace(-decades, decades, many)
    if np.isinf(low):
        return high - 10.0 ** np.linspace(-decades, decades, many)
    return low + (high - low) * (np.arange(many) + 0.5) / many


def _affine(family: Family, spectrum: Spectrum, rows: Mapping[str, Real], tries: int) -> dict[str, Real]:
    """loc and scale such that the middle and the width of the spectrum are those of the law."""
    own = {name: rows.get(name, np.full(tries, family.held.get(name, np.nan))) for name in family.parameters}
    mean, variance = (np.broadcast_to(value, tries) for value in _mean_and_variance(family, own))
    low, middle, high = spectrum.quantiles(np.array([0.1, 0.5, 0.9]))
    inner = spectrum.points[
        (spectrum.points >= low - 3 * (high - low)) & (spectrum.points <= high + 3 * (high - low))
    ]
    centre, width = (
        (inner.mean(), inner.std()) if inner.size > 1 and inner.std() > 0 else (middle, high - low)
    )
    scale = width / np.sqrt(variance) if "scale" in family.free else np.full(tries, family.held["scale"])
    return {"scale": scale, "loc": centre - scale * mean}


def _mean_and_variance(family: Family, own: Mapping[str, Real]) -> tuple[Real, Real]:
    """Of the laws at these parameters, roughly: R(g) = mean + variance g + ... of free sums."""
    if not family.is_free_sum:
        mean, variance = family.module.free_cumulants(2, **own)
        return np.asarray(mean), np.asarray(variance)
    before, after = (family.module.r_transform(g, **own) for g in (-SMALL, SMALL))
    return np.asarray((before + after) / 2), np.asarray(np.abs(after - before) / (2 * SMALL))


def _misses(family: Family, g: Complex, z: Complex, values: Real) -> Complex:
    """How far g is from G, relative to it, to first order; values: (free, tries) -> (tries, points)."""
    rows: dict[str, Any] = {name: values[i][:, None] for i, name in enumerate(family.free)}
    point = {**family.held, **rows}
    own = {name: point[name] for name in family.parameters}
    x, inside = (z - point["loc"]) / point["scale"], g * point["scale"]
    equation = family.module.equation(inside, x, **own)
    return np.asarray(equation / family.slope(inside, x, own) / inside)


def _squares(misses: Complex) -> Real:
    total = np.sum(np.abs(misses) ** 2, axis=-1)
    return np.where(np.isfinite(total), total, np.inf)


def _improved(family: Family, g: Complex, z: Complex, first: Real) -> Real:
    """Levenberg and Marquardt's descent of the squared misses, in logarithms on half-lines."""
    half = np.array(
        [np.isfinite(family.ends(name)[0]) and np.isinf(family.ends(name)[1]) for name in family.free]
    )
    low = np.array([family.ends(name)[0] if h else 0.0 for name, h in zip(family.free, half, strict=True)])

    def outward(t: Real) -> Real:
        turned = t.T
        return np.where(half, low + np.exp(np.clip(turned, -60, 60)), turned).T

    def misses(t: Real) -> Real:
        found = _misses(family, g, z, outward(t))
        return np.concatenate([found.real, found.imag], axis=-1)

    t = np.where(half, np.log(np.where(half, first - low, 1.0)), first)
    damping = 1e-3
    for _ in range(STEPS):
        steps = 1e-6 * np.where(half, 1.0, np.maximum(np.abs(t), 1e-3))
        table = misses(t[:, None] + np.concatenate([np.zeros((t.size, 1)), np.diag(steps)], axis=1))
        here, jacobian = table[0], ((table[1:] - table[0]) / steps[:, None]).T
        value = float(here @ here)
        if not np.isfinite(table).all():
            break
        square = jacobian.T @ jacobian
        moved = False
        while damping < 1e8:
            diagonal = np.diag(square) + 1e-12 * np.trace(square) + 1e-300
            step = -np.linalg.solve(square + damping * np.diag(diagonal), jacobian.T @ here)
            step *= min(1.0, 1.0 / max(float(np.abs(step[half]).max(initial=0.0)), 1e-300))
            there = misses((t + step)[:, None])[0]
            if _inside(family, outward((t + step)[:, None])[:, 0]) and float(there @ there) < value:
                t, damping, moved = t + step, damping / 10, True
                break
            damping *= 10
        if not moved or np.abs(step).max() < 1e-4:
            break
    return np.asarray(outward(t[:, None])[:, 0])


def _inside(family: Family, values: Real) -> bool:
    ends = [family.ends(name) for name in family.free]
    return all(low < value < high for value, (low, high) in zip(values, ends, strict=True))
