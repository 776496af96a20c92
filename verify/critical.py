"""The certified critical energy: where the lowest edge of the bands passes 0."""

from __future__ import annotations

from typing import Any

from flint import arb, ctx, fmpq

from derive.language.model import load

from .exact import rational
from .precise import Law

MOST_BITS = 1 << 12


def critical_energy(name: str, bits: int = 80, **others: Any) -> arb:
    """The energy at which the lowest edge is 0, to 2^-bits relatively; 0 where no energy keeps it above.

    The lowest edge falls strictly with the energy. The ball's ends are energies at which it is proved to be
    positive and negative.
    """
    energy = next(p.name for p in load(name).parameters if p.role == "energy")

    def edge(value: fmpq) -> arb:
        """The lowest edge, with its sign; exactly 0 is out of the question but for the energy 0."""
        law, accuracy = Law(name, **{**others, energy: value}), bits + 40
        while (end := law.edges(accuracy)[0]).contains(0) and accuracy < MOST_BITS:
            accuracy *= 2
        return end

    if Law(name, **{**others, energy: fmpq(0)}).cdf(0) > 0 or not edge(fmpq(0)) > 0:
        return arb(0)  # an atom at 0 spreads to both sides at once
    low, high = fmpq(0), fmpq(1)
    while not edge(high) < 0:
        low, high = high, 4 * high
    while low == 0:
        if edge(high / 4) < 0:
            high /= 4
        else:
            low = high / 4
    below, above = edge(low), edge(high)
    with ctx.workprec(2 * bits + 128):
        while high - low > low / fmpq(2) ** bits:
            # A secant, moved off its end by the square of what it leaves; else the middle.
            guess = rational((arb(low) + arb(high - low) * below / (below - above)).mid())
            spread = (high - low) ** 2 / (2 * high) + low / fmpq(2) ** (bits + 2)
            for value in (guess - spread, guess + spread, (low + high) / 2):
                if low < value < high:
                    value = rational(arb(value).mid())
                    end = edge(value)
                    if end < 0:
                        high, above = value, end
                    elif end > 0:
                        low, below = value, end
        return arb((arb(low) + arb(high)) / 2).mid() + arb(0, arb(high - low).abs_upper())
