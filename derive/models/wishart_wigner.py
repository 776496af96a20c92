"""Wishart plus Wigner, the warm-up model of the Hessian, Pennington & Bahri (2017), section 4."""

import sympy as sp

from derive.language.ensembles import Wigner, Wishart
from derive.language.model import Model
from derive.language.parameters import PB17, Parameter, Source, Stated
from derive.laws import G, g, z

eps = Parameter(
    "eps",
    domain="[0, oo)",
    latex=r"\epsilon",
    typical=(0.05, 1),
    meaning="energy of the critical point",
    role="energy",
)
phi = Parameter(
    "phi", latex=r"\phi", typical=(0.1, 3), meaning="ratio of parameters to data points", role="aspect ratio"
)

MODEL = Model(
    title="Wishart plus Wigner",
    parameters=(eps, phi),
    expression=Wishart(ratio=phi) + Wigner(variance=2 * eps),
    stated=(
        Stated("r_transform", 1 / (1 - g * phi) + 2 * eps * g, Source(PB17, "eq. 17")),
        Stated(
            "equation",
            2 * eps * phi * G**3 - (2 * eps + z * phi) * G**2 + (z + phi - 1) * G - 1,
            Source(PB17, "eq. 18"),
        ),
        Stated(
            "critical_energy",
            (1 - 20 * phi - 8 * phi**2 + (1 + 8 * phi) ** sp.Rational(3, 2)) / 16,
            Source(PB17, "eq. 21"),
        ),
    ),
    source=Source(PB17, "section 4"),
)
