"""What functions return that have several values: named tuples of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple


class Outliers(NamedTuple):
    """Place and squared eigenvector overlap of planted spikes, NaN under the threshold."""

    place: Any
    overlap: Any


class AllOutliers(NamedTuple):
    """All outliers of planted spikes, (..., m) each, ascending by place, NaN last.

    threshold: the spike of the same sign at which the outlier leaves the spectrum, 0 if none is too small.
    until: the spike of the same sign at which it enters the spectrum again, at the other end of its gap;
        infinite, or -1 for a multiplicative one, if no spike is too large.
    """

    place: Any
    overlap: Any
    threshold: Any
    until: Any


class FromEdge(NamedTuple):
    """Quantiles as the nearest edge, rounded, and the signed distance from the exact one."""

    edge: Any
    distance: Any
