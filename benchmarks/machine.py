"""The class of machine that is measured: nothing here names it."""

from __future__ import annotations

import platform
import subprocess
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .compiled import compiler


def _core() -> Any:
    return import_module("numpy._core._multiarray_umath")


def disabling() -> dict[str, str]:
    """Vector units that NumPy found and can be told to leave alone: a label -> their names."""
    core = _core()
    found = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    wide = [name for name in found if name.startswith("AVX512") or name == "X86_V4"]
    choices = {"without AVX-512": wide, "without dispatched vector units": found}
    return {label: " ".join(names) for label, names in choices.items() if names}


def description() -> str:
    """Processor, vector units that NumPy found, versions."""
    found = _core().__cpu_features__
    units = [name for name in ("AVX2", "AVX512F", "NEON", "ASIMD") if found.get(name)]
    facts = [
        ", ".join([platform.machine(), *_model()]),
        f"NumPy finds {', '.join(units) or 'no wide vectors'}",
        f"Python {platform.python_version()}",
        f"NumPy {version('numpy')}",
        f"SymPy {version('sympy')}",
        *_compiler(),
    ]
    return "; ".join(facts)


def _model() -> list[str]:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return []
    lines = (line.partition(":") for line in info.read_text(encoding="utf-8").splitlines())
    return [value.strip() for key, _, value in lines if key.strip() == "model name"][:1]


def _compiler() -> list[str]:
    found = compiler()
    if found is None:
        return []
    printed = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    return [f"{Path(found).name} {line.split()[-1]}" for line in printed.splitlines()[:1]]
