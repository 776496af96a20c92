"""stieltjes, the deriving half: from a model's expression to certified equations."""

from . import ensembles_latex  # noqa: F401  (registers the LaTeX of the nodes)
from .coordinates import TRANSFORMS, from_transform, to_transform
from .critical_analysis import critical_values
from .critical_curves import critical_curves
from .eigenvalues import Eigenvalues
from .ensembles import Gaussian, Gram, Hermitised, Wigner, Wishart
from .model import Model, ModelError, load, names
from .named import Arcsine, FussCatalan, Jacobi, KestenMcKay, Projection
from .operations import Anticommutator, Atoms, Cauchy, Commutator, DirectSum, Equilibrium, FreePoisson
from .parameters import Parameter, Source, Stated
from .pipeline import derive, law_of
from .rectangles import Factor
from .sparse import SparseProduct, SparseWigner, SparseWishart
from .subordination import Subordination, subordination

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
