"""The residual part H1 of a network of two layers of any widths, Pennington & Bahri (2017), section 6.1.

W1 is n1 x n0, W2 is n2 x n1 and f is piecewise linear with slope 1 on the share `kept` of the examples of
each hidden unit and slope 0 on the others: 1/2 for ReLU, 1 for a linear network. H12 of (23) has one block
e d x'/m a hidden unit, n2 x (kept m) times (kept m) x n0, so H1 is a direct sum of n1 equal laws of
N = n0 + n2 rows. With phi = n1 (n0 + n2)/(n2 m) the examples are m = (n1/n2) N/phi, residuals have the
variance 2 eps and inputs 1. At equal widths and kept = 1/2 this is `relu_residual`.
"""

from fractions import Fraction

from derive.language.ensembles import Gaussian, Hermitised
from derive.language.model import Model
from derive.language.parameters import PB17, Parameter, Source

eps = Parameter("eps", latex=r"\epsilon", typical=(0.05, 2), meaning="energy of the critical point")
phi = Parameter(
    "phi", latex=r"\phi", typical=(0.1, 3), meaning="ratio of parameters to data points", role="aspect ratio"
)
kept = Parameter(
    "kept",
    domain="(0, 1]",
    latex="f",
    typical=(0.1, 1),
    default=Fraction(1, 2),
    meaning="share of the examples on which a hidden unit is active",
)
inputs = Parameter("inputs", latex="a", typical=(0.2, 4), default=1, meaning="input width n0 / n1")
outputs = Parameter("outputs", latex="b", typical=(0.2, 4), default=1, meaning="output width n2 / n1")

rows = outputs / (inputs + outputs)
active = kept / (phi * outputs)
errors = Gaussian(rows=rows, columns=active, variance=2 * eps * phi * outputs)
activations = Gaussian(rows=active, columns=1 - rows, variance=phi * outputs)

MODEL = Model(
    title="Two-layer residual",
    parameters=(eps, phi, kept, inputs, outputs),
    expression=Hermitised(errors @ activations),
    source=Source(PB17, "section 6.1"),
)
