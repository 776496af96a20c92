"""Packaging, the make targets, and the README, whose code is run as it stands."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from derive.typesetting.latex import derivation_latex
from tests.derived import derivation_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


# --- packaging ---------------------------------------------------------------------------------


def test_the_lock_names_no_host_and_no_path() -> None:
    assert not re.search(r"https?:|file:|--index|--find-links|@ |(^|\s)/", LOCK)


def test_every_requirement_is_pinned_and_hashed() -> None:
    pins = re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK, flags=re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9-]+==)", LOCK[LOCK.index("\n" + pins[0][0]) + 1 :])
    assert len(entries) == len(pins) > 20
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert not re.search(r"^(?![a-z0-9-]+==|\s|#|$).", LOCK, flags=re.MULTILINE)


def test_the_lock_holds_what_the_project_asks_for() -> None:
    pinned = {name.lower() for name in re.findall(r"^([A-Za-z0-9-]+)==", LOCK, flags=re.MULTILINE)}
    extras = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *(item for group in extras.values() for item in group)]
    asked += PROJECT["build-system"]["requires"]
    names = {re.match(r"[A-Za-z0-9-]+", item)[0].lower() for item in asked} - {"stieltjes"}  # type: ignore[index]
    assert names <= pinned, f"run `make lock`; missing: {names - pinned}"


def test_users_need_numpy_alone() -> None:
    assert [re.match(r"\w+", item)[0] for item in PROJECT["project"]["dependencies"]] == ["numpy"]  # type: ignore[index]


# --- make --------------------------------------------------------------------------------------


def test_make_prints_every_target() -> None:
    printed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert targets is not None
    for target in targets[1].split():
        assert f"make {target} " in printed


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "pyproject.toml").touch()
    old = tmp_path / "old"
    program = "import sys; sys.version_info = (3, 9, 0); exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{program}" "$2"\n', encoding="utf-8")
    old.chmod(0o755)
    run = subprocess.run(
        ["make", ".venv/stamp", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "needs Python 3.11 or newer" in run.stderr
    assert "3.9" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert "make test" in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)


# --- commands ----------------------------------------------------------------------------------


def command(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", [(), ("list",), ("show",), ("critical",), ("generate",)])
def test_commands_have_help(name: tuple[str, ...]) -> None:
    run = command(*name, "--help")
    assert run.returncode == 0
    assert run.stdout.startswith("usage: python -m derive")


def test_list_and_show() -> None:
    listed = command("list").stdout
    assert "wishart_wigner(eps, phi)" in listed
    assert "Wishart(ratio φ) + Wigner(variance 2 ε)" in listed
    shown = command("show", "semicircle")
    assert shown.returncode == 0
    assert "σ² G² − z G + 1 = 0" in shown.stdout or "−σ² G² + z G − 1 = 0" in shown.stdout
    assert r"\paragraph{" in command("show", "semicircle", "--latex").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "nonsense"), "neither a model that ships"),
        (("show", "--model", "missing.py"), "missing.py"),
        (("show",), "one of the arguments NAME --model is required"),
        (("show", "semicircle", "--width", "ten"), "whole number of columns"),
    ],
)
def test_failures_are_told_and_exit_nonzero(arguments: tuple[str, ...], told: str) -> None:
    run = command(*arguments)
    assert run.returncode != 0
    assert told in run.stderr
    assert "Traceback" not in run.stderr


# --- README ------------------------------------------------------------------------------------


def test_readme_code_runs_and_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    python = blocks("python")
    files = [block for block in python if ">>>" not in block]
    assert len(files) == 1
    Path("my_model.py").write_text(files[0], encoding="utf-8")
    for line in re.findall(r"^    \.venv/bin/python -m derive (.*)$", README, flags=re.MULTILINE):
        run = command(*line.split(), cwd=tmp_path)
        assert run.returncode == 0, f"{line}: {run.stderr}"
    namespace: dict[str, object] = {}
    parser = doctest.DocTestParser()
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for block in python:
        if ">>>" in block:
            runner.run(parser.get_doctest(block, namespace, "README", "README.md", 0), clear_globs=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "mylaws"]:
        del sys.modules[name]
    result = runner.summarize(verbose=False)
    assert (result.failed, result.attempted) == (0, 20)


def test_the_pictures_model_is_the_readmes() -> None:
    assert (ROOT / "docs" / "my_model.py").read_text(encoding="utf-8") in blocks("python")
    assert (ROOT / "docs" / "spectrum.svg").stat().st_size > 10_000


def test_the_readmes_equations_are_derived() -> None:
    derived = derivation_latex(derivation_of("wishart_wigner"))
    shown = blocks("math")
    assert len(shown) == 4
    for equation in shown:
        assert equation.strip() in derived


def test_the_readme_lists_the_modules_and_their_functions() -> None:
    import generated
    from generated import wishart_wigner

    for name in generated.MODELS:
        assert f"| `{name}` |" in README
    for name in re.findall(r"`(\w+)\([a-z]+, p\.\.\.\)`|`(\w+)\(p\.\.\.\)`", README):
        assert hasattr(wishart_wigner, name[0] or name[1]), name


def test_text_files_speak_of_the_project_alone() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git work tree")
    machine = re.compile("/" + r"(home|root|work|Users)/\w|\.\./" + "shared")
    for name in tracked.stdout.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".jinja", ".lock", ""} and path.is_file():
            found = machine.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{name} names a path of one machine: {found}"
