"""What the bits of a run rest on beside arguments and seed: the project's code it reaches, and versions.

Code counts as its syntax tree without docstrings: comments, layout and documentation may change, and the
digest stays; a constant or a sign may not. Modules are found by reading import statements, those inside
functions included, so nothing is loaded.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import platform
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FunctionType
from typing import Any

PROJECT = ("derive", "generated", "verify")
NUMERICS = ("numpy", "scipy")


def here(run: Callable[..., Any]) -> dict[str, dict[str, str]]:
    """Versions and code, as this process finds them."""
    return {"versions": versions(), "code": code(run)}


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """What differs between nested dictionaries of plain values, one line each."""
    old, new = _flat(there), _flat(here)
    return [
        f"  {key}: {old.get(key, 'none')} there, {new.get(key, 'none')} here"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Nested dictionaries as one, with their keys in a row."""
    if not isinstance(value, Mapping):
        return {name: value}
    return {k: v for key, item in value.items() for k, v in _flat(item, f"{name} {key}".strip()).items()}


def digest(what: Any) -> str:
    """Of plain values."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Of Python (major and minor) and of the libraries whose arithmetic ends up in results."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in NUMERICS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def code(run: Callable[..., Any]) -> dict[str, str]:
    """Module -> digest of its code, for the module of `run` and all of the project that it imports.

    The project is the package of `run` together with `PROJECT`. Raises `ValueError` where `run` is not a
    function that another process can import.
    """
    if (
        not isinstance(run, FunctionType)
        or run.__module__ == "__main__"
        or not run.__qualname__.isidentifier()
    ):
        raise ValueError(f"runs are made by a function of an imported module, which {run!r} is not")
    packages = {run.__module__.partition(".")[0], *PROJECT}
    found: dict[str, str] = {}
    waiting = [run.__module__]
    while waiting:
        module = waiting.pop()
        file = None if module in found else _file(module)
        if file is None:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        waiting += [one for one in _imported(tree, package) if one.partition(".")[0] in packages]
        found[module] = _digest(tree)
    return dict(sorted(found.items()))


def _file(module: str) -> Path | None:
    """Where a module's source is; None for what is no module, such as a function imported by name."""
    first, *rest = module.split(".")
    spec = importlib.util.find_spec(first)
    if spec is None:
        return None
    if spec.submodule_search_locations is None:
        return Path(spec.origin) if spec.origin and not rest else None
    for root in spec.submodule_search_locations:
        place = Path(root, *rest)
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file():
                return file
    return None


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Full names of what a file imports; `from a import b` gives a and a.b, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -(node.level - 1) or None] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _digest(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:16]
