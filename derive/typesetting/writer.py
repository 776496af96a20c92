"""What LaTeX and Unicode text have in common: the shape of a formula, and where it may be broken.

A formula becomes an `Ink`: pieces of text with estimated widths. Every piece but the first may
begin a new row, the better the less deep in brackets it stands; `rows` breaks an ink that is too
wide. Fractions and roots are one piece and never broken, so a fraction too wide for a line is
written as a product.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanAtom, Not, Or

from .order import Factors, Term, arranged, common_denominator, factors, signed, symbol_key

SUM, PRODUCT, POWER, ATOM = range(4)
"""How tightly an ink binds."""

WIDEST = 40.0
"""A numerator or a root wider than this is written beside the bar, or as a power."""


SHORT = 24.0
"""What is narrower than this inside brackets is not broken."""


TAIL = 5.0
"""A last piece narrower than this, such as "= 0", may stick out rather than stand alone."""


@dataclass(frozen=True)
class Piece:
    """Text that is never broken, its width in characters, and how deep in brackets it begins."""

    text: str
    width: float
    depth: int = 0


@dataclass(frozen=True)
class Ink:
    """A written formula."""

    pieces: tuple[Piece, ...]
    binding: int = ATOM

    @property
    def text(self) -> str:
        """All on one line."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def width(self) -> float:
        """Estimated width in characters."""
        return sum(piece.width for piece in self.pieces)

    def deeper(self) -> Ink:
        """The same, inside one more pair of brackets; short brackets are not worth a break."""
        if self.width < SHORT:
            return Ink((Piece(self.text, self.width, self.pieces[0].depth + 1),), self.binding)
        return Ink(tuple(Piece(p.text, p.width, p.depth + 1) for p in self.pieces), self.binding)


def join(inks: Sequence[Ink], binding: int, *, breaks: bool = False) -> Ink:
    """Inks in a row; a break before each is allowed only where `breaks` says so."""
    pieces: list[Piece] = []
    for ink in inks:
        first, *rest = ink.pieces
        if pieces and not breaks:
            last = pieces.pop()
            first = Piece(last.text + first.text, last.width + first.width, last.depth)
        pieces += [first, *rest]
    return Ink(tuple(pieces), binding)


def rows(ink: Ink, width: float) -> list[str]:
    """The formula in rows at most `width` wide where that is possible, broken outside brackets first."""
    pieces, found = list(ink.pieces), []
    while pieces:
        if pieces[-1].width < TAIL and sum(piece.width for piece in pieces) <= width + TAIL:
            found.append("".join(piece.text for piece in pieces))
            break
        used, fit = 0.0, 0
        while fit < len(pieces) and (used + pieces[fit].width <= width or fit == 0):
            used += pieces[fit].width
            fit += 1
        if fit < len(pieces):
            # Break at the shallowest place in the second half of the row, the latest of those.
            half, reach = 0.0, []
            for i in range(1, fit + 1):
                half += pieces[i - 1].width
                if half >= width / 3 or i == fit:
                    reach.append(i)
            fit = min(reach, key=lambda i: (pieces[i].depth, -i))
        found.append("".join(piece.text for piece in pieces[:fit]))
        pieces = pieces[fit:]
    return found


