"""`python -m verify fit`: fit a law to the eigenvalues in a `.npy` file, print what comes out, draw it."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import generated
from derive.files import require_writable

from .fitting import Fit, fit


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
        help=f"{', '.join(generated.MODELS)}, or the path of a generated module such as mylaws/my_model.py",
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
    sub.add_argument("--out", type=Path, metavar="FILE", help="picture (default: build/fits/FILE-NAME.svg)")
    sub.add_argument("--json", action="store_true", help="print the results as JSON")
    sub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fit, draw, print; 2 for what cannot be fitted."""
    try:
        model = _model(options.model)
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
        ensemble=options.ensemble,
        size=options.size,
        probes=options.probes,
        **dict(options.hold),
    )


def _model(name: str) -> str | ModuleType:
    """A model that ships by its name, another by its module's path, imported with its package."""
    path = Path(name)
    if path.suffix != ".py":
        return name
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; derive generate makes one")
    package = path.resolve().parent
    if not (package / "_runtime").is_dir():
        raise ValueError(f"{path} is in no generated package; python -m derive generate --out DIR makes one")
    if str(package.parent) not in sys.path:
        sys.path.insert(0, str(package.parent))
    return importlib.import_module(f"{package.name}.{path.stem}")


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
