"""Single-hidden-layer ReLU networks small enough for exact arithmetic: derivatives of (1) and (2) themselves.

Within one pattern of active units the outputs are polynomials in the weights, so first and second derivatives
of the outputs and of the loss are found by differentiating, never through a formula for them. Parameters
are ordered as W1 row by row, then W2 row by row; outputs as (i, mu), i first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from flint import nmod_mat

PRIME = 2**61 - 1


@dataclass(frozen=True)
class Network:
    """Weights W1 (n1 x n0) and W2 (n2 x n1), inputs x (n0 x m) and targets y (n2 x m), all rational.

    Raises `ValueError` where an activation is exactly 0, for the derivative does not exist there.
    """

    first: sp.ImmutableMatrix
    second: sp.ImmutableMatrix
    inputs: sp.ImmutableMatrix
    targets: sp.ImmutableMatrix

    def __post_init__(self) -> None:
        if any(value == 0 for value in self.first * self.inputs):
            raise ValueError("a hidden unit sits exactly on the kink of the ReLU")

    @property
    def examples(self) -> int:
        """m."""
        return int(self.inputs.cols)

    @cached_property
    def mask(self) -> sp.ImmutableMatrix:
        """theta(z1), n1 x m: 1 where a unit is active."""
        return (self.first * self.inputs).applyfunc(lambda value: sp.Integer(1 if value > 0 else 0))

    @cached_property
    def parameters(self) -> tuple[list[sp.Symbol], list[sp.Symbol]]:
        """A symbol for each entry of W1 and of W2."""
        (n1, n0), n2 = self.first.shape, self.second.rows
        w1 = [sp.Symbol(f"w1_{a}_{b}") for a in range(n1) for b in range(n0)]
        w2 = [sp.Symbol(f"w2_{c}_{d}") for c in range(n2) for d in range(n1)]
        return w1, w2

    @cached_property
    def point(self) -> dict[sp.Symbol, sp.Rational]:
        """The values of the parameters."""
        w1, w2 = self.parameters
        return dict(zip((*w1, *w2), (*self.first, *self.second), strict=True))

    @cached_property
    def outputs(self) -> sp.ImmutableMatrix:
        """y_hat of (1), n2 x m, as polynomials in the parameters, valid near the weights."""
        w1, w2 = self.parameters
        first = sp.Matrix(self.first.rows, self.first.cols, w1)
        second = sp.Matrix(self.second.rows, self.second.cols, w2)
        hidden = sp.hadamard_product(sp.Matrix(self.mask), first * self.inputs)
        return sp.ImmutableMatrix(second * hidden.doit())

    @cached_property
    def residuals(self) -> sp.ImmutableMatrix:
        """e = y_hat - y at the weights, n2 x m."""
        return self.outputs.subs(self.point) - self.targets

    def hessian(self) -> sp.Matrix:
        """Second derivatives of the loss (2) at the weights."""
        names = [*self.parameters[0], *self.parameters[1]]
        squares = [(y_hat - y) ** 2 for y_hat, y in zip(self.outputs, self.targets, strict=True)]
        loss = sp.Poly(sum(squares) / (2 * self.examples), *names)
        slopes = [loss.diff(name) for name in names]
        values = [self.point[name] for name in names]
        return sp.Matrix(len(names), len(names), lambda i, j: slopes[i].diff(names[j]).eval(values))

    def jacobian(self) -> sp.Matrix:
        """J: a row for each parameter, a column for each output (i, mu), at the weights."""
        names = [*self.parameters[0], *self.parameters[1]]
        return sp.Matrix(
            len(names),
            len(self.outputs),
            lambda i, j: sp.diff(self.outputs[j], names[i]).subs(self.point),
        )

    @cached_property
    def second_part(self) -> sp.Matrix:
        """H1 = H - J J'/m: what the Hessian of the loss has beyond H0."""
        jacobian = self.jacobian()
        return self.hessian() - jacobian * jacobian.T / self.examples

    @cached_property
    def off_diagonal(self) -> sp.Matrix:
        """H12: the rows of H1 that belong to W1, the columns that belong to W2."""
        size = len(self.parameters[0])
        return self.second_part[:size, size:]


def rational_network(n0: int, n1: int, n2: int, m: int, *, shared: bool = False) -> Network:
    """A network with small fixed rational entries, no two alike.

    shared: every unit is active on the same half of the examples (positive W1, inputs of one sign).
    """
    numbers = _numbers()
    first, second, inputs, targets = (
        sp.ImmutableMatrix(rows, columns, lambda i, j: next(numbers))
        for rows, columns in ((n1, n0), (n2, n1), (n0, m), (n2, m))
    )
    if shared:
        first = first.applyfunc(abs)
        inputs = sp.ImmutableMatrix(n0, m, lambda b, mu: abs(inputs[b, mu]) * (1 if mu < m // 2 else -1))
    return Network(first, second, inputs, targets)


def _numbers() -> Iterator[sp.Rational]:
    """(37 k^2 mod 101 - 50)/7 + 1/k for k = 2, 3, ...: distinct, of both signs, without structure."""
    k = 1
    while True:
        k += 1
        yield sp.Rational((k * k * 37 % 101) - 50, 7) + sp.Rational(1, k)


def rank_modulo_prime(rows: list[list[int]], prime: int = PRIME) -> int:
    """Rank of an integer matrix over a finite field: a proved lower bound of its rank over the rationals."""
    entries = [value % prime for row in rows for value in row]
    return int(nmod_mat(len(rows), len(rows[0]), entries, prime).rank())


def evaluate(formula: sp.Expr, tables: dict[str, Any], numbers: dict[sp.Symbol, Any]) -> sp.Expr:
    """The value of a formula in indexed quantities, its sums carried out; indices count from 1.

    tables: a matrix for each `IndexedBase` by name. numbers: values of the free indices and sizes.
    """
    value = sp.sympify(formula).subs(numbers).doit()
    entries = {}
    for entry in sorted(value.atoms(sp.Indexed), key=str):
        if not all(sp.sympify(i).is_Integer for i in entry.indices):
            raise ValueError(f"{entry} does not exist: its indices are no whole numbers")
        place = tuple(int(i) - 1 for i in entry.indices)
        table = tables[str(entry.base.label)]
        if any(not 0 <= i < size for i, size in zip(place, table.shape, strict=True)):
            raise ValueError(f"{entry} does not exist: the table is {table.shape[0]} x {table.shape[1]}")
        entries[entry] = table[place]
    return sp.sympify(value.xreplace(entries))
