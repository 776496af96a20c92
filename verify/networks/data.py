"""Inputs for the experiments: Gaussian vectors, scikit-learn's digits, CIFAR-10 from the user's own files.

A source draws an n0 x m matrix, a column an example: `source.draw(n0, m, rng)`. Images are grey, averaged
over square tiles down to side x side = n0 pixels, m of them drawn without repetition, and whitened.

Whitening maps x to C^(-1/2) (x - mean), where C is the covariance sum (x - mean)(x - mean)' / count and the
root is the symmetric one, so that pixels stay pixels. The mean and C are either those of the m images
drawn, whose covariance is then the identity exactly, or those of all images of the source ("pool"), whose
subsets have it on average; only the latter serves m <= n0, for the covariance of m images has a rank below
m. A covariance without full rank is refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from math import isqrt
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Whitening = Literal["drawn", "pool"]

RANK = 1e-10  # of the largest eigenvalue of the covariance: directions below it count as constant
SIDE = 32  # of a CIFAR-10 image
RECORD = 1 + 3 * SIDE**2  # a label, then the red, the green and the blue plane, a byte a pixel
FILES = (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin")
LUMA = (0.299, 0.587, 0.114)  # grey of red, green, blue: ITU-R BT.601


class Source(Protocol):
    """Where inputs come from."""

    @property
    def name(self) -> str:
        """In words, for captions."""

    def draw(self, n0: int, m: int, rng: np.random.Generator) -> Real:
        """n0 x m inputs; `ValueError` where the source has none of that shape."""


@dataclass(frozen=True)
class Gaussian:
    """Independent standard normal entries."""

    name: str = "Gaussian data"

    def draw(self, n0: int, m: int, rng: np.random.Generator) -> Real:
        """n0 x m independent standard normal numbers."""
        return rng.standard_normal((n0, m))


GAUSSIAN = Gaussian()


@dataclass(frozen=True, eq=False)
class Images:
    """Grey square images, (count, side, side), and how those that are drawn are whitened.

    labels: the class of each image, 0, 1, ..., where the source tells.
    """

    name: str
    pixels: NDArray[np.floating]
    whitening: Whitening = "drawn"
    labels: NDArray[np.integer] | None = None
    _pools: dict[int, Real] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[1] != self.pixels.shape[2]:
            raise ValueError(f"images must be an array (count, side, side), got shape {self.pixels.shape}")
        if self.whitening not in ("drawn", "pool"):
            raise ValueError(f"whitening must be 'drawn' or 'pool', got {self.whitening!r}")
        if self.labels is not None and self.labels.shape != self.pixels.shape[:1]:
            raise ValueError(f"{len(self.pixels)} images need as many labels, got {self.labels.shape}")

    def draw(self, n0: int, m: int, rng: np.random.Generator) -> Real:
        """m images of n0 pixels without repetition, whitened, an image a column."""
        chosen = self._chosen(m, rng)
        flat = self._flat(n0)
        if self.whitening == "drawn":
            return whiten(flat[:, chosen])
        if n0 not in self._pools:
            self._pools[n0] = whiten(flat)
        return self._pools[n0][:, chosen]

    def draw_classified(self, m: int, rng: np.random.Generator) -> tuple[Real, Real]:
        """m images of full size without repetition, (pixels, m), and their classes as unit vectors, (k, m).

        Brightness is in units of the source's largest, and each pixel's mean over the m images is taken off;
        nothing else is done to them. `ValueError` where the source does not tell classes.
        """
        if self.labels is None:
            raise ValueError(f"{self.name} come without classes; take another source")
        chosen = self._chosen(m, rng)
        flat = self.pixels[chosen].reshape(m, -1).T / float(self.pixels.max())
        classes = np.eye(int(self.labels.max()) + 1)[:, self.labels[chosen]]
        return flat - flat.mean(axis=1, keepdims=True), classes

    def _chosen(self, m: int, rng: np.random.Generator) -> NDArray[np.intp]:
        count = len(self.pixels)
        if m > count:
            raise ValueError(f"{self.name} has {count} images, {m} are wanted; take fewer, or a larger phi")
        return rng.choice(count, m, replace=False)

    def _flat(self, n0: int) -> Real:
        side = isqrt(n0)
        if side**2 != n0:
            raise ValueError(f"images have square numbers of pixels, {n0} is none; take 16 for 4 x 4")
        return np.reshape(averaged(self.pixels, side), (len(self.pixels), n0)).T


def averaged(pixels: NDArray[np.floating], side: int) -> Real:
    """Images (count, s, s) as means over square tiles, (count, side, side); side must divide s."""
    count, size, _ = pixels.shape
    if side < 1 or size % side:
        raise ValueError(
            f"images of {size} x {size} cannot be averaged to {side} x {side}: {side} is no divisor of {size}"
        )
    tile = size // side
    means: Real = pixels.reshape(count, side, tile, side, tile).mean(axis=(2, 4), dtype=np.float64)
    return means


def whiten(x: Real) -> Real:
    """C^(-1/2) (x - mean) over the columns of x: their mean is then 0, sum x x'/count the identity.

    `ValueError` where the covariance C lacks full rank (an eigenvalue below `RANK` of the largest).
    """
    centred = x - x.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(centred @ centred.T / x.shape[1])
    constant = int(np.sum(values <= RANK * values[-1])) if values[-1] > 0 else len(values)
    if constant:
        raise ValueError(
            f"{x.shape[1]} images of {x.shape[0]} pixels cannot be whitened: they are constant along "
            f"{constant} directions; take more images, smaller ones, or whitening='pool'"
        )
    return (vectors / np.sqrt(values)) @ (vectors.T @ centred)


def digits(whitening: Whitening = "drawn") -> Images:
    """The 1797 images of 8 x 8 pixels that scikit-learn brings: 4 x 4 (n0 = 16) or smaller when averaged.

    At the full 8 x 8 some pixels are always 0, which whitening refuses.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError("the digits come with scikit-learn: pip install 'stieltjes[networks]'") from None
    found = load_digits()
    return Images("scikit-learn's digits", np.asarray(found.images), whitening, np.asarray(found.target))


