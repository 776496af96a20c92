"""Squared singular values of a product of six square Gaussian matrices, Granziol (2020), section 4.1."""

from derive.language.model import Model
from derive.language.named import FussCatalan
from derive.language.parameters import Source

MODEL = Model(
    title="Product of six square Gaussian matrices",
    parameters=(),
    expression=FussCatalan(6),
    source=Source("Granziol (2020)", "section 4.1"),
)
