"""The expression language: random-matrix ensembles and what can be done to them.

An expression is a tree of frozen nodes. Each occurrence of an ensemble is a fresh copy, free of
all others: `A + A` is not `2 * A`. `+` adds freely, `@` multiplies freely, `*` scales,
`+ number` shifts. Rectangular factors are a type of their own: their rows and columns count in
units of N, the size of the square matrix that the expression stands for, and only `Gram` and
`Hermitised` turn them into square ensembles.

The readings of a tree (transforms, matrices, LaTeX) are functions dispatched on the node type;
a node knows its data and checks them, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import singledispatch
from typing import Any

import sympy as sp

from ..algebra.plain import has_positive_term, identical, is_rational


def exact_expression(value: Any, what: str) -> sp.Expr:
    """A real number or an expression in parameters, exact; text may spell a number, as "1/10"."""
    try:
        expression = sp.nsimplify(value, rational=True) if isinstance(value, float) else sp.sympify(value)
    except (sp.SympifyError, TypeError) as error:
        raise TypeError(f"{what} must be a number or an expression in parameters, got {value!r}") from error
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"{what} must be a number or an expression in parameters, got {value!r}")
    if isinstance(value, str) and expression.free_symbols:
        raise TypeError(
            f"{what} must be a number or an expression in parameters, got the text {value!r}; "
            "use the Parameter itself, without quotes"
        )
    if is_rational(expression):
        return expression
    # decimals mean the fractions they spell, inside an expression too
    floats = expression.atoms(sp.Float)
    expression = expression.xreplace({f: sp.nsimplify(f, rational=True) for f in floats})
    if expression.is_finite is False or expression.is_extended_real is False:
        raise ValueError(f"{what} must be a finite real number, got {expression}")
    return expression


def positive_expression(value: Any, what: str) -> sp.Expr:
    """The same for what must be positive: refused where its terms' signs show that it is not.

    What the domain of the parameters decides, such as 1 - f, is left to the derivation.
    """
    expression = exact_expression(value, what)
    if not has_positive_term(expression) and expression.is_positive is False:
        raise ValueError(f"{what} must be positive, got {expression}")
    return expression


def _nonnegative(value: Any, what: str) -> sp.Expr:
    expression = exact_expression(value, what)
    if expression.is_negative is True:
        raise ValueError(f"{what} must not be negative, got {expression}")
    return expression


class Node:
    """Anything an expression is made of."""

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes directly below this one, in order."""
        found: list[Node] = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(item for item in value if isinstance(item, Node))
        return tuple(found)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """The parameters' symbols in the whole tree."""
        found: set[sp.Symbol] = set()
        for node in self.walk():
            for _, value in node.data:
                found |= {s for s in value.free_symbols if isinstance(s, sp.Symbol)}
        return found

    @property
    def data(self) -> tuple[tuple[str, sp.Expr], ...]:
        """The expressions of this node alone, each with the name of its field, in order."""
        found: list[tuple[str, sp.Expr]] = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            items = value if isinstance(value, tuple) else (value,)
            found.extend((field.name, item) for item in items if isinstance(item, sp.Expr))
        return tuple(found)


