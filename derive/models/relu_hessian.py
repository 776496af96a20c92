"""Wishart plus ReLU residual, the improved model of the Hessian, Pennington & Bahri (2017), section 6.3."""

import sympy as sp

from derive.language.ensembles import Gaussian, Hermitised, Wishart
from derive.language.model import Model
from derive.language.parameters import PB17, Parameter, Source, Stated
from derive.laws import G, g, z

eps = Parameter(
    "eps",
    domain="[0, oo)",
    latex=r"\epsilon",
    typical=(0.05, 2),
    meaning="energy of the critical point",
    role="energy",
)
phi = Parameter(
    "phi", latex=r"\phi", typical=(0.1, 3), meaning="ratio of parameters to data points", role="aspect ratio"
)
sigma = Parameter(
    "sigma", latex=r"\sigma", typical=(0.5, 2), default=1, meaning="mean of the Wishart part", role="scale"
)

half = sp.Rational(1, 2)
kept = 1 / (2 * phi)
errors = Gaussian(rows=half, columns=kept, variance=2 * eps * phi)
inputs = Gaussian(rows=kept, columns=half, variance=phi)
chi = 1 + 16 * phi - 8 * phi**2

MODEL = Model(
    title="Wishart plus ReLU residual",
    parameters=(eps, phi, sigma),
    expression=Wishart(ratio=phi, scale=sigma) + Hermitised(errors @ inputs),
    stated=(
        Stated(
            "r_transform",
            sigma / (1 - sigma * g * phi) + eps * phi * g / (2 - eps * phi**2 * g**2),
            Source(PB17, "eq. 29"),
        ),
        Stated(
            "equation",
            2 * (z - sigma * (1 - phi)) * G
            - phi * (2 * sigma * z + eps * (1 - phi)) * G**2
            - eps * phi**2 * (z + sigma * (phi - 2)) * G**3
            + z * eps * sigma * phi**3 * G**4
            - 2,
            Source(PB17, "eq. 30"),
        ),
        Stated(
            "critical_energy",
            sigma**2 * (27 - 18 * chi - chi**2 + 8 * chi ** sp.Rational(3, 2)) / (32 * phi * (1 - phi) ** 3),
            Source(PB17, "eq. 32"),
        ),
    ),
    source=Source(PB17, "section 6.3"),
)
