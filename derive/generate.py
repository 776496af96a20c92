"""Writing generated packages, and telling whether one on disk is what the derivations say.

1. derive the models (each on its own; nothing is written if one fails),
2. compose all files in memory (`emission.module.package`),
3. check: compare names first, contents second; or write: each file beside its place, then renamed,
4. and, where all models that ship are written, their derivations as `.tex` files and one HTML page.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .derivation import Derivation
from .emission import module as emit
from .files import write_text
from .language.model import KINDS, ModelError, all_names, load, names
from .pipeline import derive

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "generated"
PAGES = ROOT / "build" / "derivations"
MARK = emit.HEADER.partition("{")[0]


def derivations(chosen: Sequence[str] = ()) -> list[Derivation]:
    """The derivations of all models that ship, or of the chosen ones."""
    known = all_names()
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        raise ModelError(f"no model is named {', '.join(unknown)}; the models are {', '.join(known)}")
    return [derive(load(name)) for name in (chosen or known)]


def expected(derived: Sequence[Derivation]) -> dict[str, str]:
    """The files of `generated/` for these derivations; the package lists all models that ship."""
    listed = emit.package_text({kind: names(kind) for kind in ("", *KINDS)}, "make regenerate")
    return emit.package(derived) | {"__init__.py": listed}


def for_file(path: str | Path, folder: str | Path) -> dict[str, str]:
    """The files that make `folder` a package with the module of a user's model file.

    Modules that the folder already has stay and stay listed.
    """
    model, folder = load(path), Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ModelError(f"--out {folder} exists and is no folder")
    if folder.resolve() == GENERATED:
        raise ModelError(
            f"--out {folder} is the package of the models that ship; put the file into derive/models/ "
            "and run `make regenerate`, or choose another folder"
        )
    for target in (folder / f"{model.name}.py", folder / "__init__.py"):
        if target.exists() and not _written_here(target):
            raise ModelError(
                f"{target} was not written by this command and would be lost; choose another folder for --out"
            )
    derivation = derive(model)
    command = f"python -m derive generate --model {Path(path).name} --out DIR"
    files = emit.package([derivation], command)
    texts = {
        f.stem: f.read_text(encoding="utf-8") for f in folder.glob("*.py") if not f.stem.startswith("_")
    } | {model.name: files[f"{model.name}.py"]}
    found: dict[str, list[str]] = {}
    for name, text in texts.items():
        found.setdefault(emit.kind_of(text), []).append(name)
    files["__init__.py"] = emit.package_text(found, "python -m derive generate")
    return files


def _written_here(file: Path) -> bool:
    """Whether a file is empty or carries the mark of generated ones."""
    text = file.read_text(encoding="utf-8", errors="replace")
    return not text.strip() or MARK in text


def run(options: argparse.Namespace) -> int:
    """The command `python -m derive generate`; the value is the exit status."""
    if (options.model is None) != (options.out is None):
        raise ModelError(
            "--model FILE and --out DIR go together: a user's model is written outside generated/"
        )
    if options.model is not None:
        if options.names:
            raise ModelError(
                f"name models or give --model FILE, not both; got {', '.join(options.names)} too"
            )
        cure = f"python -m derive generate --model {options.model} --out {options.out}"
        files = for_file(options.model, options.out)
        return _settle(files, options.out, options.check, whole=False, cure=f"run `{cure}`")
    derived = derivations(options.names)
    cure = "run `make regenerate` and commit the result"
    status = _settle(expected(derived), GENERATED, options.check, whole=not options.names, cure=cure)
    if not options.check and not options.names:
        from .emission.page import write as write_pages

        for path in write_pages(derived, PAGES):
            print(f"wrote {path}")
    return status


def _settle(files: Mapping[str, str], folder: Path, check: bool, whole: bool, cure: str) -> int:
    """Check the folder or bring it up to date."""
    if check:
        difference = drift(files, folder, whole=whole)
        if difference:
            print(difference)
            print(f"\n{folder} is not what the models derive to; {cure}", file=sys.stderr)
            return 1
        print(f"{folder} is what the models derive to ({len(files)} files)")
        return 0
    changed = write(files, folder, prune=whole)
    print(
        "\n".join(f"wrote {folder / name}" for name in changed)
        or f"{folder} is up to date ({len(files)} files)"
    )
    return 0


def write(files: Mapping[str, str], folder: Path, *, prune: bool = False) -> list[str]:
    """Write the files into the folder, each complete or not at all; return those that changed.

    prune: remove Python files in the folder that are not among `files`.
    """
    changed = []
    for name, text in files.items():
        target = folder / name
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        write_text(target, text)
        changed.append(name)
    if prune:
        for name in _present(folder) - set(files):
            (folder / name).unlink()
            changed.append(name)
    return sorted(changed)


def drift(files: Mapping[str, str], folder: Path, *, whole: bool = True) -> str:
    """What differs between the files and the folder, as text to read; empty if nothing does.

    whole: files of the folder that are not among `files` count as drift.
    """
    present = _present(folder)
    lines = [f"missing: {name}" for name in sorted(set(files) - present)]
    if whole:
        lines += [f"not generated by anything: {name}" for name in sorted(present - set(files))]
    for name in sorted(present & set(files)):
        found = (folder / name).read_text(encoding="utf-8")
        lines += difflib.unified_diff(
            found.splitlines(),
            files[name].splitlines(),
            f"{folder.name}/{name} (on disk)",
            f"{folder.name}/{name} (derived)",
            lineterm="",
        )
    return "\n".join(lines)


def _present(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*.py")}
