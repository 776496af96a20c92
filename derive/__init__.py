"""stieltjes, the deriving half: from a model's expression to certified equations."""

from .critical.curves import critical_curves
from .critical.values import critical_values
from .language.eigenvalues import Eigenvalues
from .language.ensembles import Gaussian, Gram, Hermitised, Wigner, Wishart
from .language.model import Model, ModelError, load, names
from .language.named import Arcsine, FussCatalan, Jacobi, KestenMcKay, ProductEigenvalues, Projection
from .language.operations import (
    Anticommutator,
    Atoms,
    Cauchy,
    Commutator,
    DirectSum,
    Equilibrium,
    FreePoisson,
)
from .language.parameters import Parameter, Source, Stated
from .language.rectangles import Factor
from .language.sparse import SparseProduct, SparseWigner, SparseWishart
from .pipeline import derive, law_of
from .subordination import Subordination, subordination
from .transforms.coordinates import TRANSFORMS, from_transform, to_transform
from .typesetting import ensembles_latex  # noqa: F401  (registers the LaTeX of the nodes)

__all__ = [
    "TRANSFORMS",
    "Anticommutator",
    "Arcsine",
    "Atoms",
    "Cauchy",
    "Commutator",
    "DirectSum",
    "Eigenvalues",
    "Equilibrium",
    "Factor",
    "FreePoisson",
    "FussCatalan",
    "Gaussian",
    "Gram",
    "Hermitised",
    "Jacobi",
    "KestenMcKay",
    "Model",
    "ModelError",
    "Parameter",
    "ProductEigenvalues",
    "Projection",
    "Source",
    "SparseProduct",
    "SparseWigner",
    "SparseWishart",
    "Stated",
    "Subordination",
    "Wigner",
    "Wishart",
    "critical_curves",
    "critical_values",
    "derive",
    "from_transform",
    "law_of",
    "load",
    "names",
    "subordination",
    "to_transform",
]
