"""stieltjes, the deriving half: from a model's expression to certified equations."""

from .ensembles import Gaussian, Gram, Hermitised, Wigner, Wishart
from .model import Model, ModelError, load, names
from .parameters import Parameter, Source, Stated
from .pipeline import derive, law_of

__all__ = [
    "Gaussian",
    "Gram",
    "Hermitised",
    "Model",
    "ModelError",
    "Parameter",
    "Source",
    "Stated",
    "Wigner",
    "Wishart",
    "derive",
    "law_of",
    "load",
    "names",
]
