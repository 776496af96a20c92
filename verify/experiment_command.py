"""The part of `python -m verify figure` that measures: options, the run, the data beside the picture."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from derive.files import require_writable, write_text

from .ledger_command import positive
from .networks.data import cifar10, digits

if TYPE_CHECKING:
    from .report.experiments import Experiment

OPTIONS = ("scale", "seed", "jobs", "cifar10", "quiet", "runs", "folder", "dask")
"""What applies to measured figures alone."""

OF_KEPT_RUNS = OPTIONS[-3:]
"""What applies only where runs are kept as they come."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of measured figures; all are None unless given."""
    group = parser.add_argument_group("figures measured on networks")
    group.add_argument(
        "--scale",
        choices=("quick", "paper"),
        help="quick: seconds to two minutes (default); paper: as many runs as it takes",
    )
    group.add_argument(
        "--seed", type=natural, metavar="N", help="seed of all runs (default: the figure's own)"
    )
    group.add_argument("--jobs", type=positive, metavar="N", help="processes (default: all cores)")
    group.add_argument(
        "--cifar10",
        type=Path,
        metavar="PATH",
        help="folder of CIFAR-10's binary version, or one of its files (default: scikit-learn's digits)",
    )
    group.add_argument("--quiet", action="store_true", default=None, help="no progress bar")
    kept = parser.add_argument_group(
        "figures whose runs are kept as they come",
        "Stopped in any way, the same command goes on from the runs that are kept; asked for more runs, it "
        "adds those that are missing.",
    )
    kept.add_argument(
        "--runs", type=positive, metavar="N", help="how many (default: as many as the scale has)"
    )
    kept.add_argument(
        "--folder", type=Path, metavar="DIR", help="where they are kept (default: build/runs/NAME-seed-SEED)"
    )
    kept.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="have them made by a Dask cluster, whose scheduler has this address, such as tcp://10.0.0.5:8786",
    )


def natural(text: str) -> int:
    """A seed, read from the command line."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed: 0, 1, 2, ...")
    return int(text)


@contextmanager
def _termination_as_interruption() -> Iterator[None]:
    """What batch systems send before they kill, and terminals that close, end runs as Ctrl-C does."""
    known = [signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__]
    taken = [one for one in known if signal.getsignal(one) is signal.SIG_DFL]
    for one in taken:
        signal.signal(one, signal.default_int_handler)
    try:
        yield
    finally:
        for one in taken:
            signal.signal(one, signal.SIG_DFL)


def run(experiment: Experiment, options: argparse.Namespace) -> int:
    """Measure, draw, write the drawing and the data beside it; 2 where the images cannot be had."""
    from .networks.runs import Incomplete
    from .report.experiments import Options, plain  # loads Matplotlib

    idle = [f"--{name}" for name in OF_KEPT_RUNS if getattr(options, name) is not None]
    if idle and not experiment.kept:
        print(f"{experiment.name} does not keep its runs: {', '.join(idle)} cannot apply", file=sys.stderr)
        return 2
    if options.dask is not None and options.jobs is not None:
        print("--jobs counts processes here, --dask leaves the runs to a cluster: give one", file=sys.stderr)
        return 2
    try:
        source = cifar10(options.cifar10, side=experiment.side) if options.cifar10 else digits()
    except (ImportError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    how = Options(
        source,
        scale=options.scale or "quick",
        seed=experiment.seed if options.seed is None else options.seed,
        jobs=options.jobs or os.cpu_count() or 1,
        quiet=bool(options.quiet),
        runs=options.runs,
        folder=options.folder,
        dask=options.dask,
    )
    target: Path = options.out or Path("build/figures") / f"{experiment.name}.svg"
    beside = target.with_suffix(".json")
    require_writable(target)
    try:
        with _termination_as_interruption():
            data = experiment.data(how)
    except (ArithmeticError, ValueError) as error:  # too few images, for one; a descent that diverges
        told = "\n".join([str(error), *getattr(error, "__notes__", ())])
        print(f"{experiment.name} cannot be measured: {told}", file=sys.stderr)
        return 2
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    except Incomplete as error:
        print(error, file=sys.stderr)
        return 1
    figure = experiment.figure(data)
    record = {
        "figure": experiment.name,
        "title": experiment.title,
        "caption": figure.caption,
        "source": source.name,
        "scale": how.scale,
        "seed": how.seed,
        "data": plain(data),
    }
    write_text(target, figure.draw())
    write_text(beside, json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    print(textwrap.fill(figure.caption, 100))
    print(f"Written: {target}, {beside}")
    return 0
