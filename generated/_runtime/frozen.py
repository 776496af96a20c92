"""A frozen law: one law with its parameters fixed, in the dialect of SciPy's distributions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .arguments import (
    ComplexArray,
    FloatArray,
    Parameter,
    as_type,
    number,
    real,
    real_or_complex,
    whole_number,
)
from .calls import explained_methods
from .numerics.chunks import BLOCK
from .numerics.quadrature import integral
from .numerics.quiet import quiet
from .outliers import Spikes
from .results import AllOutliers, FromEdge, Outliers

if TYPE_CHECKING:
    from .family import Family

CONFIDENCE = Parameter("confidence", "", "[0, 1]", None, "probability of an interval")


@explained_methods
@partial(quiet, leave={"expect"})
class Law:
    """One law of a family, its edges and atoms computed once.

    `pdf`, `cdf`, `sf`, `ppf`, `isf`, `rvs`, `moment`, `mean`, `median`, `var`, `std`, `interval`,
    `expect` and `support` mean what they mean in SciPy, atoms included (`pdf` is the density of the
    continuous part). `bands`, `atoms`, `index`, `mass_at_zero`, `stieltjes`, `r_transform`, `log_potential`,
    `moments`, `free_cumulants` and the four functions of outliers are those of the module.
    """

    def __init__(self, family: Family, values: tuple[float, ...]) -> None:
        self._family = family
        self._values = values
        self._law = family.frozen(*values)

    def __repr__(self) -> str:
        pairs = zip(self._family.parameters, self._values, strict=True)
        return f"{self._family.name}.law({', '.join(f'{p.name}={value!r}' for p, value in pairs)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Law):
            return NotImplemented
        return self._family is other._family and self._values == other._values

    def __hash__(self) -> int:
        return hash((self._family.name, self._values))

    def __reduce__(self) -> tuple[Callable[..., Law], tuple[Any, ...]]:
        """Pickled as its module's name and its parameters, prepared anew where it is loaded."""
        return _rebuilt, (self._family.module, self._values)

    @property
    def certificates(self) -> tuple[str, ...]:
        """What has been decided about this law, a sentence each."""
        return tuple(getattr(self._law, "certificates", ())) or (
            "The physical root of H(w) = z is the only one in the upper half-plane, and every edge is a "
            "bracketed simple root of Phi(w) = 1: nothing is missed and nothing spurious.",
        )

    @property
    def uncertified(self) -> tuple[str, ...]:
        """What could not be decided about this law, a sentence each; empty for free Levy laws."""
        return tuple(getattr(self._law, "uncertified", ()))

    def _real(self, kernel: Callable[..., Any], name: str, points: ArrayLike, out: FloatArray | None) -> Any:
        return self._family.of_one_law(self._law, kernel, real(name, points), np.float64, out)

    def pdf(self, x: ArrayLike, *, out: FloatArray | None = None) -> Any:
        """Density of the continuous part at x."""
        return self._real(self._family.kernels.density, "x", x, out)

    def cdf(self, x: ArrayLike, *, out: FloatArray | None = None) -> Any:
        """Distribution function at x, atoms included, right-continuous."""
        return self._real(self._family.kernels.cdf, "x", x, out)

    def sf(self, x: ArrayLike, *, out: FloatArray | None = None) -> Any:
        """Survival function 1 - cdf at x, relatively accurate in its own tail."""
        return self._real(self._family.kernels.sf, "x", x, out)

    def ppf(self, q: ArrayLike, *, out: FloatArray | None = None) -> Any:
        """Quantile: the smallest x with cdf(x) >= q; NaN outside [0, 1]."""
        return self._real(self._family.kernels.quantile, "q", q, out)

    def isf(self, q: ArrayLike, *, out: FloatArray | None = None) -> Any:
        """Inverse of the survival function, the quantile at 1 - q, resolved where q is tiny."""
        return self._real(self._family.kernels.upper_quantile, "q", q, out)

    def ppf_from_edge(self, q: ArrayLike) -> FromEdge:
        """Quantile as (edge, distance): the nearest edge and the signed distance from it.

        Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance
        keeps its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an
        atom counts as an edge.
        """
        return self._from_edge(self._family.kernels.quantile_from_edge, q)

    def isf_from_edge(self, q: ArrayLike) -> FromEdge:
        """The same at 1 - q, resolved where q is tiny."""
        return self._from_edge(self._family.kernels.upper_quantile_from_edge, q)

    def _from_edge(self, kernel: Callable[..., Any], q: ArrayLike) -> FromEdge:
        return FromEdge(*self._pairs(kernel, real("q", q)))

    def stieltjes(self, z: ArrayLike, *, out: ComplexArray | None = None) -> Any:
        """Stieltjes transform G(z); real z mean x + i0."""
        family, points = self._family, real_or_complex("z", z)
        return family.of_one_law(self._law, family.kernels.stieltjes, points, np.complex128, out)

    def log_potential(self, x: ArrayLike, *, out: FloatArray | None = None) -> Any:
        """Integral of log|x - t| over the law."""
        return self._real(self._family.kernels.log_potential, "x", x, out)

    def r_transform(self, g: ArrayLike, *, out: Any = None) -> Any:
        """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is."""
        return import_module(self._family.module).r_transform(g, *self._values, out=out)

    def outliers(self, theta: ArrayLike) -> Outliers:
        """Place and squared overlap of the outlier of a planted spike theta, NaN under the threshold."""
        return self._spikes().outliers(theta)

    def multiplicative_outliers(self, theta: ArrayLike) -> Outliers:
        """The same of (1 + theta P)^(1/2) A (1 + theta P)^(1/2), theta > -1, P a free projection of rank one.

        Raises `ValueError` below -1, and for a law with negative eigenvalues.
        """
        self._must_be_nonnegative("outliers")
        return self._spikes().multiplicative_outliers(theta)

    def all_outliers(self, theta: ArrayLike) -> AllOutliers:
        """Every outlier of a planted spike theta, in gaps too, with the spikes at which it leaves and enters.

        Of algebraic laws; raises `NotImplementedError` for a free Levy law, which has one at most.
        """
        self._must_be_algebraic("all_outliers", "outliers")
        return self._spikes().all_outliers(theta)

    def all_multiplicative_outliers(self, theta: ArrayLike) -> AllOutliers:
        """The same of a multiplicative spike; raises as `multiplicative_outliers` and `all_outliers` do.

        For a free Levy law the outermost alone is offered, by `multiplicative_outliers`.
        """
        self._must_be_algebraic("all_multiplicative_outliers", "multiplicative_outliers")
        self._must_be_nonnegative("all_outliers")
        return self._spikes().all_multiplicative_outliers(theta)

    def _spikes(self) -> Spikes:
        def evaluated(kernel: Callable[..., Any], theta: Any, outputs: int) -> Any:
            return self._family.of_one_law(self._law, kernel, theta, np.float64, None, outputs)

        return Spikes(self._family.kernels, evaluated)

    def _must_be_nonnegative(self, additive: str) -> None:
        low = self.support()[0]
        if low < 0:
            raise ValueError(
                f"a multiplicative spike needs a law on [0, oo), got one whose support begins at {low:.6g}; "
                f"plant an additive spike with `{additive}`"
            )

    def _must_be_algebraic(self, asked: str, instead: str) -> None:
        if not hasattr(self._family.kernels, asked):
            raise NotImplementedError(
                f"{asked} is of algebraic laws, and {self!r} is a free Levy law; use `{instead}`"
            )

    def _pairs(self, kernel: Callable[..., Any], points: Any) -> tuple[Any, Any]:
        first, second = self._family.of_one_law(self._law, kernel, points, np.float64, None, outputs=2)
        return first, second

    def rvs(self, size: int | tuple[int, ...] | None = None, random_state: Any = None) -> Any:
        """Independent draws by inversion.

        size: shape of the result, None for a scalar. random_state: None, an integer seed, a
        `numpy.random.Generator` or a `numpy.random.RandomState`.
        """
        if random_state is None or isinstance(random_state, (int, np.integer)):
            random_state = np.random.default_rng(random_state)
        elif not hasattr(random_state, "uniform"):
            raise TypeError(f"random_state must be None, an integer or a generator, got {random_state!r}")
        if size is None:
            return self.ppf(random_state.uniform())
        try:
            draws = np.empty(size)
        except (TypeError, ValueError) as error:
            raise type(error)(
                f"size must be None, an integer >= 0 or a tuple of them, got {size!r}"
            ) from error
        flat = draws.reshape(-1)
        for start in range(0, flat.size, BLOCK):
            some = flat[start : start + BLOCK]
            some[:] = random_state.uniform(size=some.size)
            self.ppf(some, out=some)
        return draws

    def moment(self, order: int) -> float:
        """Raw moment of the given order."""
        order = whole_number("order", order, 0)
        return np.float64(self._family.kernels.moments(self._law, order)[order, 0])

    def moments(self, n: int) -> FloatArray:
        """Moments m_0 = 1, m_1, ..., m_n."""
        found: FloatArray = self._family.kernels.moments(self._law, whole_number("n", n, 0))
        return found[:, 0]

    def free_cumulants(self, n: int) -> FloatArray:
        """Free cumulants kappa_1, ..., kappa_n."""
        found: FloatArray = self._family.kernels.free_cumulants(self._law, whole_number("n", n, 0))
        return found[:, 0]

    def mean(self) -> float:
        """First moment."""
        return self.moment(1)

    def var(self) -> float:
        """Variance, the second free cumulant."""
        return np.float64(self._family.kernels.free_cumulants(self._law, 2)[1, 0])

    def std(self) -> float:
        """Standard deviation."""
        return np.sqrt(self.var())

    def median(self) -> float:
        """Quantile at 1/2."""
        return np.float64(self.ppf(0.5))

    def interval(self, confidence: ArrayLike) -> tuple[Any, Any]:
        """Ends of the central intervals of the given probabilities."""
        inside = as_type(CONFIDENCE.values(confidence), np.float64)
        return self.ppf((1.0 - inside) / 2.0), self.ppf((1.0 + inside) / 2.0)

    def support(self) -> tuple[float, float]:
        """Ends (a, b) of the support's hull, atoms included."""
        return self.ppf(0.0), self.ppf(1.0)

    def bands(self) -> FloatArray:
        """Bands of the continuous part, (bands, 2), ascending."""
        return _rows(self._family.kernels.bands(self._law)[0])

    def atoms(self) -> FloatArray:
        """Places and weights of the atoms, (atoms, 2)."""
        return _rows(self._family.kernels.atoms(self._law)[0])

    def index(self) -> float:
        """Mass on the open negative axis."""
        return np.float64(self._family.kernels.index(self._law)[0])

    def mass_at_zero(self) -> float:
        """Weight of the atom at 0."""
        return np.float64(self._family.kernels.mass_at_zero(self._law)[0])

    def expect(
        self,
        func: Callable[[FloatArray], ArrayLike] | None = None,
        lb: float | None = None,
        ub: float | None = None,
        conditional: bool = False,
    ) -> float:
        """Integral of func over the law from lb to ub (both included), atoms included.

        func: takes an array of points; the identity if left out. conditional: divide by the mass of
        [lb, ub]. The integral over each band is by the tanh-sinh rule, to about 1e-12 for smooth func, and
        counts from the band's ends: where the density is infinite there no mass is lost to rounding.
        """

        if func is not None and not callable(func):
            raise TypeError(f"func must be a function of an array of points, or None, got {func!r}")

        def value(x: FloatArray) -> FloatArray:
            return np.asarray(x if func is None else func(x), dtype=np.float64)

        def weighted(end: float, distance: FloatArray) -> FloatArray:
            values = value(end + distance)  # errors in here are the caller's affair
            with np.errstate(all="ignore"):
                return values * self._family.kernels.density_beside(self._law, end, distance)

        low = -math.inf if lb is None else number("lb", lb)
        high = math.inf if ub is None else number("ub", ub)
        total = 0.0
        mass = 0.0
        for place, weight in self.atoms():
            if low <= place <= high:
                total += weight * float(value(np.array([place]))[0])
                mass += weight
        for left, right in self.bands():
            a, b = max(left, low), min(right, high)
            if a < b:
                inside = [place for place in self._family.kernels.peaks(self._law) if a < place < b]
                for start, end in itertools.pairwise([a, *inside, b]):
                    total += integral(weighted, start, end)
                mass += float(self.cdf(b)) - float(self.cdf(a)) if conditional else 0.0
        return total / mass if conditional else total


def _rebuilt(module: str, values: tuple[float, ...]) -> Law:
    """The law of a module again, for `pickle`."""
    law: Law = import_module(module).law(*values)
    return law


def _rows(table: FloatArray) -> FloatArray:
    """Without the NaN rows."""
    return table[~np.isnan(table[:, 0])]