class Writer(ABC):
    """Writes SymPy expressions; what a fraction or a root looks like is the subclass's."""

    minus: str
    plus: str
    space: str
    times: str
    gap: float = 0.3
    widest: float = WIDEST

    @abstractmethod
    def symbol(self, symbol: sp.Symbol) -> Ink: ...

    @abstractmethod
    def integer(self, value: int) -> Ink: ...

    @abstractmethod
    def constant(self, value: sp.Basic) -> Ink: ...

    @abstractmethod
    def fraction(self, above: Ink, below: Ink) -> Ink: ...

    @abstractmethod
    def root(self, inside: Ink) -> Ink: ...

    @abstractmethod
    def power(self, base: Ink, exponent: Ink) -> Ink: ...

    @abstractmethod
    def bracket(self, inside: Ink) -> Ink: ...

    @abstractmethod
    def relation(self, operator: str) -> Ink: ...

    @abstractmethod
    def call(self, name: str, arguments: Sequence[Ink], *, known: bool) -> Ink: ...

    @abstractmethod
    def words(self, text: str) -> Ink: ...

    @abstractmethod
    def cases(self, branches: Sequence[tuple[Ink, Ink]]) -> Ink: ...

    @abstractmethod
    def integral(self, body: Ink, variable: Ink, low: Ink | None, high: Ink | None) -> Ink: ...

    @abstractmethod
    def summation(self, body: Ink, variable: Ink, low: Ink, high: Ink) -> Ink: ...

    @abstractmethod
    def derivative(self, body: Ink, variables: Sequence[tuple[Ink, int]], *, partial: bool) -> Ink: ...

    @abstractmethod
    def limit(self, body: Ink, variable: Ink, place: Ink) -> Ink: ...

    @abstractmethod
    def other(self, expression: sp.Basic) -> Ink: ...

    def write(self, expression: sp.Basic) -> Ink:
        """Any expression or relation."""
        match expression:
            case sp.Symbol():
                return self.symbol(expression)
            case sp.Integer():
                return self._integer(int(expression))
            case sp.Add():
                return self.sum(expression.args)
            case sp.Rational() | sp.Mul():
                return self.product(expression)
            case sp.Pow():
                return self._pow(expression)
            case Relational():
                left, right = expression.args
                if isinstance(expression, sp.Ne) and left.is_number and not right.is_number:
                    left, right = right, left
                return self.chain([left, right], [expression.rel_op])
            case AppliedUndef():
                name = self.symbol(sp.Symbol(expression.func.__name__)).text
                return self.call(name, [self.write(a) for a in expression.args], known=False)
            case sp.exp():
                return self.power(self.constant(sp.E), self.write(expression.args[0]))
            case sp.Function() if not isinstance(expression, sp.Piecewise):
                return self.call(
                    type(expression).__name__, [self.write(a) for a in expression.args], known=True
                )
            case _:
                return self._rarer(expression)

    def chain(self, sides: Sequence[sp.Basic], operators: Sequence[str]) -> Ink:
        """a = b = c."""
        inks = [self.write(sides[0])]
        for operator, side in zip(operators, sides[1:], strict=True):
            inks.append(join([self.relation(operator), self.write(side)], SUM))
        return join(inks, SUM, breaks=True)

    def sum(self, terms: Sequence[sp.Expr]) -> Ink:
        """A sum of terms in printing order; a row may begin at each sign."""
        under = common_denominator(terms)
        if under > 1:
            whole = self.sum([under * term for term in terms])
            if whole.width > self.widest:
                front = self.fraction(self._integer(1), self._integer(under))
                return self.juxtaposed([front, whole])
            return self.fraction(whole, self._integer(under))
        written: list[Ink] = []
        for i, term in enumerate(arranged(terms)):
            ink = self._term(term)
            if i or term.sign < 0:
                sign = (self.minus if term.sign < 0 else self.plus) if i else self.minus.strip()
                ink = join([Ink((Piece(sign, 3.0 if i else 1.5),)), ink], SUM)
            written.append(ink)
        return join(written, SUM, breaks=True)

    def _term(self, term: Term) -> Ink:
        if not term.inner:
            return self.product(term.content if term.power == 1 else sp.Mul(term.content, term.power))
        parts = [self.write(part) for part in (term.content, term.power) if part != 1]
        if term.content != 1:
            parts[0] = self.product(term.content)
        return self._side(parts, self.bracket(self.sum(term.inner)), 0 if term.content == 1 else 1)

    def _side(self, parts: list[Ink], bracketed: Ink, place: int) -> Ink:
        parts.insert(place, bracketed)
        return self.juxtaposed(parts)

    def juxtaposed(self, parts: Sequence[Ink]) -> Ink:
        """A product without a bar; sums among its factors are bracketed."""
        if not parts:
            return self._integer(1)
        if len(parts) == 1:
            return parts[0]
        space, times = Ink((Piece(self.space, self.gap),)), Ink((Piece(self.times, 1.5),))
        spaced: list[Ink] = []
        for i, part in enumerate(parts):
            closed = self.bracket(part) if part.binding == SUM else part
            if i:
                spaced.append(times if closed.text[:1].isdigit() else space)
            spaced.append(closed)
        return join(spaced, PRODUCT)

    def product(self, expression: sp.Expr) -> Ink:
        """A product, its bar and its sign."""
        lead = signed(expression)
        if isinstance(lead.content, sp.Add):  # a number times a lone sum: its sign belongs to the terms
            return self.sum([lead.sign * term for term in lead.content.args])
        if lead.sign < 0:
            turned = _turned(lead.content)
            if turned is not None:
                return self.product(turned)
            return join([Ink((Piece(self.minus.strip(), 1.5),)), self.product(lead.content)], SUM)
        number, above, below = _gather_roots(factors(lead.content))
        top = [self.write(factor) for factor in above]
        bottom = [self.write(factor) for factor in below]
        if number.q != 1:
            bottom.insert(0, self._integer(number.q))
        whole = self._numbered(number.p, top)
        if not bottom:
            return whole
        # A short denominator is not wrapped in brackets by the bar, a wide numerator follows it.
        if whole.width > self.widest:
            front = self._bar(self._integer(number.p), bottom)
            return self.juxtaposed([front, *top])
        return self._bar(whole, bottom)

    def _bar(self, above: Ink, bottom: list[Ink]) -> Ink:
        below = self.juxtaposed(bottom) if len(bottom) > 1 else bottom[0]
        if below.width > 1.5 * self.widest:
            inverse = self.power(self._grouped(below), self.write(sp.Integer(-1)))
            return inverse if above.text == "1" else self.juxtaposed([above, inverse])
        return self.fraction(above, below)

    def _numbered(self, number: int, parts: list[Ink]) -> Ink:
        if number != 1 or not parts:
            parts = [self._integer(number), *parts]
        return self.juxtaposed(parts)

    def _after_comma(self, ink: Ink) -> Ink:
        return join([Ink((Piece(", ", 1.5),)), ink], SUM)

    def _grouped(self, ink: Ink) -> Ink:
        return self.bracket(ink) if ink.binding < ATOM else ink

    def _integer(self, value: int) -> Ink:
        if value < 0:
            return join([Ink((Piece(self.minus.strip(), 1.5),)), self.integer(-value)], SUM)
        return self.integer(value)

    def _pow(self, expression: sp.Pow) -> Ink:
        base, exponent = expression.args
        if isinstance(exponent, sp.Rational) and exponent.is_negative:
            return self.product(expression)
        inside = self.write(base)
        if exponent == sp.S.Half and inside.width <= self.widest:
            return self.root(inside)
        return self.power(self._grouped(inside), self.write(exponent))

    def _rarer(self, expression: sp.Basic) -> Ink:
        match expression:
            case sp.Piecewise():
                branches = [
                    (self.write(value), self.words("otherwise") if where == sp.true else self.write(where))
                    for value, where in expression.args
                ]
                return self.cases(branches)
            case sp.Integral() if len(expression.limits) == 1:
                variable, *ends = (self.write(part) for part in expression.limits[0])
                low, high = ends if len(ends) == 2 else (None, None)
                return self.integral(self.write(expression.function), variable, low, high)
            case sp.Sum() if len(expression.limits) == 1:
                variable, low, high = (self.write(part) for part in expression.limits[0])
                return self.summation(self.write(expression.function), variable, low, high)
            case sp.Tuple() if expression.args:
                parts = [self.write(part) for part in expression.args]
                return self.bracket(join([parts[0], *(self._after_comma(part) for part in parts[1:])], SUM))
            case sp.Limit():
                body, variable, place, _ = expression.args
                return self.limit(self.write(body), self.write(variable), self.write(place))
            case sp.Max() | sp.Min():
                inks = sorted((self.write(a) for a in expression.args), key=lambda ink: (ink.width, ink.text))
                return self.call(type(expression).__name__, inks, known=True)
            case sp.Derivative():
                counts = [(self.write(variable), int(count)) for variable, count in expression.variable_count]
                # Of a function of this variable alone it is an ordinary derivative.
                body = expression.expr
                ordinary = not isinstance(body, AppliedUndef) or body.args == expression.variables[:1]
                return self.derivative(self.write(body), counts, partial=not ordinary)
            case sp.Order():
                return self.call("O", [self.write(expression.expr)], known=False)
            case And() | Or():
                word = ", " if isinstance(expression, And) else " or "
                parts = sorted((self.write(a) for a in expression.args), key=lambda ink: ink.text)
                inks = [parts[0]]
                for part in parts[1:]:
                    inks.append(join([self.words(word), part], SUM))
                return join(inks, SUM, breaks=True)
            case Not():
                return join([self.words("not "), self.write(expression.args[0])], SUM)
            case BooleanAtom():
                return self.words("true" if expression == sp.true else "false")
            case Boolean():
                return self.other(expression)
            case _ if isinstance(expression, sp.Poly):
                return self.write(expression.as_expr())
            case _ if not expression.args:
                return self.constant(expression)
            case _:
                return self.other(expression)