class Ensemble(Node):
    """A square self-adjoint random matrix of size N, in the limit of large N."""

    __array_ufunc__ = None

    def __add__(self, other: Any) -> Ensemble:
        if isinstance(other, Ensemble):
            return FreeSum(_flatten(FreeSum, self, other))
        if isinstance(other, Node):
            raise TypeError(
                f"cannot add the rectangular {type(other).__name__} to a square ensemble; "
                "make it square by Gram(...) or Hermitised(...)"
            )
        return Shifted(self, other)

    def __radd__(self, other: Any) -> Ensemble:
        return Shifted(self, other)

    def __sub__(self, other: Any) -> Ensemble:
        return self + (-1 * other if isinstance(other, Ensemble) else -sp.sympify(other))

    def __rsub__(self, other: Any) -> Ensemble:
        return -1 * self + other

    def __neg__(self) -> Ensemble:
        return Scaled(self, -1)

    def __mul__(self, other: Any) -> Ensemble:
        if isinstance(other, Node):
            raise TypeError("'*' scales by a number; write '@' for the free product of two ensembles")
        return Scaled(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Ensemble:
        return Scaled(self, 1 / sp.sympify(other))

    def __matmul__(self, other: Any) -> Ensemble:
        if not isinstance(other, Ensemble):
            raise TypeError(f"'@' multiplies two ensembles, got {other!r} on the right")
        return FreeProduct(_flatten(FreeProduct, self, other))

    def __pow__(self, power: Any) -> Ensemble:
        if not isinstance(power, (int, sp.Integer)) or isinstance(power, bool) or power == 0:
            raise TypeError(
                f"the power of an ensemble must be an integer other than 0, got {power!r}; "
                "free_power takes real exponents, but adds free copies"
            )
        base = self if power > 0 else self.inverse()
        return base.apply(lambda x: x ** abs(int(power)))

    def inverse(self) -> Ensemble:
        """The inverse matrix."""
        from .operations import Inverse

        return self.ensemble if isinstance(self, Inverse) else Inverse(self)

    def apply(self, polynomial: Callable[[Any], Any]) -> Ensemble:
        """A polynomial of this one matrix: `A.apply(lambda x: x**2 - x)`."""
        from .operations import Image

        variable = sp.Dummy("x")
        try:
            coefficients = sp.Poly(polynomial(variable), variable).all_coeffs()[::-1]
        except sp.PolynomialError as error:
            raise ValueError(f"apply wants a polynomial in the matrix, got {polynomial(variable)}") from error
        if len(coefficients) > 2:
            return Image(self, tuple(coefficients))
        if len(coefficients) < 2:
            raise ValueError(f"the polynomial {polynomial(variable)} is constant and has no density")
        scaled = self if coefficients[1] == 1 else Scaled(self, coefficients[1])
        return scaled if coefficients[0] == 0 else Shifted(scaled, coefficients[0])

    def moebius(self, a: Any, b: Any, c: Any, d: Any) -> Ensemble:
        """(a A + b) (c A + d)^(-1), with a d - b c not 0; c A + d must be invertible."""
        a, b, c, d = (exact_expression(value, "coefficient of moebius") for value in (a, b, c, d))
        determinant = sp.cancel(a * d - b * c)
        if determinant == 0:
            raise ValueError(f"a d - b c must not be 0, got {a}*{d} - {b}*{c}")
        if c == 0:
            return self.apply(lambda x: (a * x + b) / d)
        inverse = self.apply(lambda x: c * x + d).inverse()
        return inverse.apply(lambda x: a / c - determinant / c * x)

    def free_power(self, exponent: Any) -> Ensemble:
        """The sum of `exponent` free copies, for any real exponent >= 1."""
        from .operations import FreePower

        return FreePower(self, exponent)

    def compression(self, fraction: Any) -> Ensemble:
        """The corner that keeps this fraction of the rows, of a matrix in generic position."""
        from .operations import Compression

        return Compression(self, fraction)


def _flatten(kind: type[FreeSum] | type[FreeProduct], *items: Ensemble) -> tuple[Ensemble, ...]:
    parts: list[Ensemble] = []
    for item in items:
        if isinstance(item, (FreeSum, FreeProduct)) and type(item) is kind:
            parts.extend(item.parts)
        else:
            parts.append(item)
    return tuple(parts)


@dataclass(frozen=True)
class Wigner(Ensemble):
    """Wigner matrix with off-diagonal entries of the given variance over N; semicircle law.

    variance: second moment of the limiting law (the semicircle has radius 2 sqrt(variance)).
    """

    variance: Any = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "variance", _nonnegative(self.variance, "variance of Wigner"))


@dataclass(frozen=True)
class Wishart(Ensemble):
    """Wishart matrix scale * X X' / p, X of N x p independent entries of variance 1.

    ratio: N / p, in the limit; the law is Marchenko-Pastur, with an atom at 0 where ratio > 1.
    scale: mean of the limiting law.
    """

    ratio: Any
    scale: Any = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratio", positive_expression(self.ratio, "ratio of Wishart"))
        object.__setattr__(self, "scale", positive_expression(self.scale, "scale of Wishart"))


@dataclass(frozen=True)
class FreeSum(Ensemble):
    """Sum of free copies."""

    parts: tuple[Ensemble, ...]


@dataclass(frozen=True)
class FreeProduct(Ensemble):
    """Product of free copies, A^(1/2) B A^(1/2); all factors but one must be nonnegative, or nonpositive.

    A nonpositive factor enters as -(-A): of two of them the signs cancel.
    """

    parts: tuple[Ensemble, ...]


