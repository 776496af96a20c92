"""Wigner's semicircle law, Pennington & Bahri (2017), eq. 6."""

from derive.language.ensembles import Wigner
from derive.language.model import Model
from derive.language.parameters import PB17, Parameter, Source

sigma = Parameter(
    "sigma",
    latex=r"\sigma",
    typical=(0.5, 2),
    meaning="standard deviation; the radius is 2 sigma",
    role="scale",
)

MODEL = Model(
    title="Semicircle law",
    parameters=(sigma,),
    expression=Wigner(variance=sigma**2),
    source=Source(PB17, "eq. 6"),
)
