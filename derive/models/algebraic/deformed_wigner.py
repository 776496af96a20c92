"""A fixed matrix plus Wigner noise: the general form of `wishart_wigner`, whose fixed part is a Wishart.

The fixed part has two eigenvalues, 0 and `place`; any other law of the language stands there as well.
"""

from derive.language.ensembles import Wigner
from derive.language.model import Model
from derive.language.operations import Atoms
from derive.language.parameters import Parameter

mass = Parameter("mass", domain="(0, 1)", latex="m", typical=(0.1, 0.9), meaning="share of the eigenvalue")
place = Parameter("place", latex="a", typical=(0.5, 5), meaning="eigenvalue of the fixed part beside 0")
variance = Parameter("variance", latex="v", typical=(0.05, 2), meaning="variance of the semicircle")

MODEL = Model(
    title="Two eigenvalues plus Wigner",
    parameters=(mass, place, variance),
    expression=Atoms((0, place), (1 - mass, mass)) + Wigner(variance),
)
