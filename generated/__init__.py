"""Evaluators of limiting spectra, one module a model; NumPy is all they need.

Written by `make regenerate`; do not edit.
"""

MODELS = (
    "marchenko_pastur",
    "relu_hessian",
    "relu_residual",
    "semicircle",
    "wishart_wigner",
)
ALGEBRAIC = (
    "deformed_wigner",
    "deformed_wishart",
    "fuss_catalan_2",
    "fuss_catalan_3",
    "fuss_catalan_4",
    "fuss_catalan_5",
    "fuss_catalan_6",
    "sample_covariance",
    "two_layer_residual",
    "wishart_product",
)
FUNCTIONAL = (
    "sparse_product",
    "sparse_wigner",
    "sparse_wishart",
)
RADIAL = (
    "gaussian_product",
    "gaussian_product_3",
    "gaussian_product_4",
    "gaussian_product_5",
    "gaussian_product_6",
    "ginibre",
)
