"""Real roots of exact polynomials: discriminant, squarefree part, isolation and refinement in integers.

A polynomial in one variable is a list of integers, ascending. Parameters of a law are doubles, so
its coefficients are rational numbers; then every real branch point is isolated without rounding,
none is missed, and each is known to any precision. Standard library only.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, isqrt, lcm
from typing import Any

Integers = list[int]

MERSENNE = (61, 521, 2203, 9689, 44497)  # exponents of primes 2^k - 1


def integers(values: Sequence[Any]) -> Integers:
    """The primitive integer multiple of a polynomial with rational coefficients, ascending; zeros trimmed."""
    exact = [Fraction(value) for value in values]
    while exact and exact[-1] == 0:
        exact.pop()
    scale = lcm(*(value.denominator for value in exact)) if exact else 1
    return primitive([int(value * scale) for value in exact])


def primitive(p: Integers) -> Integers:
    """p divided by the greatest common divisor of its coefficients, without trailing zeros."""
    while p and p[-1] == 0:
        p = p[:-1]
    content = gcd(*p) if p else 1
    return [value // content for value in p] if content > 1 else list(p)


def derivative(p: Integers) -> Integers:
    """p'."""
    return [k * value for k, value in enumerate(p)][1:]


def evaluate(p: Sequence[Any], x: Any) -> Any:
    """p(x) by Horner's rule, in the arithmetic of x."""
    total: Any = 0
    for value in reversed(p):
        total = total * x + value
    return total


