"""A low-rank signal of either sign in noise."""

from derive import Model, Parameter, Wigner, Wishart

eps = Parameter(
    "eps", domain="[0, oo)", latex=r"\epsilon", typical=(0.05, 1), meaning="half the noise's variance"
)
phi = Parameter("phi", latex=r"\phi", typical=(0.5, 4), meaning="ratio of size to rank of the positive part")

MODEL = Model(
    title="Signal of either sign in noise",
    parameters=(eps, phi),
    expression=2 * Wishart(ratio=phi) - Wishart(ratio=2 * phi) + Wigner(variance=2 * eps),
)
