"""Hessians of real networks, in closed form, and the experiments on them.

    network = Network(*initial_weights(16, 16, 16, rng), inputs, targets)
    first_part(network), residual_part(network)      # H0 and H1
    residual_spectrum(network)                       # through n1 small blocks

`network` and `activations` hold the network, `hessian` its derivatives, `spectra` their eigenvalues, `data`
the inputs.
"""

from .activations import LINEAR, RELU, TANH, Activation
from .data import Gaussian, Images, cifar10, digits, whiten
from .hessian import (
    first_part,
    first_part_times,
    hessian,
    hessian_times,
    jacobian,
    residual_part,
    residual_part_times,
    squared_gradient_slope,
)
from .network import Network, initial_weights
from .spectra import first_part_spectrum, hessian_spectrum, index, nullity, residual_spectrum

__all__ = [
    "LINEAR",
    "RELU",
    "TANH",
    "Activation",
    "Gaussian",
    "Images",
    "Network",
    "cifar10",
    "digits",
    "first_part",
    "first_part_spectrum",
    "first_part_times",
    "hessian",
    "hessian_spectrum",
    "hessian_times",
    "index",
    "initial_weights",
    "jacobian",
    "nullity",
    "residual_part",
    "residual_part_times",
    "residual_spectrum",
    "squared_gradient_slope",
    "whiten",
]