def cifar10(
    path: str | os.PathLike[str], *, side: int = 4, limit: int | None = None, whitening: Whitening = "drawn"
) -> Images:
    """CIFAR-10 in grey, averaged to side x side, from the original binary files.

    path: one such file, or the folder of data_batch_1.bin ... data_batch_5.bin and, if it is there,
    test_batch.bin. limit: the first so many images, in the order of the files. Raises
    `FileNotFoundError` where a file is missing and `ValueError` where one is not whole records of a label
    (0 to 9) and 3072 bytes.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be a positive number of images, got {limit}")
    found, labels, missing = [], [], limit
    for file in _files(Path(path)):
        if missing == 0:
            break
        records = _records(file)[:missing]
        found.append(_grey(records, side))
        labels.append(records[:, 0].astype(np.intp))
        missing = None if missing is None else missing - len(records)
    if missing:
        raise ValueError(f"{path} holds {sum(map(len, found))} images, {limit} are wanted")
    return Images("CIFAR-10", np.concatenate(found), whitening, np.concatenate(labels))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(
            f"{path} does not exist; give the folder of the CIFAR-10 binary version, which holds {FILES[0]}"
        )
    missing = [name for name in FILES[:-1] if not (path / name).is_file()]
    if missing:
        python = " (data_batch_1 without .bin belongs to the Python version)"
        hint = python if (path / "data_batch_1").exists() else ""
        raise FileNotFoundError(
            f"{path} lacks {', '.join(missing)}; the binary version of CIFAR-10 is wanted{hint}"
        )
    return [path / name for name in FILES if (path / name).is_file()]


def _records(file: Path) -> NDArray[np.uint8]:
    """(count, RECORD) bytes."""
    size = file.stat().st_size
    if size == 0 or size % RECORD:
        raise ValueError(
            f"{file} has {size} bytes, which are not whole CIFAR-10 records of {RECORD} bytes: it is "
            "truncated or of another format; fetch it again"
        )
    records = np.fromfile(file, dtype=np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() > 9:
        raise ValueError(f"{file} holds the label {records[:, 0].max()}: not CIFAR-10's binary format")
    return records


def _grey(records: NDArray[np.uint8], side: int) -> Real:
    """(count, side, side) in [0, 1]; in pieces, for doubles are eight times as large as bytes."""
    piece = 1024
    found = []
    for start in range(0, len(records), piece):
        planes = records[start : start + piece, 1:].reshape(-1, 3, SIDE, SIDE)
        grey = np.tensordot(planes, np.array(LUMA) / 255, axes=(1, 0))
        found.append(averaged(grey, side))
    return np.concatenate(found)
