"""Eigenvalues of a product of six rectangular Gaussian matrices, Granziol (2020), section 4.1."""

from derive.language.model import Model
from derive.language.named import ProductEigenvalues
from derive.language.parameters import Parameter, Source

RATIOS = tuple(
    Parameter(
        f"ratio{i}",
        latex=f"R_{i}",
        default=1,
        typical=(0.3, 3),
        meaning=f"size between factors {i} and {i + 1} over that outside",
    )
    for i in range(1, 6)
)
sigma = Parameter("sigma", typical=(0.5, 2), default=1, meaning="radius of the rim", role="scale")

MODEL = Model(
    title="Product of six Gaussian matrices",
    parameters=(*RATIOS, sigma),
    expression=ProductEigenvalues(RATIOS, sigma),
    source=Source("Granziol (2020)", "section 4.1"),
)
