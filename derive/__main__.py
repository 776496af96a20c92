"""Commands: list the models, show a derivation, generate the modules.

python -m derive list
python -m derive show NAME [--model FILE] [--latex]
python -m derive critical NAME [--model FILE] --parameter T [--over S] [--at NAME=VALUE ...] [--latex]
python -m derive generate [NAME ...] [--model FILE --out DIR] [--check]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from .derivation import CertificateError, Derivation
from .language.ensembles import Node
from .language.model import Model, ModelError, all_names, load


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the value is the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ModelError, CertificateError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `show NAME | head` closes early; nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a folder that cannot be made or written, a file that cannot be read
        print(f"error: {error.filename or 'files'}: {error.strerror or error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m derive", description="From models to certified laws.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="the models that ship, with their parameters")
    listing.set_defaults(run=_list)

    show = commands.add_parser("show", help="one model's derivation, step by step")
    chosen = show.add_mutually_exclusive_group(required=True)
    chosen.add_argument("name", nargs="?", metavar="NAME", help="a model that ships; see `list`")
    chosen.add_argument("--model", metavar="FILE", help="a Python file that defines MODEL")
    show.add_argument("--latex", action="store_true", help="LaTeX source (needs amsmath) instead of text")
    show.add_argument("--width", type=_width, metavar="COLUMNS", help="width of the text; the terminal's")
    show.set_defaults(run=_show)

    critical = commands.add_parser(
        "critical", help="the values of a parameter at which bands, edges and atoms change"
    )
    which = critical.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", metavar="NAME", help="a model that ships; see `list`")
    which.add_argument("--model", metavar="FILE", help="a Python file that defines MODEL")
    critical.add_argument("--parameter", required=True, metavar="T", help="the parameter that varies")
    critical.add_argument(
        "--over", metavar="S", help="a second parameter that is left as a symbol: curves instead of values"
    )
    critical.add_argument(
        "--at",
        nargs="+",
        default=[],
        type=_value,
        metavar="NAME=VALUE",
        help="rational numbers for the other parameters, as phi=1/2",
    )
    critical.add_argument("--latex", action="store_true", help="LaTeX source (needs amsmath) instead of text")
    critical.add_argument("--width", type=_width, metavar="COLUMNS", help="width of the text; the terminal's")
    critical.set_defaults(run=_critical)

    generate = commands.add_parser("generate", help="write generated/, or a package for your own model")
    generate.add_argument(
        "names", nargs="*", metavar="NAME", help="models that ship; all of them if none is named"
    )
    generate.add_argument("--model", type=Path, metavar="FILE", help="a Python file that defines MODEL")
    generate.add_argument("--out", type=Path, metavar="DIR", help="the package to write the module into")
    generate.add_argument(
        "--check", action="store_true", help="write nothing; fail with a diff where files drifted"
    )
    generate.set_defaults(run=_generate)
    return parser


def _width(text: str) -> int:
    if not text.isdigit() or int(text) < 40:
        raise argparse.ArgumentTypeError(f"{text!r} is no width; give a whole number of columns, at least 40")
    return int(text)


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} gives no parameter a value; write it as phi=1/2")
    return name, value


def _list(options: argparse.Namespace) -> int:
    from .typesetting.text import text

    for name in all_names():
        model = load(name)
        arguments = ", ".join(_argument(model))
        expression: Node = model.expression
        print(f"{name}({arguments})\n    {model.title}" + (f"; {model.source}" if model.source else ""))
        print(f"    H = {text(expression, {p.name: p.latex for p in model.parameters})}")
        for parameter in model.parameters:
            letter = text(parameter.symbol, {parameter.name: parameter.latex})
            shown = parameter.name if letter == parameter.name else f"{parameter.name} ({letter})"
            print(f"    {shown} in {parameter.domain}: {parameter.meaning}")
    return 0


def _argument(model: Model) -> list[str]:
    return [p.name if p.default is None else f"{p.name}={p.default}" for p in model.parameters]


def _show(options: argparse.Namespace) -> int:
    model = load(options.model or options.name)
    from .pipeline import derive

    return _print(derive(model), options)


def _critical(options: argparse.Namespace) -> int:
    model = load(options.model or options.name)
    from .algebra.signs import Undecided
    from .critical.curves import critical_curves
    from .critical.values import critical_values

    fixed = dict(options.at)
    taken = ("model", "parameter", *(("over",) if options.over is not None else ()))
    for name in taken:  # names of arguments, which `fixed` would be taken for
        if name in fixed:
            raise ModelError(f"{name}={fixed[name]} gives no parameter a value")
    try:
        if options.over is not None:
            return _print(
                critical_curves(model, options.parameter, options.over, **fixed).derivation, options
            )
        return _print(critical_values(model, options.parameter, **fixed).derivation, options)
    except Undecided as undecided:
        raise ModelError(f"not decided: {undecided}") from undecided


def _print(derivation: Derivation, options: argparse.Namespace) -> int:
    from .typesetting.latex import derivation_latex
    from .typesetting.text import derivation_text

    if options.latex:
        print(derivation_latex(derivation), end="")
    else:
        width = options.width or min(max(shutil.get_terminal_size().columns, 60), 120)
        print(derivation_text(derivation, width), end="")
    return 0


def _generate(options: argparse.Namespace) -> int:
    from . import generate

    return generate.run(options)


if __name__ == "__main__":
    sys.exit(main())