def symmetric_determinant(rows: list[Integers]) -> int | None:
    """Determinant of a symmetric matrix from the rows of its upper triangle; None if a minor vanishes."""
    last = 1
    while len(rows) > 1:
        (lead, *top), *others = rows
        if not lead:
            return None
        rows = [
            [(lead * a - top[i] * b) // last for a, b in zip(row, top[i:], strict=True)]
            for i, row in enumerate(others)
        ]
        last = lead
    return rows[0][0]


def determinant(rows: list[Integers]) -> int:
    """Determinant of a square matrix of integers, fraction-free (Bareiss)."""
    sign, last = 1, 1
    while len(rows) > 1:
        pivot = next((i for i, row in enumerate(rows) if row[0]), None)
        if pivot is None:
            return 0
        sign = -sign if pivot else sign
        rows[0], rows[pivot] = rows[pivot], rows[0]
        (lead, *top), *others = rows
        rows = [
            [(lead * a - row[0] * b) // last for a, b in zip(row[1:], top, strict=True)] for row in others
        ]
        last = lead
    return sign * rows[0][0]


def resultant_with_derivative(p: Integers) -> int:
    """Resultant of p and p' by Bezout's matrix, whose determinant is lead(p) times it up to a sign."""
    n, q = len(p) - 1, [*derivative(p), 0]
    rows = [[0] * (n + 1) for _ in range(n)]
    for i in range(n):
        for j in range(n):
            rows[i][j] = (rows[i - 1][j + 1] if i else 0) + p[j + 1] * q[i] - p[i] * q[j + 1]
    found = symmetric_determinant([row[i:n] for i, row in enumerate(rows)])
    if found is None:
        found = determinant([row[:n] for row in rows])
    found //= p[-1]
    return -found if n % 4 in (2, 3) else found


def discriminant(rows: Sequence[Sequence[Fraction]]) -> Integers:
    """Resultant in G of P = sum rows[i][j] G^i z^j and its derivative, up to a constant; a polynomial in z.

    It contains the leading coefficient in G as a factor, so that its real roots are all places where
    a branch can be singular or infinite. Evaluated at integers and interpolated, in integers: so are all
    divided differences of a polynomial with integer coefficients.
    """
    n, m = len(rows) - 1, len(rows[0]) - 1
    scale = lcm(*(value.denominator for row in rows for value in row))
    columns = [[int(value * scale) for value in row] for row in rows]
    wanted = (2 * n - 1) * m + 1
    places: list[int] = []
    values: list[int] = []
    k = 0
    while len(places) < wanted:
        x = (k + 1) // 2 if k % 2 else -(k // 2)
        k += 1
        p = [evaluate(row, x) for row in columns]
        if p[-1]:
            places.append(x)
            values.append(resultant_with_derivative(p) if n > 1 else p[-1])
    for step in range(1, wanted):
        for i in range(wanted - 1, step - 1, -1):
            values[i] = (values[i] - values[i - 1]) // (places[i] - places[i - step])
    total: Integers = [0]
    for place, value in zip(reversed(places), reversed(values), strict=True):
        total = [
            value - place * total[0],
            *(a - place * b for a, b in itertools.pairwise(total)),
            total[-1],
        ]
    return primitive(total)


def common_divisor(p: Integers, q: Integers) -> Integers:
    """Greatest common divisor of two integer polynomials, primitive.

    Found modulo a Mersenne prime, its coefficients over the leading one recognised as fractions: a divisor of
    both of that degree is the greatest. A larger prime is taken where none comes out.
    """
    p, q = primitive(p), primitive(q)
    if not p or not q:
        return p or q
    for exponent in MERSENNE:
        prime = (1 << exponent) - 1
        if p[-1] % prime and q[-1] % prime:
            found = recognised(_common_divisor_modulo(p, q, prime), prime)
            if found and divides(found, p) and divides(found, q):
                return found
    return _common_divisor_by_remainders(p, q)


def _common_divisor_modulo(p: Integers, q: Integers, prime: int) -> Integers:
    """The monic greatest common divisor modulo a prime that divides neither leading coefficient."""
    p, q = [value % prime for value in p], [value % prime for value in q]
    while True:
        inverse = pow(q[-1], -1, prime)
        q = [value * inverse % prime for value in q]
        for shift in range(len(p) - len(q), -1, -1):
            head = p.pop()
            if head:
                p[shift:] = [(a - head * b) % prime for a, b in zip(p[shift:], q, strict=False)]
        while p and not p[-1]:
            p.pop()
        if not p:
            return q
        p, q = q, p


def recognised(monic: Integers, prime: int) -> Integers:
    """The primitive integer polynomial proportional to one modulo a prime; [] if none is small enough."""
    bound, scale = isqrt(prime // 2), 1
    for value in reversed(monic):
        high, low, before, now = prime, value * scale % prime, 0, 1
        if prime - low <= bound:
            continue
        while low > bound:  # half of Euclid's algorithm: low = now value modulo the prime
            factor = high // low
            high, low, before, now = low, high - factor * low, now, before - factor * now
        scale *= abs(now)
        if scale > bound:
            return []
    scaled = (value * scale % prime for value in monic)
    return primitive([value - prime if value > prime // 2 else value for value in scaled])


def divides(divisor: Integers, p: Integers) -> bool:
    """Whether a primitive polynomial divides one with integer coefficients."""
    rest, count = list(p), len(divisor) - 1
    while len(rest) > count:
        head, left = divmod(rest.pop(), divisor[-1])
        if left:
            return False
        if head and count:
            rest[-count:] = [a - head * b for a, b in zip(rest[-count:], divisor, strict=False)]
    return not any(rest)


def _common_divisor_by_remainders(p: Integers, q: Integers) -> Integers:
    """The same by Euclid's algorithm, each remainder made primitive: slow for long coefficients."""
    while q:
        while len(p) >= len(q):
            head, shift = p[-1], len(p) - len(q)
            p = [q[-1] * value for value in p]
            for j, value in enumerate(q):
                p[j + shift] -= head * value
            p = primitive(p[:-1])
            if not p:
                break
        p, q = q, p
    return p if p[-1] > 0 else [-value for value in p]


def divide(p: Integers, q: Integers) -> Integers:
    """p / q for a divisor q, up to a constant."""
    return integers(quotient(p, q))


def quotient(p: Sequence[Any], q: Integers) -> list[Fraction]:
    """p / q for a divisor q and rational p; one coefficient for each power that p could have."""
    found: list[Fraction] = []
    rest = [Fraction(value) for value in p]
    for shift in range(len(p) - len(q), -1, -1):
        head = rest[shift + len(q) - 1] / q[-1]
        found.append(head)
        for j, value in enumerate(q):
            rest[j + shift] -= head * value
    return found[::-1]


def squarefree(p: Integers) -> Integers:
    """The polynomial with the same roots, each simple.

    A prime modulus shows most polynomials squarefree at once; the exact divisor is computed otherwise.
    """
    p = primitive(p)
    if len(p) <= 2 or _squarefree_modulo(p, (1 << 61) - 1):
        return p
    return divide(p, common_divisor(p, derivative(p)))


def _squarefree_modulo(p: Integers, prime: int) -> bool:
    a, b = [v % prime for v in p], [v % prime for v in derivative(p)]
    if not a[-1] or not b[-1]:
        return False
    while len(b) > 1:
        inverse = pow(b[-1], -1, prime)
        while len(a) >= len(b):
            head, shift = a[-1] * inverse % prime, len(a) - len(b)
            for j, value in enumerate(b):
                a[j + shift] = (a[j + shift] - head * value) % prime
            while a and not a[-1]:
                a.pop()
        a, b = b, a
        if not b:
            return False
    return bool(b)


def real_roots(p: Integers, bits: int = 600) -> list[Fraction]:
    """All real roots of a squarefree integer polynomial, ascending, each within 2^-bits times its size.

    Isolated by Descartes' rule of signs and bisection (Collins and Akritas), refined by bisection and
    Newton's method with truncation; the result is bracketed by a change of sign.
    """
    p = primitive(p)
    found: list[Fraction] = []
    if p and p[0] == 0:
        found.append(Fraction(0))
        p = p[1:]
    if len(p) < 2:
        return found
    for sign in (1, -1):
        q = [value * sign**k for k, value in enumerate(p)]
        found.extend(sign * _refine(q, low, high, bits) for low, high in _isolate(q))
    return sorted(found)


def _isolate(p: Integers) -> list[tuple[Fraction, Fraction]]:
    """Open intervals with one positive root each; low = high where a root itself was met."""
    degree = len(p) - 1
    exponent = max(
        (abs(value).bit_length() - abs(p[-1]).bit_length() + 1) // (degree - k) + 2
        for k, value in enumerate(p[:-1])
        if value
    )
    if exponent >= 0:
        q = [value << (exponent * k) for k, value in enumerate(p)]
    else:
        q = [value << (-exponent * (degree - k)) for k, value in enumerate(p)]
    stack = [(primitive(q), Fraction(0), Fraction(2) ** exponent)]
    found: list[tuple[Fraction, Fraction]] = []
    while stack:
        q, low, width = stack.pop()
        if q[0] == 0:
            found.append((low, low))
            q = q[1:]
        changes = _sign_changes(_shifted(q[::-1]))
        if changes == 1:
            found.append((low, low + width))
        elif changes > 1:
            top = len(q) - 1
            left = primitive([value << (top - k) for k, value in enumerate(q)])
            stack.append((left, low, width / 2))
            stack.append((_shifted(left), low + width / 2, width / 2))
    return found


def _shifted(p: Integers) -> Integers:
    """p(x + 1)."""
    p = list(p)
    for i in range(len(p) - 1):
        for j in range(len(p) - 2, i - 1, -1):
            p[j] += p[j + 1]
    return p


def _sign_changes(p: Integers) -> int:
    signs = [value > 0 for value in p if value]
    return sum(a != b for a, b in itertools.pairwise(signs))


def numerator(p: Sequence[int], x: Fraction) -> int:
    """p(x) times the power of x's denominator that makes it an integer: no fraction is reduced on the way."""
    top, bottom = x.numerator, x.denominator
    total = 0
    if bottom & (bottom - 1):
        power = 1
        for value in reversed(p):
            total = total * top + value * power
            power *= bottom
    else:
        bits, shift = bottom.bit_length() - 1, 0
        for value in reversed(p):
            total = total * top + (value << shift)
            shift += bits
    return total


def _sign(p: Integers, x: Fraction) -> int:
    """Sign of p(x)."""
    value = numerator(p, x)
    return (value > 0) - (value < 0)


def _truncated(x: Fraction, bits: int) -> Fraction:
    """x rounded to about that many significant bits."""
    return _quotient(x.numerator, x.denominator, bits)


def _quotient(above: int, below: int, bits: int) -> Fraction:
    """above / below rounded down to about that many significant bits."""
    shift = bits - (abs(above).bit_length() - abs(below).bit_length())
    if not above or shift <= 0:
        return Fraction(above, below)
    return Fraction((above << shift) // below, 1 << shift)


def _refine(p: Integers, low: Fraction, high: Fraction, bits: int) -> Fraction:
    if low == high:
        return low
    slope = derivative(p)
    at_high = _sign(p, high) or -_sign(slope, high)  # the end itself can be another root
    for attempt in (16, 64, 256, bits + 8):
        while high - low > abs(high) / 2**attempt:
            middle = (low + high) / 2
            here = _sign(p, middle)
            if here == 0:
                return middle
            low, high = (low, middle) if here == at_high else (middle, high)
        x, accuracy = (low + high) / 2, attempt // 2
        while accuracy < 2 * bits and attempt < bits:
            steepness = numerator(slope, x)
            if not steepness:
                break
            below = x.denominator * steepness
            x = _quotient(x.numerator * steepness - numerator(p, x), below, 2 * accuracy + 64)
            accuracy *= 2
        margin = abs(x) / 2**bits
        if low < x < high and _sign(p, x - margin) * _sign(p, x + margin) < 0:
            return _truncated(x, bits + 8)
    return (low + high) / 2
