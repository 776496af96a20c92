"""On which side of 0 the spectrum of an ensemble lies: factors of products and Gram matrices need to know.

Bounds read from the tree decide where they can; elsewhere the law does. 0 is outside of the spectrum on all
of the parameters' domain (`zero_outside`), and at one point of it there is nothing on the other side:
laws are continuous in the parameters, so nothing can have crossed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..derivation import CertificateError, Step
from ..language.bounds import is_nonnegative, is_nonpositive
from ..language.ensembles import Ensemble
from ..language.model import ModelError
from .reading import Reading, shown_relation, spoken
from .value_at_zero import ReadingAtZero
from .zero_outside import ZeroOutside, zero_outside


@dataclass(frozen=True)
class OneSided:
    """The spectrum lies on one side of 0, away from it, on the whole domain of the parameters.

    sign: 1 where it is positive, -1 where it is negative.
    """

    outside: ZeroOutside
    sign: int

    def check(self) -> None:
        self.outside.check()
        if ReadingAtZero(self.outside.reading).side(self.outside.point) != self.sign:
            raise CertificateError(f"the spectrum should be on the side of {self.sign} and is not")

    @property
    def summary(self) -> str:
        return f"{self.outside.summary}; followed along the axis it meets no spectrum on the other side"


def side(node: Ensemble, reading: Reading) -> int | OneSided | None:
    """1 where the spectrum is nonnegative on all of the domain, -1 where it is nonpositive, by the bounds of
    the tree; a certificate where the law shows it; None where neither does."""
    facts = reading.setting.facts
    if is_nonnegative(node, facts):
        return 1
    if is_nonpositive(node, facts):
        return -1
    try:
        outside = zero_outside(reading, type(node).__name__)
    except ModelError:
        return None
    sign = ReadingAtZero(reading).side(outside.point)
    return None if sign is None else OneSided(outside, sign)


def side_step(part: Reading, found: OneSided) -> Step:
    """The side of a part, where the law shows it."""
    side = "positive" if found.sign == 1 else "negative"
    return Step(
        f"{spoken(part.label)} is {side}",
        "At one value of the parameters G is continued along the real axis from infinity to 0, on the side "
        "that is to be empty, and 0 stays outside of the spectrum on the whole domain.",
        shown_relation(part),
        found,
    )
