"""The paper's figures that are measured on networks: run by `python -m verify figure NUMBER`."""

from __future__ import annotations

from . import critical_points, evolution, first_part, gap, minimizers, residual_part, turned, weights
from .experiment import Experiment, Options, plain

__all__ = ["EXPERIMENTS", "Experiment", "Options", "plain"]

EXPERIMENTS: tuple[Experiment, ...] = (
    turned.EXPERIMENT,
    residual_part.EXPERIMENT,
    first_part.EXPERIMENT,
    gap.EXPERIMENT,
    critical_points.EXPERIMENT,
    minimizers.EXPERIMENT,
    weights.EXPERIMENT,
    evolution.EXPERIMENT,
)
"""In the order of the paper, then of its supplement."""
