"""Squared singular values of a product of two rectangular Gaussian matrices, Granziol (2020), section 4.1.

X_1 is N x p_1 and X_2 is p_1 x p_2, both of independent entries of variance 1: the matrix is
X_1 X_2 X_2' X_1' / (p_1 p_2). Its law does not change where the ratios N/p_1 and N/p_2 are exchanged.
"""

from derive.language.ensembles import Gaussian, Gram
from derive.language.model import Model
from derive.language.parameters import Parameter, Source

phi_1 = Parameter("phi_1", typical=(0.1, 3), meaning="aspect ratio N / p_1", role="aspect ratio")
phi_2 = Parameter("phi_2", typical=(0.1, 3), meaning="aspect ratio N / p_2", role="aspect ratio")

MODEL = Model(
    title="Product of two Wishart matrices",
    parameters=(phi_1, phi_2),
    expression=Gram(
        Gaussian(rows=1, columns=1 / phi_1, variance=phi_1)
        @ Gaussian(rows=1 / phi_1, columns=1 / phi_2, variance=phi_2)
    ),
    source=Source("Granziol (2020)", "section 4.1"),
)
