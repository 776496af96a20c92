"""`python -m verify fit`: fit a law to the eigenvalues in a `.npy` file, print what comes out, draw it."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import generated
from derive import load
from derive.files import require_writable

from .experiment_command import natural
from .fitting import Fit, fit
from .fitting.calibration import Spectra
from .fitting.ensembles import KINDS
from .ledger_command import positive
from .module_of_a_model import is_generated, module_of
from .parametric_bootstrap import ROWS, bootstrap


def parser(commands: Any) -> None:
    """Add the command."""
    sub = commands.add_parser(
        "fit",
        help="fit a law to eigenvalues",
        description="Fit a model's law to the eigenvalues in a .npy file; print the estimates, draw the fit.",
    )
    sub.add_argument("file", metavar="FILE", help="eigenvalues of one matrix, written by np.save")
    sub.add_argument(
        "--model",
        required=True,
        metavar="NAME",
        help=f"{', '.join(generated.MODELS)}; with --bootstrap also {', '.join(generated.ALGEBRAIC)}; or the "
        "path of a generated module such as mylaws/my_model.py, or of a model's file, which is derived first",
    )
    sub.add_argument("--weights", metavar="FILE", help="weights of nodes, written by np.save")
    sub.add_argument("--size", type=int, metavar="N", help="rows of the matrix, where there are weights")
    sub.add_argument(
        "--probes", type=int, metavar="N", help="random vectors that the weights are averaged over"
    )
    sub.add_argument(
        "--loc", type=_number_or_fit, default=0.0, metavar="X", help="a number, or fit (default: 0)"
    )
    sub.add_argument(
        "--scale", type=_number_or_fit, default=1.0, metavar="X", help="a number, or fit (default: 1)"
    )
    sub.add_argument(
        "--hold", type=_held, nargs="*", default=[], metavar="NAME=X", help="parameters that are known"
    )
    sub.add_argument(
        "--ensemble",
        choices=("real", "complex"),
        default="real",
        help="matrices whose errors are given (real)",
    )
    sampled = sub.add_argument_group(
        "sampled ensembles",
        "Where no theorem gives the errors, matrices of the model at the first estimate do: 200 of 200 rows "
        "take one to five seconds, and the time grows as the cube of the rows.",
    )
    sampled.add_argument(
        "--bootstrap", type=positive, metavar="N", help="sample N matrices in place of the theorem"
    )
    sampled.add_argument("--rows", type=positive, metavar="N", help=f"of each (default: {ROWS})")
    sampled.add_argument("--seed", type=natural, metavar="N", help="of the sampled matrices (default: 0)")
    sampled.add_argument("--jobs", type=positive, metavar="N", help="processes (default: 1)")
    sampled.add_argument("--quiet", action="store_true", default=None, help="no progress bar")
    sub.add_argument("--out", type=Path, metavar="FILE", help="picture (default: build/fits/FILE-NAME.svg)")
    sub.add_argument("--json", action="store_true", help="print the results as JSON")
    sub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fit, draw, print; 2 for what cannot be fitted."""
    with ExitStack() as kept:
        try:
            _refuse_idle(options)
            model = module_of(options.model, kept)
            name = model if isinstance(model, str) else Path(options.model).stem
            target = options.out or Path("build/fits") / f"{Path(options.file).stem}-{name}.svg"
            require_writable(target)
            found = _fitted(model, options)
        except (ArithmeticError, FileNotFoundError, ImportError, TypeError, ValueError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        found.draw(target)
    if options.json:
        print(json.dumps({**found.record(), "picture": str(target)}, indent=1, allow_nan=False))
    else:
        print(found)
        print(f"Written: {target}")
    return 0


def _refuse_idle(options: argparse.Namespace) -> None:
    if options.bootstrap is None:
        idle = [f"--{name}" for name in ("rows", "seed", "jobs", "quiet") if vars(options)[name] is not None]
        if idle:
            raise ValueError(f"{' and '.join(idle)} without --bootstrap, which samples matrices; add it")
    elif options.weights is not None:
        raise ValueError("the errors of nodes and weights are calculated; leave out --bootstrap or --weights")


def _fitted(model: str | ModuleType, options: argparse.Namespace) -> Fit:
    weights = None
    if options.weights is not None:
        from .fitting.data import read

        weights = read("weights", options.weights)
    return fit(
        options.file,
        model,
        weights,
        loc=options.loc,
        scale=options.scale,
        ensemble=options.ensemble if options.bootstrap is None else _sampled(options),
        size=options.size,
        probes=options.probes,
        **dict(options.hold),
    )


def _sampled(options: argparse.Namespace) -> Spectra:
    """The matrices of the model, of which a generated module alone knows nothing."""
    if is_generated(Path(options.model)):
        raise ValueError(
            f"{options.model} is a generated module, which has no matrices; with --bootstrap pass the file "
            "of the model that it was generated from"
        )
    return bootstrap(
        load(options.model),
        options.rows or ROWS,
        options.bootstrap,
        beta=KINDS[options.ensemble],
        seed=options.seed or 0,
        jobs=options.jobs or 1,
        quiet=bool(options.quiet),
    )


def _number_or_fit(text: str) -> float | str:
    if text == "fit":
        return text
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor fit") from None


def _held(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, such as phi=0.5") from None
