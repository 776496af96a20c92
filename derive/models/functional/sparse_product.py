"""A product of two sparse matrices with Gaussian weights, Granziol (2020), section 4.2."""

from derive.language.model import Model
from derive.language.parameters import Parameter, Source
from derive.language.sparse import SparseProduct

ENTRIES = "mean number of nonzero entries of a row of the"

c1 = Parameter("c1", latex="c_1", typical=(0.5, 10), meaning=f"{ENTRIES} first factor")
c2 = Parameter("c2", latex="c_2", typical=(0.5, 10), meaning=f"{ENTRIES} second factor")
phi1 = Parameter(
    "phi1", latex=r"\phi_1", default=1, typical=(0.3, 3), meaning="rows over columns of the first"
)
phi2 = Parameter(
    "phi2", latex=r"\phi_2", default=1, typical=(0.3, 3), meaning="rows over columns of the second"
)

MODEL = Model(
    title="Product of two sparse matrices, Gaussian weights",
    parameters=(c1, c2, phi1, phi2),
    expression=SparseProduct(degrees=(c1, c2), ratios=(phi1, phi2), weights="gaussian"),
    source=Source("Granziol (2020)", "section 4.2"),
)
