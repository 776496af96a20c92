"""A fixed matrix plus a Wishart: the general form of `relu_hessian`, whose other part is the ReLU residual.

The fixed part has two eigenvalues, 0 and `place`; any other law of the language stands there as well.
"""

from derive.language.ensembles import Wishart
from derive.language.model import Model
from derive.language.operations import Atoms
from derive.language.parameters import Parameter

mass = Parameter("mass", domain="(0, 1)", latex="m", typical=(0.1, 0.9), meaning="share of the eigenvalue")
place = Parameter("place", latex="a", typical=(0.5, 5), meaning="eigenvalue of the fixed part beside 0")
phi = Parameter("phi", latex=r"\phi", typical=(0.1, 3), meaning="aspect ratio n / p", role="aspect ratio")

MODEL = Model(
    title="Two eigenvalues plus Wishart",
    parameters=(mass, place, phi),
    expression=Atoms((0, place), (1 - mass, mass)) + Wishart(ratio=phi),
)
