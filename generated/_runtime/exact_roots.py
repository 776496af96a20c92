"""Real roots of exact polynomials: discriminant, squarefree part, isolation and refinement in integers.

A polynomial in one variable is a list of integers, ascending. Parameters of a law are doubles, so
its coefficients are rational numbers; then every real branch point is isolated without rounding,
none is missed, and each is known to any precision. Standard library only.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

Integers = list[int]


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


def resultant(p: Integers, q: Integers) -> int:
    """Resultant of two integer polynomials: determinant of Sylvester's matrix, fraction-free (Bareiss)."""
    m, n = len(p) - 1, len(q) - 1
    rows = [[0] * i + p[::-1] + [0] * (n - 1 - i) for i in range(n)]
    rows += [[0] * i + q[::-1] + [0] * (m - 1 - i) for i in range(m)]
    size, sign, last = m + n, 1, 1
    for k in range(size - 1):
        pivot = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            sign = -sign
        top = rows[k]
        for i in range(k + 1, size):
            row = rows[i]
            head = row[k]
            rows[i] = [0] * (k + 1) + [(top[k] * row[j] - head * top[j]) // last for j in range(k + 1, size)]
        last = top[k]
    return sign * rows[-1][-1]


def discriminant(rows: Sequence[Sequence[Fraction]]) -> Integers:
    """Resultant in G of P = sum rows[i][j] G^i z^j and its derivative, up to a constant; a polynomial in z.

    It contains the leading coefficient in G as a factor, so that its real roots are all places where
    a branch can be singular or infinite. Evaluated at integers and interpolated.
    """
    n, m = len(rows) - 1, len(rows[0]) - 1
    scale = lcm(*(value.denominator for row in rows for value in row))
    columns = [[int(value * scale) for value in row] for row in rows]
    wanted = (2 * n - 1) * m + 1
    places: list[int] = []
    values: list[Fraction] = []
    k = 0
    while len(places) < wanted:
        x = (k + 1) // 2 if k % 2 else -(k // 2)
        k += 1
        p = [evaluate(row, x) for row in columns]
        if p[-1]:
            places.append(x)
            values.append(Fraction(resultant(p, derivative(p)) if n > 1 else p[-1]))
    for step in range(1, wanted):
        for i in range(wanted - 1, step - 1, -1):
            values[i] = (values[i] - values[i - 1]) / (places[i] - places[i - step])
    total: list[Fraction] = [Fraction(0)]
    for i in range(wanted - 1, -1, -1):
        shifted = [Fraction(0), *total]
        total = [shifted[j] - places[i] * (total[j] if j < len(total) else 0) for j in range(len(shifted))]
        total[0] += values[i]
    return integers(total)


def common_divisor(p: Integers, q: Integers) -> Integers:
    """Greatest common divisor of two integer polynomials, primitive."""
    p, q = primitive(p), primitive(q)
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
    return p


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


def _sign(p: Integers, x: Fraction) -> int:
    """Sign of p(x) without fractions."""
    total, power = 0, 1
    for value in reversed(p):
        total = total * x.numerator + value * power
        power *= x.denominator
    return (total > 0) - (total < 0)


def _truncated(x: Fraction, bits: int) -> Fraction:
    """x rounded to about that many significant bits."""
    if not x:
        return x
    shift = bits - (abs(x.numerator).bit_length() - x.denominator.bit_length())
    return Fraction(round(x * 2**shift), 2**shift) if shift > 0 else x


def _refine(p: Integers, low: Fraction, high: Fraction, bits: int) -> Fraction:
    if low == high:
        return low
    slope = derivative(p)
    at_high = _sign(p, high) or -_sign(slope, high)  # the end itself can be another root
    for attempt in (64, 128, 256, bits + 8):
        while high - low > abs(high) / 2**attempt:
            middle = (low + high) / 2
            here = _sign(p, middle)
            if here == 0:
                return middle
            low, high = (low, middle) if here == at_high else (middle, high)
        x, accuracy = (low + high) / 2, attempt // 2
        while accuracy < 2 * bits and attempt < bits:
            steepness = evaluate(slope, x)
            if not steepness:
                break
            x = _truncated(x - evaluate(p, x) / steepness, 2 * accuracy + 64)
            accuracy *= 2
        margin = abs(x) / 2**bits
        if low < x < high and _sign(p, x - margin) * _sign(p, x + margin) < 0:
            return _truncated(x, bits + 8)
    return (low + high) / 2
