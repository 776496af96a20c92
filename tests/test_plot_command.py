"""The command `python -m verify plot`: a picture for a model of every kind, and what it refuses."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from verify.__main__ import main

OWN = r"""
from derive import Model, Parameter, Projection, Wishart
a = Parameter("a", latex=r"\alpha", meaning="ratio")
b = Parameter("b_1", latex=r"\nosuchletter", meaning="place")
MODEL = Model(
    title="Wishart and a projection",
    parameters=(a, b),
    expression=Wishart(a) @ Projection("1/2") - b,
)
"""


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("wishart_wigner", ["eps=0.05", "phi=1/2"]),
        ("deformed_wigner", ["mass=0.3", "place=4", "variance=0.2"]),
        ("fuss_catalan_2", []),
        ("sparse_wigner", ["c=3"]),
        ("gaussian_product", ["ratio=1/2"]),
    ],
)
def test_every_kind_of_law(
    name: str, values: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "picture.svg"
    arguments = ["plot", name, *values, "--n", "60", "--out", str(target)]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"Written: {target}\n"
    text = target.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert main(arguments) == 0
    assert target.read_text(encoding="utf-8") == text
    assert main([*arguments, "--seed", "1"]) == 0
    assert target.read_text(encoding="utf-8") != text


def test_a_model_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(OWN, encoding="utf-8")
    assert main(["plot", "--model", "own.py", "a=1/3", "b_1=1", "--n", "60"]) == 0
    text = Path("build/plots/own.svg").read_text(encoding="utf-8")
    assert "Wishart and a projection: law and a sampled matrix" in text
    assert "#d55e00" in text  # the arrow of the atom at -1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one model is drawn, got none"),
        (["semicircle", "ginibre"], "got 'semicircle' and 'ginibre'"),
        (["wishart_wigner", "eps=0.1"], "phi"),
        (["semicircle", "sigma=x"], "'sigma=x' is not PARAMETER=NUMBER"),
        (["semicircle", "sigma=1/0"], "'sigma=1/0' is not PARAMETER=NUMBER"),
        (["semicircle", "sigma=-1"], "sigma"),
        (["semicircle", "tau=1"], "tau"),
        (["no_such_model"], "no_such_model"),
        (["fuss_catalan_2", "--out", "p.png"], "pictures are SVG, got p.png"),
        (["deformed_wigner"], "mass, place, variance are missing; give them by name"),
        (["semicircle", "--model", "own.py"], "leave one out"),
        (["--model", "missing.py"], "missing.py"),
    ],
)
def test_refusals(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plot", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
