"""Commands: judge claims, write the report, draw figures, fit and plot laws, check modules.

python -m verify ledger [ID ...] [--fast] [--paper KEY] [--jobs N]
python -m verify report [--out FOLDER] [--fast] [--jobs N]
python -m verify soak [--model NAME ...] [--points N] [--functions NAME ...] [--seed S] [--write FILE]
python -m verify figure NAME [--out FILE] [--scale quick|paper] [--seed N] [--jobs N] [--cifar10 PATH]
python -m verify figure NAME --runs N [--folder DIR] [--jobs N | --dask ADDRESS]
python -m verify figure --list
python -m verify fit FILE --model NAME [--hold NAME=X ...] [--loc X|fit] [--scale X|fit] [--json]
python -m verify plot NAME|--model FILE [PARAMETER=X ...] [--n ROWS] [--seed N] [--out FILE]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from . import figure_command, fit_command, ledger_command, plot_command
from .report import command as report
from .soak import command as soak_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the value is the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m verify", description="What papers claim and what the modules compute, checked."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ledger_command.parser(commands)
    soak_command.parser(commands)
    report.parser(commands)
    figure_command.parser(commands)
    fit_command.parser(commands)
    plot_command.parser(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt as interruption:
        print(str(interruption) or "interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `ledger ID | head` closes early; nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a folder that cannot be made or written, a file that cannot be read
        print(f"error: {error.filename or 'files'}: {error.strerror or error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
