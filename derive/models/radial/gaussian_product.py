"""Eigenvalues of a product of two rectangular Gaussian matrices, Granziol (2020), eq. 11."""

from derive.language.eigenvalues import Eigenvalues
from derive.language.ensembles import Gaussian
from derive.language.model import Model
from derive.language.parameters import Parameter, Source

ratio = Parameter("ratio", latex="R", typical=(0.1, 3), meaning="size between the factors over that outside")
sigma = Parameter("sigma", typical=(0.5, 2), default=1, meaning="radius of the rim", role="scale")

MODEL = Model(
    title="Product of two Gaussian matrices",
    parameters=(ratio, sigma),
    expression=Eigenvalues(
        Gaussian(rows=1, columns=ratio, variance=sigma**2 / ratio) @ Gaussian(rows=ratio, columns=1)
    ),
    source=Source("Granziol (2020)", "eq. 11"),
)
