"""`python -m verify plot`: the law of any model beside the eigenvalues of one sampled matrix, as SVG."""

from __future__ import annotations

import argparse
import importlib
import sys
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive import load
from derive.files import require_writable, write_text
from derive.language.model import all_names

from .experiment_command import natural
from .ledger_command import positive
from .module_of_a_model import is_generated, module_of

ROWS = 500


def parser(commands: Any) -> None:
    """Add the command."""
    sub = commands.add_parser(
        "plot",
        help="draw the law of a model beside a sampled matrix",
        description="Draw the law of a model beside the eigenvalues of one sampled matrix: density, edges "
        "and atoms over a histogram; complex eigenvalues in the plane and the mass of discs; for sparse "
        "matrices the density smoothed on the least scale. Ratios are moved to what a matrix of that size "
        "can have.",
    )
    sub.add_argument(
        "values",
        nargs="*",
        metavar="NAME|PARAMETER=X",
        help="a model that ships, without --model, and parameters, such as wishart_wigner eps=0.05 phi=1/2",
    )
    sub.add_argument("--model", metavar="FILE", help="a model's file, which is derived first")
    sub.add_argument("--n", type=positive, default=ROWS, metavar="ROWS", help=f"of the matrix ({ROWS})")
    sub.add_argument("--seed", type=natural, default=0, metavar="N", help="of the matrix (0)")
    sub.add_argument("--out", type=Path, metavar="FILE", help="picture (default: build/plots/NAME.svg)")
    sub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw and write; 2 for what cannot be drawn."""
    from .report.figures.plot import drawing  # Matplotlib is loaded by the command alone

    with ExitStack() as kept:
        try:
            source, parameters = _asked(options)
            model = load(source)
            target = options.out or Path("build/plots") / f"{model.name}.svg"
            if target.suffix.lower() != ".svg":
                raise ValueError(f"pictures are SVG, got {target}; name a file that ends in .svg")
            require_writable(target)
            module = module_of(source, kept)
            if isinstance(module, str):
                module = importlib.import_module(f"generated.{module}")
            text = drawing(model, module, parameters, options.n, options.seed)
        except (ArithmeticError, FileNotFoundError, ImportError, TypeError, ValueError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    write_text(target, text)
    print(f"Written: {target}")
    return 0


def _asked(options: argparse.Namespace) -> tuple[str, dict[str, Fraction]]:
    """The model's name or file, and the parameters."""
    names = [value for value in options.values if "=" not in value]
    parameters = dict(_given(value) for value in options.values if "=" in value)
    if options.model is not None:
        if names:
            raise ValueError(f"{names[0]!r} is no PARAMETER=X, and --model names the model; leave one out")
        if Path(options.model).suffix == ".py" and is_generated(Path(options.model)):
            raise ValueError(
                f"{options.model} is a generated module, which has no matrices; pass the file of the model "
                "that it was generated from"
            )
        return options.model, parameters
    if len(names) != 1:
        raise ValueError(
            f"one model is drawn, got {' and '.join(map(repr, names)) or 'none'}; name one of "
            f"{', '.join(all_names())}, or pass --model FILE"
        )
    return names[0], parameters


def _given(text: str) -> tuple[str, Fraction]:
    name, _, value = text.partition("=")
    try:
        return name, Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{text!r} is not PARAMETER=NUMBER, such as phi=0.5 or phi=1/2") from None
