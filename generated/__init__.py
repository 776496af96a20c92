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
FUNCTIONAL = (
    "sparse_wigner",
    "sparse_wishart",
)
RADIAL = ("gaussian_product",)
