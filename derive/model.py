"""A model: an expression, its parameters and what papers state about it; loading one."""

from __future__ import annotations

import importlib
import pkgutil
import runpy
from dataclasses import dataclass, field
from pathlib import Path

from . import models
from .ensembles import Ensemble
from .parameters import Parameter, Source, Stated


class ModelError(ValueError):
    """A model file that cannot be used; the message says what came, what was wanted, what to do."""


@dataclass(frozen=True)
class Model:
    """A random-matrix model, written once.

    title: a phrase for headings.
    parameters: in the order of the generated functions' arguments.
    expression: the ensemble, see `derive.ensembles`.
    stated: formulas that papers print about it.
    source: where the model comes from, if anywhere.
    name: the generated module's name; `load` fills it in from the file's name.
    """

    title: str
    parameters: tuple[Parameter, ...]
    expression: Ensemble
    stated: tuple[Stated, ...] = ()
    source: Source | None = None
    name: str = field(default="")

    def __post_init__(self) -> None:
        if not isinstance(self.expression, Ensemble):
            raise ModelError(
                f"the expression of {self.title!r} must be a square ensemble, got {self.expression!r}; "
                "wrap rectangular factors in Gram(...) or Hermitised(...)"
            )
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise ModelError(f"{self.title!r} declares a parameter twice: {', '.join(names)}")
        seen_default = False
        for parameter in self.parameters:
            if seen_default and parameter.default is None:
                raise ModelError(f"{parameter.name} has no default but follows a parameter that has one")
            seen_default = seen_default or parameter.default is not None
        declared = {parameter.symbol for parameter in self.parameters}
        undeclared = sorted(str(s) for s in self.expression.free_symbols - declared)
        if undeclared:
            raise ModelError(
                f"{self.title!r} uses {', '.join(undeclared)} without declaring it; "
                "add a Parameter to `parameters`"
            )
        unused = sorted(str(s) for s in declared - self.expression.free_symbols)
        if unused:
            raise ModelError(
                f"{self.title!r} declares {', '.join(unused)} but its expression has no such symbol"
            )


def names() -> tuple[str, ...]:
    """The names of the models that ship, sorted; the folder `derive/models` is the registry."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(models.__path__)))


def load(name_or_path: str | Path) -> Model:
    """The model of that name in `derive/models`, or the one in a file that defines `MODEL`.

    Raises `ModelError` for an unknown name, a missing file, a file that fails, or one without MODEL.
    """
    text = str(name_or_path)
    if text in names():
        model, stem = importlib.import_module(f"{models.__name__}.{text}").MODEL, text
    else:
        path = Path(text)
        if path.suffix != ".py" or not path.is_file():
            raise ModelError(
                f"{text!r} is neither a model that ships ({', '.join(names())}) nor a Python file that exists"
            )
        stem = path.stem
        if not stem.isidentifier():
            raise ModelError(f"the file name {path.name!r} becomes a module's name; make it an identifier")
        try:
            namespace = runpy.run_path(str(path))
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{path} fails: {type(error).__name__}: {error}") from error
        if "MODEL" not in namespace:
            raise ModelError(f"{path} defines no MODEL; add `MODEL = Model(...)`")
        model = namespace["MODEL"]
    if not isinstance(model, Model):
        raise ModelError(f"MODEL in {text} is {type(model).__name__}, not derive.Model")
    return Model(model.title, model.parameters, model.expression, model.stated, model.source, stem)