def _turned(product: sp.Expr) -> sp.Expr | None:
    """Minus the product, its sign hidden in a denominator that can take it: -a/(b - 2) is a/(2 - b)."""
    for factor in factors(product).below:
        base, exponent = factor.as_base_exp()
        if isinstance(base, sp.Add) and exponent == 1:
            terms = [-term for term in base.args]
            if arranged(terms)[0].sign > 0:
                return sp.Mul(product, base, sp.Pow(sp.Add(*terms), -1))
    return None


def _gather_roots(split: Factors) -> tuple[sp.Rational, list[sp.Expr], list[sp.Expr]]:
    """sqrt(2) sqrt(eps) / 2 is printed as sqrt(eps / 2): one root for numbers and positive symbols."""
    number, above, below = split.coefficient, list(split.above), list(split.below)
    exponents = {f.exp for f in above if isinstance(f, sp.Pow) and isinstance(f.exp, sp.Rational)}
    for exponent in sorted(e for e in exponents if e.q > 1 and 0 < e < 1):
        over = [f.base for f in above if _rooted(f, exponent)]
        under = [f.base for f in below if _rooted(f, exponent)]
        surd = next((base for base in over if base.is_Integer), sp.S.One)
        fold = surd if exponent == sp.S.Half and surd > 1 and number.q % surd == 0 else sp.S.One
        if not over or len(over) + len(under) < 2:
            continue
        top = sp.Mul(*(base for base in over if fold == 1 or base != surd))
        bottom = sp.Mul(fold, *under)
        inside = top if bottom == 1 else sp.Mul(top, sp.Pow(bottom, -1, evaluate=False), evaluate=False)
        number *= fold
        above = [f for f in above if not _rooted(f, exponent)]
        below = [f for f in below if not _rooted(f, exponent)]
        place = sum(1 for f in above if f.is_number or (f.is_Symbol and symbol_key(f)[0] == 0))
        above.insert(place, sp.Pow(inside, exponent, evaluate=False))
    return number, above, below


def _rooted(factor: sp.Expr, exponent: sp.Rational) -> bool:
    if not isinstance(factor, sp.Pow) or factor.exp != exponent:
        return False
    return bool(factor.base.is_Integer or (factor.base.is_Symbol and factor.base.is_positive))
