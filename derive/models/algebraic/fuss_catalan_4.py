"""Squared singular values of a product of four square Gaussian matrices, Granziol (2020), section 4.1."""

from derive.model import Model
from derive.named import FussCatalan
from derive.parameters import Source

MODEL = Model(
    title="Product of four square Gaussian matrices",
    parameters=(),
    expression=FussCatalan(4),
    source=Source("Granziol (2020)", "section 4.1"),
)