@dataclass(frozen=True)
class Scaled(Ensemble):
    """The ensemble times a real number other than 0."""

    ensemble: Ensemble
    factor: Any

    def __post_init__(self) -> None:
        factor = exact_expression(self.factor, "factor of a scaled ensemble")
        if factor.is_zero:
            raise ValueError("an ensemble scaled by 0 has no density; leave the term out")
        object.__setattr__(self, "factor", factor)


@dataclass(frozen=True)
class Shifted(Ensemble):
    """The ensemble plus a real multiple of the identity."""

    ensemble: Ensemble
    offset: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "offset", exact_expression(self.offset, "offset of a shifted ensemble"))


class Rectangular(Node):
    """A rectangular random matrix of (rows N) x (columns N)."""

    rows: Any
    columns: Any

    def __matmul__(self, other: Any) -> Rectangular:
        if not isinstance(other, Rectangular):
            raise TypeError(f"'@' multiplies two rectangular factors here, got {other!r} on the right")
        left = self.factors if isinstance(self, RectangularProduct) else (self,)
        right = other.factors if isinstance(other, RectangularProduct) else (other,)
        return RectangularProduct((*left, *right))

    def __add__(self, other: Any) -> Rectangular:
        from .rectangles import added

        if not isinstance(other, Rectangular):
            raise TypeError(
                f"'+' adds two rectangular matrices of one shape here, got {other!r} on the right"
            )
        return added(self, other)

    @property
    def T(self) -> Rectangular:
        """The transpose."""
        from .rectangles import transposed

        return transposed(self)

    def __mul__(self, other: Any) -> Rectangular:
        if isinstance(other, Node):
            raise TypeError("'*' scales by a number; write '@' for the product of two rectangular matrices")
        return scaled_factor(self, exact_expression(other, "factor of a rectangular matrix"))

    __rmul__ = __mul__


@dataclass(frozen=True)
class Gaussian(Rectangular):
    """Rectangular matrix of independent centred Gaussian entries of the given variance over N.

    rows, columns: the shape in units of N.
    variance: N times the variance of an entry.
    """

    rows: Any
    columns: Any
    variance: Any = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", positive_expression(self.rows, "rows of Gaussian"))
        object.__setattr__(self, "columns", positive_expression(self.columns, "columns of Gaussian"))
        object.__setattr__(self, "variance", _nonnegative(self.variance, "variance of Gaussian"))


@dataclass(frozen=True)
class RectangularProduct(Rectangular):
    """Product of rectangular factors, all independent."""

    factors: tuple[Rectangular, ...]

    def __post_init__(self) -> None:
        for left, right in zip(self.factors[:-1], self.factors[1:], strict=True):
            if not identical(left.columns, right.rows):
                raise ValueError(
                    f"factors do not fit: {left.columns} columns (in units of N) on the left of "
                    f"{right.rows} rows; make them equal"
                )

    @property
    def rows(self) -> sp.Expr:
        return self.factors[0].rows

    @property
    def columns(self) -> sp.Expr:
        return self.factors[-1].columns


@dataclass(frozen=True)
class Gram(Ensemble):
    """F F' for a rectangular factor F of N rows."""

    factor: Rectangular

    def __post_init__(self) -> None:
        if not identical(self.factor.rows, 1):
            raise ValueError(
                f"Gram(F) is F F', N x N, so the rows of F must be 1 (in units of N), got {self.factor.rows}"
            )


@dataclass(frozen=True)
class Hermitised(Ensemble):
    """The block matrix ((0, F), (F', 0)) for a rectangular factor F with rows + columns = N."""

    factor: Rectangular

    def __post_init__(self) -> None:
        if not identical(self.factor.rows + self.factor.columns, 1):
            raise ValueError(
                "Hermitised(F) is N x N, so rows + columns of F must be 1 (in units of N), "
                f"got {self.factor.rows} + {self.factor.columns}"
            )


@singledispatch
def scaled_factor(node: Rectangular, factor: sp.Expr) -> Rectangular:
    """A rectangular matrix times a number, which its data take in."""
    raise TypeError(f"it is not known how {type(node).__name__} takes a factor; register it")


@scaled_factor.register
def _(node: Gaussian, factor: sp.Expr) -> Rectangular:
    return Gaussian(node.rows, node.columns, node.variance * factor**2)


@scaled_factor.register
def _(node: RectangularProduct, factor: sp.Expr) -> Rectangular:
    return RectangularProduct((scaled_factor(node.factors[0], factor), *node.factors[1:]))
