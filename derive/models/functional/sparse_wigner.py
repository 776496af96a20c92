"""The sparse Wigner matrix, unit weights: a random graph's adjacency, Granziol (2020), section 4.2."""

from derive.language.model import Model
from derive.language.parameters import Parameter, Source
from derive.language.sparse import SparseWigner

c = Parameter("c", typical=(0.5, 10), meaning="mean number of nonzero entries of a row")

MODEL = Model(
    title="Sparse Wigner matrix, unit weights",
    parameters=(c,),
    expression=SparseWigner(degree=c, weights="unit"),
    source=Source("Granziol (2020)", "section 4.2"),
)
