"""Elements of Q[t]/(m): a root that is rational in t_c, found modulo a large prime and proved exactly.

A polynomial over the field that has one multiple root has it in the field. Euclid's algorithm finds it, which
over the rational numbers swells; modulo a Mersenne prime it does not, the coefficients are recovered from
their residues (those of the root times m', which are smaller), and the result is inserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq, fmpq_poly, fmpz, fmpz_mod_ctx, fmpz_mod_poly_ctx, fmpz_mpoly, fmpz_poly

EXPONENTS = (521, 2203, 9689, 44497)


def value_in_field(polynomial: fmpz_mpoly, elements: Sequence[Any], m: fmpz_poly) -> fmpq_poly:
    """The value of an integer polynomial at elements of Q[t]/(m)."""
    modulus = fmpq_poly(m)
    return _value(_terms(polynomial, len(elements)), elements, modulus, fmpq_poly([0]))


def is_zero(polynomial: fmpz_mpoly, elements: Sequence[Any], m: fmpz_poly) -> bool:
    """Whether that value is 0, exactly."""
    return bool(value_in_field(polynomial, elements, m) == 0)


def multiple_root(
    coefficients: Sequence[fmpz_mpoly], multiplicity: int, elements: Sequence[Any], m: fmpz_poly
) -> fmpq_poly | None:
    """The only multiple root, of that multiplicity, of sum c_k y^k over Q[t]/(m); None if that is not shown.

    multiplicity 1 asks for the root of a linear polynomial.
    """
    exact: list[fmpq_poly] | None = None
    for exponent in EXPONENTS:
        prime = 2**exponent - 1
        ring = fmpz_mod_poly_ctx(fmpz_mod_ctx(prime))
        modulus = ring([int(c) for c in m.coeffs()])
        images = [_image(e, ring, prime) for e in elements]
        try:
            f = [_value(_terms(c, len(images)), images, modulus, ring([0])) for c in coefficients]
            if multiplicity == 1:
                common = f
            else:
                common = _gcd(f, [k * c for k, c in enumerate(f)][1:], modulus)
            if len(common) != max(multiplicity, 2):
                return None
            top = common[-1] * max(multiplicity - 1, 1)
            root = (-common[-2] * top.inverse_mod(modulus)) % modulus
        except (ZeroDivisionError, ValueError):
            continue
        slope = fmpq_poly(m.derivative())
        scaled = (root * ring([int(c) for c in m.derivative().coeffs()])) % modulus
        found = [_rational(int(c), prime) for c in scaled.coeffs()]
        if any(c is None for c in found):
            continue
        inverse = slope.xgcd(fmpq_poly(m))
        candidate = fmpq_poly([c for c in found if c is not None])
        candidate = (candidate * inverse[1] / inverse[0][0]) % fmpq_poly(m)
        if exact is None:
            exact = [value_in_field(c, elements, m) for c in coefficients]
        if _has_root(exact, candidate, multiplicity, fmpq_poly(m)):
            return candidate
    return None


def _has_root(coefficients: Sequence[fmpq_poly], root: fmpq_poly, multiplicity: int, m: fmpq_poly) -> bool:
    current = list(coefficients)
    for _ in range(multiplicity):
        total = fmpq_poly([0])
        for c in reversed(current):
            total = (total * root + c) % m
        if total != 0:
            return False
        current = [k * c for k, c in enumerate(current)][1:]
    return True


def _terms(polynomial: fmpz_mpoly, count: int) -> dict[tuple[int, ...], int]:
    return {tuple(map(int, mono[:count])): int(c) for mono, c in polynomial.terms()}


def _value(terms: dict[tuple[int, ...], int], values: Sequence[Any], modulus: Any, zero: Any) -> Any:
    """Horner's scheme in the last variable, nested, modulo m."""
    if not terms:
        return zero
    if not values:
        return zero + sum(terms.values())
    groups: dict[int, dict[tuple[int, ...], int]] = {}
    for monomial, c in terms.items():
        groups.setdefault(monomial[-1], {})[monomial[:-1]] = c
    total = zero
    for k in range(max(groups), -1, -1):
        total = (total * values[-1]) % modulus
        if k in groups:
            total = total + _value(groups[k], values[:-1], modulus, zero)
    return total % modulus


def _image(element: fmpq_poly, ring: Any, prime: int) -> Any:
    inverse = pow(int(element.denom()), -1, prime)
    return ring([int(c) * inverse % prime for c in element.numer().coeffs()])


def _gcd(a: list[Any], b: list[Any], modulus: Any) -> list[Any]:
    """Euclid's algorithm over the field, modulo a prime."""

    def trimmed(p: list[Any]) -> list[Any]:
        p = list(p)
        while p and p[-1] == 0:
            p.pop()
        return p

    a, b = trimmed(a), trimmed(b)
    while b:
        inverse = b[-1].inverse_mod(modulus)
        b = [(c * inverse) % modulus for c in b]
        while len(a) >= len(b):
            lead, shift = a[-1], len(a) - len(b)
            for k, c in enumerate(b):
                a[shift + k] = (a[shift + k] - lead * c) % modulus
            a = trimmed(a[:-1])
        a, b = b, a
    return a


def _rational(residue: int, prime: int) -> fmpq | None:
    """The fraction with small numerator and denominator, by the half-way Euclidean algorithm."""
    bound = int(fmpz(prime).isqrt()) >> 8
    r0, r1, s0, s1 = prime, residue, 0, 1
    while r1 > bound:
        q = r0 // r1
        r0, r1, s0, s1 = r1, r0 - q * r1, s1, s0 - q * s1
    if s1 == 0 or abs(s1) > bound:
        return None
    return fmpq(r1, s1)
