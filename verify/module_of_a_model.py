"""The module of a model that a command is given: one that ships, a generated one, or one derived for it."""

from __future__ import annotations

import importlib
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

from derive.generate import for_file, write


def module_of(name: str, kept: ExitStack) -> str | ModuleType:
    """A model that ships by its name, a generated module with its package, a model's file derived.

    kept: holds what is derived for as long as it is open.
    """
    path = Path(name)
    if path.suffix != ".py":
        return name
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no file {path}; it is to define MODEL, or to be a generated module"
        )
    package = path.resolve().parent
    if not is_generated(path):
        package = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="laws_")))
        write(for_file(path, package), package)
    if str(package.parent) not in sys.path:
        sys.path.insert(0, str(package.parent))
        kept.callback(sys.path.remove, str(package.parent))
    return importlib.import_module(f"{package.name}.{path.stem}")


def is_generated(path: Path) -> bool:
    """Whether the file is a generated module, beside its runtime."""
    return path.suffix == ".py" and (path.resolve().parent / "_runtime").is_dir()
