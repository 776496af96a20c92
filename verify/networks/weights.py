"""Figure S1 of Pennington & Bahri's supplement: are the weights of a trained network i.i.d. and normal?

Two questions apart. Normal: skewness and excess kurtosis of the entries, both 0 for a normal law, and Shapiro
and Wilk's test. Independent: |W2 W1| (Frobenius) over its mean for the same entries of W1 and of W2 in random
order, which is 1 on average for i.i.d. entries, whatever their law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating]
MOST = 5000  # entries for which SciPy's p-value is accurate
ORDERS = 20


@dataclass(frozen=True)
class Shape:
    """One matrix of weights: moments of its entries, the p-value of normality.

    moved: |W - W at initialisation| over |W at initialisation|.
    """

    deviation: float
    skewness: float
    kurtosis: float
    normality: float
    moved: float


def shape(weights: Real, initial: Real, rng: np.random.Generator) -> Shape:
    """What is found of one matrix. kurtosis is the excess over 3; of more than `MOST` entries the p-value is
    that of `MOST` among them."""
    try:
        from scipy import stats
    except ImportError:
        raise ImportError("tests of normality come with SciPy: pip install 'stieltjes[networks]'") from None
    entries = weights.ravel()
    some = entries if entries.size <= MOST else rng.choice(entries, MOST, replace=False)
    return Shape(
        float(entries.std()),
        float(stats.skew(entries)),
        float(stats.kurtosis(entries)),
        float(stats.shapiro(some).pvalue),
        float(np.linalg.norm(weights - initial) / np.linalg.norm(initial)),
    )


def product_ratio(first: Real, second: Real, rng: np.random.Generator) -> float:
    """|W2 W1| over the mean of `ORDERS` products of the same entries, in random order in each matrix."""
    orders = [np.linalg.norm(_shuffled(second, rng) @ _shuffled(first, rng)) for _ in range(ORDERS)]
    return float(np.linalg.norm(second @ first) / np.mean(orders))


def _shuffled(matrix: Real, rng: np.random.Generator) -> Real:
    return rng.permutation(matrix.ravel()).reshape(matrix.shape)
