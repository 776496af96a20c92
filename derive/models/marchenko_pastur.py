"""The Marchenko-Pastur law, Pennington & Bahri (2017), eqs. 7-8 and 29."""

from derive.language.ensembles import Wishart
from derive.language.model import Model
from derive.language.parameters import PB17, Parameter, Source

phi = Parameter("phi", latex=r"\phi", typical=(0.1, 3), meaning="aspect ratio n / p", role="aspect ratio")
sigma = Parameter(
    "sigma", latex=r"\sigma", typical=(0.5, 2), default=1, meaning="mean of the law", role="scale"
)

MODEL = Model(
    title="Marchenko-Pastur law",
    parameters=(phi, sigma),
    expression=Wishart(ratio=phi, scale=sigma),
    source=Source(PB17, "eqs. 7-8"),
)
