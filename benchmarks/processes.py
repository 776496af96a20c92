"""Workers: processes of one thread each, in the project's environment or in that of the rivals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RIVALS_VENV = ROOT / "build" / "rivals"
RIVAL_PACKAGES = ("freealg==0.12.2", "rmtool==1.0.0")
LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB", "NUMBA")


class Failed(Exception):
    """A worker's answer that is no result: what went wrong, to be shown in the table."""


class Worker:
    """A worker process, started at the first request."""

    def __init__(self, python: str = sys.executable, disabled: str = "") -> None:
        """`disabled`: CPU features that NumPy shall not use, separated by spaces."""
        self._python = python
        self._environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in LIBRARIES}
        self._environment["PYTHONPATH"] = str(ROOT)
        if disabled:
            self._environment["NPY_DISABLE_CPU_FEATURES"] = disabled
        self._process: subprocess.Popen[str] | None = None

    def ask(self, do: str, name: str, case: str, **rest: Any) -> Any:
        """The result of one request; raises `Failed` with the reason."""
        if self._process is None:
            self._process = subprocess.Popen(
                [self._python, "-m", "benchmarks.worker"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, "name": name, "case": case, **rest}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.close()
            raise Failed("the process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def rivals_python(*, install: bool) -> str:
    """The interpreter of the rivals' environment, made if need be; raises `Failed` if it cannot be.

    It lives under build/, so that neither the project's lock nor its environment knows the rivals.
    """
    python = RIVALS_VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = RIVALS_VENV / "stamp"
    wanted = "\n".join(RIVAL_PACKAGES)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return str(python)
    if not install:
        raise Failed("not installed; run without --quick")
    venv.EnvBuilder(with_pip=True, clear=True).create(RIVALS_VENV)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run = subprocess.run([*pip, *RIVAL_PACKAGES], capture_output=True, text=True)
    if run.returncode:
        raise Failed("could not be installed")
    stamp.write_text(wanted, encoding="utf-8")
    return str(python)
