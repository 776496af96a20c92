"""Evaluation that does not depend on how the caller treats floating-point errors (`np.errstate`).

Values under- and overflow on the way, the making of tables included, and come out right: neither a warning
nor a `FloatingPointError` would say anything about the result.
"""

from __future__ import annotations

from collections.abc import Container
from inspect import isfunction
from typing import TypeVar

import numpy as np

Entry = TypeVar("Entry", bound=type)


def quiet(entry: Entry, leave: Container[str] = ()) -> Entry:
    """The class with its public methods quiet, those to be left as they are excepted."""
    for name, method in list(vars(entry).items()):
        if isfunction(method) and not name.startswith("_") and name not in leave:
            setattr(entry, name, np.errstate(all="ignore")(method))
    return entry
