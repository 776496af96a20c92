"""What is fitted: eigenvalues of one matrix, or nodes and weights of its spectral measure; checked."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

SAME = 1e-10  # of the spectrum's width
FEWEST = 10  # below this nothing that is said of large matrices means anything


@dataclass(frozen=True)
class Spectrum:
    """Points in ascending order; weights that add up to 1, None where every eigenvalue counts the same.

    size: number of rows of the matrix; None if it is not known, as it may be for nodes and weights.
    probes: number of random vectors behind the weights; None if it is not known, or without weights.
    """

    points: Real
    weights: Real | None = None
    size: int | None = None
    probes: int | None = None

    def without(self, outside: NDArray[np.bool_]) -> Spectrum:
        """The points that are not marked; their weights add up to 1 again, the size stays."""
        weights = None if self.weights is None else self.weights[~outside]
        if weights is not None:
            weights = weights / weights.sum()
        return Spectrum(self.points[~outside], weights, self.size, self.probes)

    @property
    def rows(self) -> int:
        """The size, or the number of nodes where it is not known."""
        return self.size or self.points.size

    @property
    def distinct(self) -> int:
        """The rows less those whose eigenvalues repeat another, as at an atom."""
        repeated = np.diff(self.points) <= SAME * (self.points[-1] - self.points[0])
        return self.rows - int(repeated.sum())

    def quantiles(self, levels: Real) -> Real:
        """Quantiles of the points."""
        if self.weights is None:
            return np.quantile(self.points, levels)
        return np.asarray(np.interp(levels, np.cumsum(self.weights), self.points))


def spectrum(eigenvalues: Any, weights: Any, size: int | None, probes: int | None) -> Spectrum:
    """What the caller hands in, checked; errors say what came, what was wanted and what to do."""
    points = _points(eigenvalues)
    if weights is None:
        idle = [name for name, value in (("size", size), ("probes", probes)) if value is not None]
        if idle:
            raise ValueError(f"{' and '.join(idle)} without weights; pass weights= too, or leave out")
        if points.size < FEWEST:
            raise ValueError(f"{points.size} eigenvalues are too few to fit a law; pass {FEWEST} at least")
        return Spectrum(_spread(np.sort(points)), size=points.size)
    masses = _numbers("weights", weights)
    if masses.shape != points.shape:
        raise ValueError(
            f"there must be one weight a node, got {points.size} nodes and {masses.size} weights; "
            "pass arrays of equal lengths"
        )
    if (masses < 0).any() or not masses.sum() > 0:
        raise ValueError(
            f"weights must not be negative, and not all 0, got {masses.min():g} as the least of "
            f"{masses.size}; pass squared first components of the eigenvectors of Lanczos's matrix"
        )
    used = masses > 0
    points, masses = points[used], masses[used]
    if points.size < 4:
        raise ValueError(f"{points.size} nodes are too few to fit a law; take more steps of Lanczos's method")
    order = np.argsort(points, kind="stable")
    rows, vectors = _count("size", size, "rows of the matrix"), _count("probes", probes, "random vectors")
    if rows is not None and vectors is not None and points.size > rows * vectors:
        raise ValueError(
            f"a matrix of {rows} rows gives {rows} nodes a random vector at most, got {points.size} nodes of "
            f"{vectors}; size is the rows of the matrix, probes the number of vectors"
        )
    return Spectrum(_spread(points[order]), masses[order] / masses.sum(), rows, vectors)


def _points(eigenvalues: Any) -> Real:
    if isinstance(eigenvalues, (str, os.PathLike)):
        return read("eigenvalues", eigenvalues)
    return _numbers("eigenvalues", eigenvalues)


def read(name: str, file: str | os.PathLike[str]) -> Real:
    """A row of numbers from a `.npy` file; errors say what came, what was wanted and what to do."""
    path = Path(file)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}; pass an array, or the path of a .npy file")
    try:
        array = np.load(path, allow_pickle=False)
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder; pass the path of a .npy file") from None
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        if _is_npy(path):
            reason = "objects, which are pickled" if "pickle" in str(error) else "part of an array alone"
        else:
            reason = "no NumPy array"
        raise ValueError(
            f"{path} holds {reason}; write it by np.save(path, {name}) from an array of numbers"
        ) from None
    if not isinstance(array, np.ndarray):
        names = ", ".join(array.files)
        array.close()
        raise ValueError(f"{path} holds several arrays ({names}); write the {name} alone by np.save")
    return _numbers(f"{name} in {path}", array)


def _is_npy(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6) == b"\x93NUMPY"


def _numbers(name: str, value: Any) -> Real:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} must be one row of real numbers, got nested lists of unequal lengths"
        ) from error
    if array.dtype.kind == "c":
        raise TypeError(
            f"{name} must be real, got complex numbers; a Hermitian matrix has np.linalg.eigvalsh"
        )
    if array.dtype.kind not in "buif" or isinstance(value, np.ma.MaskedArray):
        kind = "a masked array" if isinstance(value, np.ma.MaskedArray) else f"dtype {array.dtype}"
        raise TypeError(f"{name} must be real numbers, got {kind}; pass an array of floats")
    if array.ndim != 1:
        hint = "pass np.linalg.eigvalsh(matrix)" if array.ndim == 2 else "pass a one-dimensional array"
        raise ValueError(f"{name} must be one row of numbers, got an array of shape {array.shape}; {hint}")
    if not array.size:
        raise ValueError(f"{name} must be at least {FEWEST} numbers, got none")
    numbers = array.astype(np.float64)
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        raise ValueError(
            f"{name} must be finite, got {numbers[wrong][0]} at place {int(np.argmax(wrong))} "
            f"and {int(wrong.sum())} such in all; leave them out only if you know why they are there"
        )
    return numbers


def _spread(points: Real) -> Real:
    if points[0] == points[-1]:
        raise ValueError(f"all {points.size} points are {points[0]:g}; there is no law to fit to one atom")
    return points


def _count(name: str, value: Any, what: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a positive whole number of {what}, got {value!r}")
    return int(value)
