"""The residual part H1 of a ReLU network's Hessian, Pennington & Bahri (2017), section 6.1.

H12 = (1/m) e x', where the ReLU keeps half of the m examples: n x m/2 factors with entries of
variance 2 eps and 1. With N = 2n and phi = 2n/m, both factors divided by sqrt(m), the shapes are
N/2 x N/(2 phi) and the variances 2 eps phi / N and phi / N. The n-fold degeneracy of the Kronecker
product in (25) does not change the law.
"""

import sympy as sp

from derive.language.ensembles import Gaussian, Hermitised
from derive.language.model import Model
from derive.language.parameters import PB17, Parameter, Source, Stated
from derive.laws import g

eps = Parameter(
    "eps", domain="[0, oo)", latex=r"\epsilon", typical=(0.05, 2), meaning="energy of the critical point"
)
phi = Parameter(
    "phi", latex=r"\phi", typical=(0.1, 3), meaning="ratio of parameters to data points", role="aspect ratio"
)

half = sp.Rational(1, 2)
kept = 1 / (2 * phi)
errors = Gaussian(rows=half, columns=kept, variance=2 * eps * phi)
inputs = Gaussian(rows=kept, columns=half, variance=phi)

MODEL = Model(
    title="ReLU residual",
    parameters=(eps, phi),
    expression=Hermitised(errors @ inputs),
    stated=(Stated("r_transform", eps * phi * g / (2 - eps * phi**2 * g**2), Source(PB17, "eq. 28")),),
    source=Source(PB17, "section 6.1"),
)
