"""The paper's figures that are measured on networks: run by `python -m verify figure NUMBER`."""

from __future__ import annotations

from . import first_part, gap, residual_part
from .experiment import Experiment, Options, plain

__all__ = ["EXPERIMENTS", "Experiment", "Options", "plain"]

EXPERIMENTS: tuple[Experiment, ...] = (residual_part.EXPERIMENT, first_part.EXPERIMENT, gap.EXPERIMENT)
