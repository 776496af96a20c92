"""Exact polynomials of the runtime: common divisors and discriminants, held against python-flint."""

from __future__ import annotations

import random
from fractions import Fraction

import flint
import pytest

from generated._runtime.arithmetic import exact_roots


def times(p: list[int], q: list[int]) -> list[int]:
    found = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            found[i + j] += a * b
    return found


@pytest.mark.parametrize("bits", [3, 70, 900])
def test_common_divisors_with_long_coefficients(bits: int) -> None:
    """Recognised modulo large primes, and the same by Euclid's remainders."""
    rng = random.Random(bits)

    def polynomial(degree: int) -> list[int]:
        return exact_roots.primitive(
            [rng.randrange(1, 2**bits) * rng.choice((-1, 1)) for _ in range(degree + 1)]
        )

    for degree in range(4):
        shared = polynomial(degree)
        p, q = times(times(shared, shared), polynomial(5)), times(shared, polynomial(4))
        found = exact_roots.common_divisor(p, q)
        assert found in (shared, [-value for value in shared])
        by_remainders = exact_roots._common_divisor_by_remainders(p, q)
        assert by_remainders in (found, [-value for value in found])


def test_discriminants_are_those_of_flint() -> None:
    rng = random.Random(7)
    context = flint.fmpz_mpoly_ctx.get(["G", "z"], flint.Ordering.lex)
    for n, m in ((1, 2), (2, 1), (3, 2), (4, 3), (6, 2)):
        rows = [[rng.randrange(-9, 10) for _ in range(m + 1)] for _ in range(n)] + [
            [rng.randrange(1, 9)] * (m + 1)
        ]
        rows[1][0] = 0  # a leading minor of Bezout's matrix vanishes at z = 0
        p = context.from_dict({(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row)})
        known = p.resultant(p.derivative("G"), "G").to_dict() if n > 1 else p.derivative("G").to_dict()
        dense = [int(known.get((0, j), 0)) for j in range(max(j for _, j in known) + 1)]
        found = exact_roots.discriminant([[Fraction(value) for value in row] for row in rows])
        assert found in (exact_roots.primitive(dense), exact_roots.primitive([-value for value in dense]))
