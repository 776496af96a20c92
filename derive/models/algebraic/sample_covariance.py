"""The sample covariance matrix A^(1/2) W A^(1/2) of a population of two variances, 1 and `place`."""

from derive.language.ensembles import Wishart
from derive.language.model import Model
from derive.language.operations import Atoms
from derive.language.parameters import Parameter

mass = Parameter("mass", domain="(0, 1)", latex="m", typical=(0.1, 0.9), meaning="share of the variance")
place = Parameter("place", latex="a", typical=(0.5, 5), meaning="variance of the population beside 1")
phi = Parameter("phi", latex=r"\phi", typical=(0.1, 3), meaning="aspect ratio n / p", role="aspect ratio")

MODEL = Model(
    title="Sample covariance of two variances",
    parameters=(mass, place, phi),
    expression=Atoms((1, place), (1 - mass, mass)) @ Wishart(ratio=phi),
)
