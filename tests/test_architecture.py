"""The arrows between packages: who may import whom, and that a planted import is caught."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import generated

ROOT = Path(__file__).resolve().parent.parent
STANDARD = set(sys.stdlib_module_names)

# Who may import whom, beside the standard library and the package itself.
ALLOWED = {
    "derive": {"sympy", "flint", "mpmath", "jinja2", "latex2mathml", "markupsafe", "ziamath", "fontTools"},
    "generated": {"numpy"},
    "derive/runtime": {"numpy"},
    "verify": {
        "derive",
        "generated",
        "distributed",
        "numpy",
        "sympy",
        "flint",
        "mpmath",
        "matplotlib",
        "hypothesis",
        "joblib",
        "jinja2",
        "markupsafe",
        "networkx",
        "pyarrow",
        "pygments",
        "rich",
        "scipy",
        "sklearn",
        "threadpoolctl",
        "tqdm",
    },
}


def outside_imports(folder: Path) -> dict[str, set[str]]:
    """Top-level names that each file below the folder imports absolutely, the standard library left out."""
    found = {}
    for file in sorted(folder.rglob("*.py")):
        roots = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                roots.add(node.module.split(".")[0])
        found[file.relative_to(folder).as_posix()] = roots - STANDARD
    return found


def wrong_imports(root: Path, package: str) -> list[str]:
    """Imports that the architecture forbids, one line each."""
    wrong = []
    for file, roots in outside_imports(root / package).items():
        if package == "derive" and file.startswith("runtime/"):
            continue
        own = {package} if package in ("derive", "verify") else set()
        wrong += [f"{package}/{file} imports {name}" for name in sorted(roots - ALLOWED[package] - own)]
    return wrong


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_arrows(package: str) -> None:
    assert wrong_imports(ROOT, package) == []


@pytest.mark.parametrize(
    ("package", "planted"),
    [
        ("generated", "import sympy"),
        ("generated", "from derive import load"),
        ("generated", "from generated import semicircle"),
        ("derive", "import numpy"),
        ("derive", "from verify import sample"),
        ("derive/runtime", "from scipy import special"),
        ("verify", "import requests"),
    ],
)
def test_planted_import_is_caught(package: str, planted: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    assert wrong_imports(tmp_path, package) == []
    target = next(file for file in sorted((tmp_path / package).glob("*.py")) if file.name != "__init__.py")
    target.write_text(
        f"{target.read_text(encoding='utf-8')}\n\ndef planted() -> None:\n    {planted}\n", encoding="utf-8"
    )
    assert len(wrong_imports(tmp_path, package)) == 1


# Layers of derive and of the runtime, lowest first: a module imports its own layer and those before it.
LAYERS = {
    "derive": (
        "files laws algebra language typesetting derivation certificates transforms analysis sparse pipeline "
        "subordination critical emission generate __main__"
    ).split(),
    "derive/runtime": (
        "arguments calls results coefficients arithmetic numerics outliers closed_forms frozen family radial "
        "levy algebraic sparse"
    ).split(),
}
# read from or copied elsewhere, and the public names
NO_LAYER = {"derive": {"models", "runtime", "__init__"}, "derive/runtime": {"__init__"}}


def imports_upwards(root: Path, package: str) -> list[str]:
    """Relative imports from a layer that comes later, one line each; what types alone need is left out."""
    rank = {layer: k for k, layer in enumerate(LAYERS[package])}
    wrong = []
    for file in sorted((root / package).rglob("*.py")):
        place = file.relative_to(root / package).with_suffix("").parts
        if place[0] in NO_LAYER[package]:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for_types = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.level or node in for_types:
                continue
            inside = place[: len(place) - node.level]  # the package that the dots lead to
            named = (*inside, *(node.module or "").split(".")) if node.module else inside
            layers = {named[0]} if named else {alias.name for alias in node.names}
            wrong += [
                f"{file.name} of {place[0]} imports {layer}"
                for layer in sorted(layers - NO_LAYER[package])
                if rank[layer] > rank[place[0]]
            ]
    return wrong


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_layers(package: str) -> None:
    assert imports_upwards(ROOT, package) == []


@pytest.mark.parametrize(
    ("package", "file", "planted"),
    [
        ("derive", "algebra/rings.py", "from ..transforms import reading"),
        ("derive", "laws.py", "from . import pipeline"),
        ("derive/runtime", "arithmetic/double_double.py", "from ..levy.law import Levy"),
    ],
)
def test_planted_import_upwards_is_caught(package: str, file: str, planted: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / package / file
    target.write_text(f"{target.read_text(encoding='utf-8')}\n{planted}\n", encoding="utf-8")
    assert len(imports_upwards(tmp_path, package)) == 1


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after the statement."""
    code = f"import sys\n{statement}\nprint(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.split())


@pytest.mark.parametrize("name", generated.MODELS)
def test_generated_modules_load_numpy_alone(name: str) -> None:
    loaded = loaded_after(f"from generated import {name}; {name}._FAMILY.kernels; {name}._FAMILY.law")
    assert not loaded & {"sympy", "flint", "mpmath", "derive", "verify", "scipy", "jinja2"}
    assert "numpy" in loaded


def test_numerics_load_at_the_first_evaluation() -> None:
    code = "import sys; from generated import {}; print('generated._runtime.levy.law' in sys.modules)"
    for first in ("semicircle", "semicircle; semicircle.index(1.0)"):
        run = subprocess.run(
            [sys.executable, "-c", code.format(first)], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert run.stdout.strip() == str("index" in first)


def test_deriving_loads_no_numpy() -> None:
    assert "numpy" not in loaded_after("import derive; derive.derive(derive.load('semicircle'))")


def test_copied_folder_works_alone(tmp_path: Path) -> None:
    """The generated folder under another name, outside the repository, with NumPy alone."""
    shutil.copytree(ROOT / "generated", tmp_path / "laws", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        f"import sys; sys.path[:] = [p for p in sys.path if p not in ('', {str(ROOT)!r})]; "
        f"sys.path.insert(0, {str(tmp_path)!r}); "
        "from laws import wishart_wigner as m; print(m.__file__, m.law(0.1, 0.5).index())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    place, index = run.stdout.split()
    assert place.startswith(str(tmp_path))
    assert 0 < float(index) < 1
