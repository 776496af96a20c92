"""`python -m verify figure`: draw one figure of the report as an SVG file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from derive.files import write_text


def parser(commands: Any) -> None:
    """Add the command."""
    sub = commands.add_parser(
        "figure", help="draw a figure of the report", description="Draw one figure of the report as SVG."
    )
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "name", nargs="?", metavar="NAME", help="its name, or its number in the paper, such as 1"
    )
    what.add_argument("--list", action="store_true", help="print the names of all figures")
    sub.add_argument(
        "--out", type=Path, metavar="FILE", help="file to write (default: build/figures/NAME.svg)"
    )
    sub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw and write, or list; 2 if there is no such figure."""
    from .report.figures import every, find  # Matplotlib is loaded by this command alone

    if options.list:
        figures = every()
        width = max(len(figure.name) for figure in figures)
        for figure in figures:
            print(f"{figure.name:{width}}  {figure.title}")
        return 0
    try:
        figure = find(options.name)
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    target = options.out or Path("build/figures") / f"{figure.name}.svg"
    write_text(target, figure.draw())
    print(f"Written: {target}")
    return 0
