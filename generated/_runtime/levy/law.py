"""Prepared rational free Levy laws: poles in order, expansions at edges and necks, atoms, levels.

With w = 1/G the law of R(g) = m + sum_j c_j g / (1 - p_j g) is

    H(w) = w + m + sum_j c_j / (w - p_j) = x,        H'(w) = 1 - Phi(w),  Phi(w) = sum_j c_j / (w - p_j)^2.

Everything about the law itself is computed here, once, in triple-double and double-double; points are dealt
with in `curve`.
Arrays have the law on their last axis: L laws side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.triple_double import TripleDouble, stack
from ..numerics.tables import Table
from .centres import AtZero, Centres, Coefficients, edges_and_centres
from .charts import Charts
from .distribution import GapLevels, gap_levels
from .exact_mass import Formulas, Values
from .law_tables import LevyTables, levy_tables, potential_table
from .masses import AboveZero, above_zero
from .quantile_tables import QuantileTable, quantile_table

# Poles that agree to this part are one pole.
SAME = 2.0**-95
# Widths of laws, beyond which products of distances leave the range of doubles.
NARROWEST, WIDEST = 1e-72, 1e72


@dataclass(frozen=True, eq=False)
class Levy:
    """L prepared laws with at most k poles.

    poles, weights, rates: (k, L), with pole_lo, weight_lo, rate_lo their low parts; poles ascending.
    rate_rest, defect_rest: third parts.
        Where a pole is not `active` (its weight is 0, or it has been merged into another) its weight and
        rate are 0 and it repeats the last active pole. The rate of a Wigner part is 0.
    mean, mean_lo: (L,).
    edges_hi, edges_lo: (2k, L), the ends of the bands, ascending in pairs, NaN after the last.
    edge_w, edge_w_lo: (2k, L), the points w there.
    atom_hi, atom_lo, atom_mass: (L,), NaN where there is no atom.
    place, place_lo: (L,), H(0), NaN with a Wigner part. defect, defect_lo: (L,), 1 - (sum of rates).
    centres: expansions of H at the edges, at necks and at 0.
    exact: the coefficients once more, to as many digits as wanted if formulas give them.
    frozen: a single law that many points will be asked of, so that tables of it are worth their making.
    """

    poles: FloatArray
    pole_lo: FloatArray
    weights: FloatArray
    weight_lo: FloatArray
    rates: FloatArray
    rate_lo: FloatArray
    rate_rest: FloatArray
    active: Any
    mean: FloatArray
    mean_lo: FloatArray
    edges_hi: FloatArray
    edges_lo: FloatArray
    edge_w: FloatArray
    edge_w_lo: FloatArray
    atom_hi: FloatArray
    atom_lo: FloatArray
    atom_mass: FloatArray
    place: FloatArray
    place_lo: FloatArray
    defect: FloatArray
    defect_lo: FloatArray
    defect_rest: FloatArray
    centres: Centres
    exact: Formulas | Values
    frozen: bool = False

    def take(self, index: Any) -> Levy:
        """The laws of the given index, one for each."""
        taken: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "frozen":
                parts = isinstance(value, (Centres, Formulas, Values))
                taken[field.name] = value.take(index) if parts else value[..., index]
        return Levy(**taken)

    @property
    def laws(self) -> int:
        """L."""
        return int(self.mean.shape[0])

    @cached_property
    def gaps(self) -> GapLevels:
        """The levels of the distribution function in gaps."""
        return gap_levels(self)

    @cached_property
    def tables(self) -> LevyTables:
        """Density, distribution and survival function of a single law, tabulated."""
        return levy_tables(self)

    @cached_property
    def potential(self) -> Table:
        """The logarithmic potential of a single law, tabulated."""
        return potential_table(self)

    @cached_property
    def zero(self) -> AboveZero:
        """The curve over x = 0, inside a band of a single law."""
        return above_zero(self, np.zeros(1, dtype=np.intp))

    @cached_property
    def quantiles(self) -> QuantileTable | None:
        """The quantile function of a single law as polynomials on cells."""
        return quantile_table(self, upper=False)

    @cached_property
    def upper_quantiles(self) -> QuantileTable | None:
        """The inverse of the survival function of a single law as polynomials on cells."""
        return quantile_table(self, upper=True)

    @cached_property
    def charts(self) -> Charts:
        """The curve of a single law in the upper half-plane as polynomials on cells."""
        with np.errstate(all="ignore"):
            return Charts(self)

    @property
    def bands(self) -> FloatArray:
        """The bands, (L, k, 2), ascending, NaN rows last."""
        ends = self.edges_hi + self.edges_lo
        return np.ascontiguousarray(ends.reshape(-1, 2, self.laws).transpose(2, 0, 1))

    @property
    def atom_rows(self) -> FloatArray:
        """Place and weight of the atom, (L, 1, 2), NaN where there is none."""
        return np.stack([self.atom_hi + self.atom_lo, self.atom_mass], axis=-1)[:, None, :]


def prepare(
    mean: Any,
    poles: Sequence[Any],
    weights: Sequence[Any],
    rates: Sequence[Any | None],
    at_zero: Mapping[tuple[int, ...], tuple[Any, Any]],
    formulas: Formulas | None = None,
) -> Levy:
    """Prepare L laws; every coefficient, a triple-double (or double-double), has shape (L,), or ().

    rates: weights[j] / poles[j]**2, None where the pole is 0 (a Wigner part).
    at_zero: over some sets of poles j, mean - sum_j weights[j] / poles[j] and 1 - sum_j rates[j], if known
        better than by these sums. formulas: of the same coefficients, if there are any.
    Coefficients as accurate as triple-doubles can be give edges, and distances from them, to a rounding
    error of double-double even where they nearly cancel: next to 0 and where bands nearly merge. Raises
    `ValueError` for a negative weight, `ArithmeticError` for a law too wide or too narrow.
    """
    shape = np.broadcast_shapes((1,), mean.shape, *(p.shape for p in poles), *(c.shape for c in weights))
    with np.errstate(all="ignore"):
        m = stack([mean], shape)[0]
        p, c = stack(poles, shape), stack(weights, shape)
        lam = stack([0.0 if rate is None else rate for rate in rates], shape)
        wigner = np.array([np.full(shape, rate is None) for rate in rates])
        members = np.array([np.full(shape, 1 << j) for j in range(len(poles))])
        known = tuple(
            (sum(1 << j for j in which), AtZero(*(stack([value], shape)[0] for value in values)))
            for which, values in at_zero.items()
        )
        if (c.hi < 0).any():
            raise ValueError(f"weights of a free Levy law must not be negative, got {c.hi.min()}")
        active = c.hi > 0
        _check_width(m.hi, np.where(active, p.hi, 0.0), c.hi)
        exact = _in_order(Coefficients(m, p, c, lam, active, wigner & active, members * active, known))
        exact = exact.with_all_known()
        law, gaussian = exact.rounded(), exact.gaussian
        place, defect = law.over_all()
        ends, end_w, centres = edges_and_centres(exact)
        atom = ~gaussian & (defect.hi > 0)
        return Levy(
            poles=law.poles.hi,
            pole_lo=law.poles.lo,
            weights=law.weights.hi,
            weight_lo=law.weights.lo,
            rates=law.rates.hi,
            rate_lo=law.rates.lo,
            rate_rest=_rest(exact.rates),
            active=law.active,
            mean=law.mean.hi,
            mean_lo=law.mean.lo,
            edges_hi=ends.hi,
            edges_lo=ends.lo,
            edge_w=end_w.hi,
            edge_w_lo=end_w.lo,
            atom_hi=np.where(atom, place.hi, np.nan),
            atom_lo=np.where(atom, place.lo, np.nan),
            atom_mass=np.where(atom, defect.to_float(), np.nan),
            place=np.where(gaussian, np.nan, place.hi),
            place_lo=np.where(gaussian, np.nan, place.lo),
            defect=defect.hi,
            defect_lo=defect.lo,
            defect_rest=_rest(exact.over_all().defect),
            centres=centres,
            exact=formulas or Values(exact.mean, exact.poles, exact.weights),
        )


def _check_width(mean: FloatArray, poles: FloatArray, weights: FloatArray) -> None:
    width = np.maximum(np.abs(mean), np.maximum(np.abs(poles), np.sqrt(weights)).max(axis=0))
    # coefficients that overflow are infinite or NaN; a unit mass at 0 has no width
    wrong = ~((width <= WIDEST) & ((width >= NARROWEST) | (width == 0)))
    if wrong.any():
        raise ArithmeticError(
            f"laws from {NARROWEST:g} to {WIDEST:g} wide can be evaluated, got one about "
            f"{width[wrong][0]:.0e} wide; give the matrix and x in other units"
        )


def _rest(value: TripleDouble) -> FloatArray:
    """What a triple-double has beyond its double-double."""
    rounded = value.rounded()
    return np.asarray((value - TripleDouble(rounded.hi, rounded.lo)).to_float())


def _in_order(given: Coefficients) -> Coefficients:
    """Ascending active poles, equal ones merged, idle ones behind with weight 0 at the last active pole."""
    p, c, lam, active, wigner, members = given[1:7]
    k, laws = active.shape
    columns = np.arange(laws)
    for merging in (True, False):
        key = np.where(active, p.hi, np.inf)
        order = np.lexsort((np.where(active, p.mid, 0.0), key), axis=0)
        p, c, lam, active, wigner, members = (
            value[order, columns] for value in (p, c, lam, active, wigner, members)
        )
        if not merging:
            break
        for j in range(1, k):
            apart = np.abs((p[j] - p[j - 1]).hi)
            same = active[j] & active[j - 1] & (apart <= SAME * np.abs(p.hi[j]))
            if same.any():
                # the merged weight moves up, so that a third equal pole finds it
                for value in (c, lam):
                    value[j] = (value[j] + value[j - 1]).where(same, value[j])
                wigner[j] |= same & wigner[j - 1]
                members[j] |= np.where(same, members[j - 1], 0)
                active[j - 1] &= ~same
    last = np.maximum(active.sum(axis=0) - 1, 0)
    p = p.where(active, p[last, columns].where(active.any(axis=0), 1.0))
    return given._replace(
        poles=p,
        weights=c.where(active, 0.0),
        rates=lam.where(active & ~wigner, 0.0),
        active=active,
        wigner=wigner & active,
        members=np.where(active, members, 0),
    )
