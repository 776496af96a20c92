"""One task of a soak: its laws, its points, and the errors of every function and path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import generated

from .. import accuracy
from ..accuracy import FUNCTIONS, Function, Reference, reference
from ..adversaries import Drawn, Laws, Points
from ..precise import Law
from .tally import KEPT, Bad, Tally

SHARE = {"x": 1.0, "z": 0.25, "q": 0.125}
FROM_EDGE = np.dtype([("edge", float), ("distance", float)])


@dataclass(frozen=True)
class Size:
    """How much a task holds: a few laws with many points each, or many laws with one point each."""

    points_a_law: int = 384
    laws: int = 4
    laws_with_one_point: int = 192


class Task:
    """The laws and points of one task, and their errors."""

    def __init__(
        self, model: str, seed: int, number: int, functions: Sequence[str], size: Size | None = None
    ) -> None:
        self.size = size or Size()
        self.model, self.functions = model, [FUNCTIONS[name] for name in functions]
        self.rng = np.random.default_rng([seed, sorted(generated.MODELS).index(model), number])
        self.many_laws = number % 4 == 3
        self.laws = Laws(model)
        self.tally = Tally()

    def run(self) -> Tally:
        """Errors of every function, path and region."""
        count = self.size.laws_with_one_point if self.many_laws else self.size.laws
        draws = self.laws.draw(self.rng)
        drawn = [next(draws) for _ in range(count)]
        laws = [Law(self.model, **d.values) for d in drawn]
        of_points = [f for f in self.functions if f.argument]
        self._shapes(drawn, laws, [f for f in self.functions if not f.argument])
        for argument in ("x", "z", "q"):
            functions = [f for f in of_points if f.argument == argument]
            if functions:
                self._points(argument, functions, drawn, laws)
        return self.tally

    def _points(self, argument: str, functions: list[Function], drawn: list[Drawn], laws: list[Law]) -> None:
        number = max(1, int(SHARE[argument] * (1 if self.many_laws else self.size.points_a_law)))
        rows, points, names = [], [], []
        for i, law in enumerate(laws):
            if self.many_laws and argument != "x" and self.rng.random() > SHARE[argument]:
                continue
            found = Points(law)
            make = {"x": found.real, "z": found.complex, "q": found.levels_near}[argument]
            some, regions = make(self.rng, number)
            rows += [i] * number
            points.append(some)
            names += [f"{drawn[i].region} | {region}" for region in regions]
        if not rows:
            return
        which, where = np.array(rows), np.concatenate(points)
        exact = None if argument == "q" else self._references(functions, laws, which, where)
        for function in functions:
            for path in function.paths:
                if path != "array" and self.many_laws:  # preparing laws one by one would be all the time
                    continue
                if path == "array" and not self.many_laws:
                    chosen = np.arange(0, which.size, 12)
                else:
                    chosen = np.arange(which.size)
                rows_of = [drawn[i].values for i in which[chosen]]
                got = evaluated(self.laws.module, function.name, path, rows_of, where[chosen])
                if exact is None:
                    errors = self._errors_of_laws(function, laws, which[chosen], where[chosen], got)
                else:
                    errors = function.error(got, exact[function.name].take(chosen))
                self._keep(
                    function,
                    path,
                    drawn,
                    which[chosen],
                    where[chosen],
                    [names[i] for i in chosen],
                    got,
                    errors,
                )

    def _references(
        self, functions: list[Function], laws: list[Law], which: Any, where: Any
    ) -> dict[str, Reference]:
        balls: dict[str, list[Any]] = {f.name: [] for f in functions}
        for i, point in zip(which.tolist(), where.tolist(), strict=True):
            for f in functions:
                balls[f.name].append(f.certified(laws[i], point, accuracy.REFERENCE_BITS))
        return {name: reference(values) for name, values in balls.items()}

    def _errors_of_laws(self, function: Function, laws: list[Law], which: Any, points: Any, got: Any) -> Any:
        assert function.of_law is not None
        errors = np.empty(points.shape)
        for i in np.unique(which):
            mask = which == i
            errors[mask] = function.of_law(laws[i], points[mask], got[mask])
        return errors

    def _shapes(self, drawn: list[Drawn], laws: list[Law], functions: list[Function]) -> None:
        for function in functions:
            name = function.name
            call: Any = getattr(self.laws.module, name, None)
            if name == "critical_energy" and (call is None or self.many_laws):  # its certificate is slow
                continue
            names = [p.name for p in self.laws.module.PARAMETERS]
            if name == "critical_energy" and self.laws.energy is not None:
                names.remove(self.laws.energy.name)
            arguments = (accuracy.ORDER,) if name == "moments" else ()
            together = call(*arguments, *(np.array([d.values[key] for d in drawn]) for key in names))
            for i, (one, law) in enumerate(zip(drawn, laws, strict=True)):
                exact = reference(function.certified(law, accuracy.REFERENCE_BITS))
                for path in ("scalar", "array"):
                    if path == "scalar":
                        if self.many_laws:
                            continue
                        got = call(*arguments, *(one.values[key] for key in names))
                    else:
                        got = together[:, i] if name == "moments" else together[i]
                    got = np.atleast_1d(got).ravel()
                    if name == "support":
                        got = got[~np.isnan(got)]
                    if got.shape != exact.high.shape:  # a band missed or made up
                        got = np.full(exact.high.shape or (1,), np.nan)
                    errors = function.error(got, exact)
                    if name == "moments":  # as far as they can be represented
                        errors = np.where(np.isinf(exact.high), 0.0, errors)
                    self._keep(
                        function,
                        path,
                        drawn,
                        np.full(got.shape, i),
                        None,
                        [one.region] * got.size,
                        got,
                        errors,
                    )

    def _keep(
        self,
        function: Function,
        path: str,
        drawn: list[Drawn],
        which: Any,
        where: Any,
        names: Any,
        got: Any,
        errors: Any,
    ) -> None:
        names = np.array(names)
        for name in np.unique(names):
            mask = np.flatnonzero(names == name)
            bad = mask[np.argsort(-errors[mask], kind="stable")[:KEPT]]
            cases = [
                Bad(
                    error=float(errors[i]),
                    model=self.model,
                    function=function.name,
                    path=path,
                    region=str(name),
                    values=drawn[which[i]].values,
                    point=None if where is None else where[i].item(),
                    place=int(i),
                    got=repr(got[i].item()),
                )
                for i in bad
            ]
            self.tally.add((self.model, function.name, path, str(name)), mask.size, cases)


def evaluated(module: Any, name: str, path: str, laws: Sequence[dict[str, float]], points: Any) -> Any:
    """A function at one point of each of the laws, scalar, direct or array."""
    names = [p.name for p in module.PARAMETERS]
    if path == "array":
        return _one(getattr(module, name)(points, *(np.array([law[p] for law in laws]) for p in names)))
    dtypes = {
        "stieltjes": np.dtype(complex),
        "quantile_from_edge": FROM_EDGE,
        "upper_quantile_from_edge": FROM_EDGE,
    }
    result = np.empty(points.shape, dtypes.get(name, float))
    groups: dict[tuple[float, ...], list[int]] = {}
    for i, law in enumerate(laws):
        groups.setdefault(tuple(float(law[p]) for p in names), []).append(i)
    for values, index in groups.items():
        if path == "scalar":
            method = FUNCTIONS[name].method
            found = (
                getattr(module.law(*values), method)(points[index])
                if method
                else getattr(module, name)(points[index], *values)
            )
            result[index] = _one(found)
        else:
            family = module._FAMILY
            kernel = getattr(family.kernels, name)
            result[index] = _one(kernel(family.prepared(*values), np.ascontiguousarray(points[index])))
    return result


def _one(values: Any) -> Any:
    """What a function returned as one array."""
    if not isinstance(values, tuple):
        return values
    result = np.empty(values[0].shape, FROM_EDGE)
    result["edge"], result["distance"] = values
    return result


def points_a_task() -> float:
    """Points in a task, three of four with few laws and one with many."""
    size = Size()
    few = size.laws * sum(max(1, int(share * size.points_a_law)) for share in SHARE.values())
    return 0.75 * few + 0.25 * size.laws_with_one_point * sum(SHARE.values())
