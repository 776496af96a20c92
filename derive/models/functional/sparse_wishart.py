"""The sparse Wishart matrix with Gaussian weights, Granziol (2020), section 4.2."""

from derive.language.model import Model
from derive.language.parameters import Parameter, Source
from derive.language.sparse import SparseWishart

c = Parameter("c", typical=(0.5, 10), meaning="mean number of nonzero entries of a row")
phi = Parameter("phi", latex=r"\phi", typical=(0.1, 3), meaning="aspect ratio n / p", role="aspect ratio")

MODEL = Model(
    title="Sparse Wishart matrix, Gaussian weights",
    parameters=(c, phi),
    expression=SparseWishart(degree=c, ratio=phi, weights="gaussian"),
    source=Source("Granziol (2020)", "section 4.2"),
)
