"""`python -m verify figure`: draw one figure as an SVG file, measuring first where it is about networks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from derive.files import require_writable, write_text

from . import experiment_command


def parser(commands: Any) -> None:
    """Add the command."""
    sub = commands.add_parser(
        "figure", help="draw a figure of the report", description="Draw one figure of the report as SVG."
    )
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "name", nargs="?", metavar="NAME", help="its name, or its number in the paper, such as 1 or S2"
    )
    what.add_argument("--list", action="store_true", help="print the names of all figures")
    sub.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: build/figures/NAME.svg)"
    )
    experiment_command.add_arguments(sub)
    sub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw and write, or list; 2 if there is no such figure or an option does not apply to it."""
    from .report.experiments import EXPERIMENTS  # Matplotlib is loaded by this command alone
    from .report.figures import every, find

    if options.list:
        drawn = [(figure.name, figure.title) for figure in every()]
        measured = [(experiment.name, experiment.title) for experiment in EXPERIMENTS]
        width = max(len(name) for name, _ in drawn + measured)
        for name, title in drawn + measured:
            print(f"{name:{width}}  {title}")
        return 0
    for experiment in EXPERIMENTS:
        if options.name.lower() in (
            experiment.name.lower(),
            str(experiment.number or experiment.name).lower(),
        ):
            return experiment_command.run(experiment, options)
    try:
        figure = find(options.name)
    except KeyError as error:
        names = ", ".join(experiment.name for experiment in EXPERIMENTS)
        print(f"{error.args[0]}; measured on networks are {names}", file=sys.stderr)
        return 2
    idle = [f"--{name}" for name in experiment_command.OPTIONS if getattr(options, name) is not None]
    if idle:
        print(f"{figure.name} is not measured on networks: {', '.join(idle)} cannot apply", file=sys.stderr)
        return 2
    target = options.out or Path("build/figures") / f"{figure.name}.svg"
    require_writable(target)
    write_text(target, figure.draw())
    print(f"Written: {target}")
    return 0
