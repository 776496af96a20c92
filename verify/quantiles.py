"""Certified quantiles: a bracket whose ends are proved to lie on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flint import arb, ctx, fmpq

from .exact import as_symbolic, ball, rational, symbolic

if TYPE_CHECKING:
    from .precise import Law


# Quantiles within 2^-DEPTH of the hull of an end of a band or of 0 are told from it no more.
DEPTH = 1200


def quantile(law: Law, q: fmpq, bits: int) -> arb:
    """Smallest x with cdf(x) >= q, for 0 < q < 1, to about 2^-bits relative to |x|.

    The ball's ends are two rational points x, y with cdf(x) < q < cdf(y), decided with certified values.
    """
    if not 0 < q < 1:
        raise ValueError(f"a certified quantile needs 0 < q < 1, got {q}")
    atom = law.atom()
    if atom is not None:
        place, mass = atom
        level = law.coefficients.gap_level(arb(0))  # right-continuous: the atom's place has w = 0
        with ctx.workprec(4 * bits):
            if ball(level) >= arb(q) > ball(as_symbolic(level) - mass):
                return ball(place)
    for (left, right), (_, last) in zip(law.bands(2 * bits), law.levels(), strict=True):
        with ctx.workprec(4 * bits + q.q.bit_length()):  # 1 - q may be very near to a level
            if last == symbolic(q):
                return right
            if ball(last) > arb(q):
                return _search(law, q, left, right, bits)
    raise AssertionError(f"no band reaches the level {q}")


def _search(law: Law, q: fmpq, left: arb, right: arb, bits: int) -> arb:
    """Newton from a coarse bracket, then two certified points around the limit."""
    low, high = rational(left.mid()), rational(right.mid())
    if low < 0 < high:  # the sign of the quantile first: digits next to 0 count from there
        tiny = min(-low, high) / fmpq(2) ** DEPTH
        if above(law, tiny, q):
            if not above(law, -tiny, q):
                return arb(0, arb(tiny).upper())
            high = -tiny
        else:
            low = tiny
    middle = (low + high) / 2
    width = (high - low) / 2
    if above(law, middle, q):
        low, high = _approach(law, q, low, width)
    else:
        high, low = _approach(law, q, high, -width)
    reach = arb(max(abs(rational(left.mid())), abs(rational(right.mid()))))
    for _ in range(200):
        x = (low + high) / 2
        slope, miss = law.density(x, 60), law.cdf(x, 80) - arb(q)
        step = miss / slope if slope > 0 else arb.nan()
        guess = rational((arb(x) - step).mid()) if step.is_finite() else x
        if not low < guess < high:
            guess = x
        tolerance = rational((max(abs(arb(guess)), reach * arb(2) ** -DEPTH) * arb(2) ** -bits).mid())
        # The ends that Newton proposes: kept only if they are certified to enclose.
        spread = max(
            tolerance / 4,
            rational((step * step / arb(high - low)).abs_upper()) if step.is_finite() else tolerance,
        )
        for y in (guess - spread, guess + spread, x):
            if low < y < high:
                if above(law, y, q):
                    high = y
                else:
                    low = y
        if high - low <= tolerance:
            break
    with ctx.workprec(8 * bits):
        return arb((low + high) / 2) + arb(0, arb(high - low).upper())


def _approach(law: Law, q: fmpq, edge: fmpq, width: fmpq) -> tuple[fmpq, fmpq]:
    """Points edge + width 4^-k and four times closer, on either side of the quantile."""
    far = width
    for _ in range(DEPTH // 2):
        near = far / 4
        if above(law, edge + near, q) != (width > 0):
            return edge + near, edge + far
        far = near
    return edge, edge + far


def above(law: Law, x: fmpq, q: fmpq) -> bool:
    """Whether cdf(x) > q; a tie counts as above, since the quantile is then at most x."""
    upper, bits = 2 * q > 1, 80
    while bits < 4000:
        # of the two tails the lighter one, which has its own digits
        low, high = (law.sf(x, bits), arb(1 - q)) if upper else (arb(q), law.cdf(x, bits))
        if low < high:
            return True
        if low > high:
            return False
        bits *= 2
    return True
