"""Eigenvalues of a square Gaussian matrix, the circular law: Granziol (2020), section 4.1, for one factor."""

from derive.language.model import Model
from derive.language.named import ProductEigenvalues
from derive.language.parameters import Parameter, Source

sigma = Parameter("sigma", typical=(0.5, 2), default=1, meaning="radius of the rim", role="scale")

MODEL = Model(
    title="Gaussian matrix, complex eigenvalues",
    parameters=(sigma,),
    expression=ProductEigenvalues((), sigma),
    source=Source("Granziol (2020)", "section 4.1"),
)
