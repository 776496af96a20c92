"""A model: an expression, its parameters and what papers state about it; loading one."""

from __future__ import annotations

import importlib
import keyword
import pkgutil
import runpy
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import models
from .eigenvalues import Eigenvalues
from .ensembles import Ensemble, Rectangular
from .parameters import Parameter, Source, Stated

# Models of laws of other kinds, each in a folder of its own.
KINDS = ("algebraic", "functional", "radial")


class ModelError(ValueError):
    """A model file that cannot be used; the message says what came, what was wanted, what to do."""


@dataclass(frozen=True)
class Model:
    """A random-matrix model, written once.

    title: a phrase for headings.
    parameters: in the order of the generated functions' arguments.
    expression: the ensemble (see `ensembles`), or `Eigenvalues(...)` of one that is not self-adjoint.
    stated: formulas that papers print about it.
    source: where the model comes from, if anywhere.
    name: the generated module's name; `load` fills it in from the file's name.
    """

    title: str
    parameters: tuple[Parameter, ...]
    expression: Ensemble | Eigenvalues
    stated: tuple[Stated, ...] = ()
    source: Source | None = None
    name: str = field(default="")

    def __post_init__(self) -> None:
        if not isinstance(self.title, str) or not self.title.strip() or not self.title.isprintable():
            raise ModelError(f"title must be one line of text, got {self.title!r}")
        object.__setattr__(
            self, "parameters", _all(Parameter, self.parameters, "parameters", "(eps, phi) or (phi,)")
        )
        object.__setattr__(self, "stated", _all(Stated, self.stated, "stated", "(Stated(...),)"))
        if not isinstance(self.expression, (Ensemble, Eigenvalues)):
            cure = (
                "wrap rectangular factors in Gram(...) or Hermitised(...)"
                if isinstance(self.expression, Rectangular)
                else "write it with Wigner(...), Wishart(...), Gram(...) or Hermitised(...)"
            )
            raise ModelError(
                f"the expression of {self.title!r} must be a square ensemble, got {self.expression!r}; {cure}"
            )
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise ModelError(f"{self.title!r} declares a parameter twice: {', '.join(names)}; list each once")
        seen_default = False
        for parameter in self.parameters:
            if seen_default and parameter.default is None:
                raise ModelError(
                    f"{parameter.name} has no default but follows a parameter that has one; put it before"
                )
            seen_default = seen_default or parameter.default is not None
        declared = {parameter.symbol for parameter in self.parameters}
        used = self.expression.free_symbols
        undeclared = sorted(str(s) for s in used - declared)
        if undeclared:
            raise ModelError(
                f"{self.title!r} uses {', '.join(undeclared)} without declaring it; "
                "add a Parameter to `parameters`"
            )
        unused = sorted(str(s) for s in declared - used)
        if unused:
            raise ModelError(
                f"{self.title!r} declares {', '.join(unused)} but its expression has no such symbol; "
                "take it out of `parameters`, or use it"
            )

    def keep_free(self, letters: Iterable[str], what: str) -> None:
        """Raise `ModelError` if a parameter has the name of one of a derivation's own letters."""
        for parameter in self.parameters:
            if parameter.name in letters:
                raise ModelError(
                    f"{self.title!r} calls a parameter {parameter.name}, which is {what}; "
                    f"choose another name, for example {parameter.name}0"
                )


def _all(kind: type, given: object, field_name: str, example: str) -> tuple[Any, ...]:
    """What was given for a field, as a tuple of that kind."""
    wanted = f"{field_name} must be a tuple of {kind.__name__} objects, as {example}"
    if not isinstance(given, (tuple, list)):
        raise ModelError(f"{wanted}, got {given!r}")
    for item in given:
        if not isinstance(item, kind):
            raise ModelError(f"{wanted}, but {item!r} is {type(item).__name__}")
    return tuple(given)


def wanted_model(model: object) -> Model:
    """The model itself; raises `TypeError` for anything else, a name for instance."""
    if not isinstance(model, Model):
        raise TypeError(f"a Model is wanted, got {model!r}; derive.load reads one by name or from a file")
    return model


def names(kind: str = "") -> tuple[str, ...]:
    """The names of the models that ship, sorted; the folder `derive/models` is the registry.

    kind: "" for rational free Levy laws, else one of KINDS, whose folder is inside that one: "algebraic" for
        other algebraic laws, "functional" for laws known by a functional equation, "radial" for complex
        eigenvalues.
    """
    folders = [str(Path(folder) / kind) for folder in models.__path__]
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folders) if not module.ispkg))


def all_names() -> tuple[str, ...]:
    """The names of all models that ship, kind after kind."""
    return tuple(name for kind in ("", *KINDS) for name in names(kind))


def kind_of(name: str) -> str:
    """The kind of a model that ships, one of KINDS or "" ; `ModelError` for other names."""
    for kind in ("", *KINDS):
        if name in names(kind):
            return kind
    raise ModelError(f"no model is named {name!r}; the models are {', '.join(all_names())}")


def _line(error: BaseException, path: Path) -> str:
    """Where in the file an error arose, `, line 7`; nothing for errors of syntax, which say it themselves."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f", line {lines[-1]}," if lines else ""


def load(name_or_path: str | Path) -> Model:
    """The model of that name in `derive/models`, or the one in a file that defines `MODEL`.

    Raises `ModelError` for an unknown name, a missing file, a file that fails, or one without MODEL.
    """
    text = str(name_or_path)
    kind = next((kind for kind in ("", *KINDS) if text in names(kind)), None)
    if kind is not None:
        package = f"{models.__name__}.{kind}".rstrip(".")
        model, stem = importlib.import_module(f"{package}.{text}").MODEL, text
    else:
        path = Path(text)
        if path.suffix != ".py" or not path.is_file():
            raise ModelError(
                f"{text!r} is neither a model that ships ({', '.join(all_names())}) "
                "nor a Python file that exists"
            )
        stem = path.stem
        if not stem.isidentifier() or keyword.iskeyword(stem) or stem.startswith("_"):
            raise ModelError(
                f"the file name {path.name!r} becomes a module's name; make it an identifier that is no "
                "keyword and does not begin with an underscore"
            )
        try:
            namespace = runpy.run_path(str(path))
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{path}{_line(error, path)} fails: {type(error).__name__}: {error}") from error
        except SystemExit as error:
            raise ModelError(
                f"{path}{_line(error, path)} ends the program; a model file only defines MODEL"
            ) from error
        if "MODEL" not in namespace:
            raise ModelError(f"{path} defines no MODEL; add `MODEL = Model(...)`")
        model = namespace["MODEL"]
    if not isinstance(model, Model):
        raise ModelError(f"MODEL in {text} is {type(model).__name__}, not derive.Model")
    return Model(model.title, model.parameters, model.expression, model.stated, model.source, stem)
