"""The command `python -m verify fit`: what it prints, samples, derives and refuses."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive import load
from derive.__main__ import main as derive_main
from verify import Sampler, bootstrap, fit
from verify.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
POINTS = np.linspace(-1, 1, 30)


@pytest.fixture(scope="module")
def eigenvalues() -> np.ndarray:
    sampler = Sampler(load("wishart_wigner"), 100, eps=0.05, phi=0.5)
    return sampler.spectra(np.random.default_rng(1), 1)[0]


def test_the_command(
    tmp_path: Path,
    eigenvalues: np.ndarray,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("spectrum.npy", np.append(eigenvalues, 7.0))
    assert main(["fit", "spectrum.npy", "--model", "wishart_wigner"]) == 0
    told = capsys.readouterr().out
    assert "outlier at 7:" in told
    assert "Written: build/fits/spectrum-wishart_wigner.svg" in told
    picture = Path("build/fits/spectrum-wishart_wigner.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg")
    fit("spectrum.npy", "wishart_wigner").draw("again.svg")
    assert Path("again.svg").read_text(encoding="utf-8") == picture
    arguments = [
        "fit",
        "spectrum.npy",
        "--model",
        "wishart_wigner",
        "--hold",
        "phi=0.5",
        "--scale",
        "fit",
        "--json",
    ]
    assert main([*arguments, "--out", "other.svg"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["estimated"] == ["eps", "scale"]
    assert record["picture"] == "other.svg"
    assert Path("other.svg").is_file()
    np.save("weights.npy", np.ones(101))
    weighted = ["--weights", "weights.npy", "--size", "1000", "--probes", "50"]
    assert main(["fit", "spectrum.npy", "--model", "wishart_wigner", *weighted]) == 0
    assert "weighted nodes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.npy", "--model", "semicircle"], "error: there is no file missing.npy"),
        (["spectrum.npy", "--model", "circle"], "error: there is no model 'circle'"),
        (["spectrum.npy", "--model", "nowhere.py"], "error: there is no file nowhere.py"),
        (["spectrum.npy", "--model", "alone.py"], "alone.py defines no MODEL"),
        (
            ["spectrum.npy", "--model", "semicircle", "--hold", "tau=1"],
            "error: generated.semicircle has no parameter tau",
        ),
        (["spectrum.npy", "--model", "wishart_product"], "the command has --bootstrap 200"),
        (
            ["spectrum.npy", "--model", "circle", "--bootstrap", "80"],
            "'circle' is neither a model that ships",
        ),
        (["spectrum.npy", "--model", "sparse_wigner", "--bootstrap", "80"], "from a functional equation"),
        (["spectrum.npy", "--model", "gaussian_product", "--bootstrap", "80"], "a law in the plane"),
        (["spectrum.npy", "--model", "semicircle", "--bootstrap", "5"], "5 spectra cannot calibrate"),
        (
            ["spectrum.npy", "--model", "semicircle", "--bootstrap", "80", "--weights", "weights.npy"],
            "leave out --bootstrap or --weights",
        ),
        (
            ["spectrum.npy", "--model", "semicircle", "--rows", "80", "--seed", "0"],
            "--rows and --seed without --bootstrap",
        ),
    ],
)
def test_failures_of_the_command(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("spectrum.npy", POINTS)
    Path("alone.py").touch()
    assert main(["fit", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not Path("build").exists()


@pytest.mark.parametrize("arguments", [["--hold", "phi"], ["--loc", "free"], ["--hold", "phi=half"]])
def test_options_that_are_mistyped(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["fit", "spectrum.npy", "--model", "semicircle", *arguments])
    assert repr(arguments[-1]) in capsys.readouterr().err


def test_the_command_samples_matrices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `fit(..., ensemble=bootstrap(...))` does: of a law without a theorem, by seed and symmetry class."""
    monkeypatch.chdir(tmp_path)
    model = load("fuss_catalan_2")
    row = 1.5 * Sampler(model, 100).spectra(np.random.default_rng(3), 1)[0]
    np.save("row.npy", row)

    def record(*more: str) -> Any:
        command = ["fit", "row.npy", "--model", "fuss_catalan_2", "--scale", "fit", "--json"]
        assert main([*command, "--bootstrap", "60", "--rows", "50", *more]) == 0
        return json.loads(capsys.readouterr().out)

    def expected(**how: int) -> float:
        return fit(row, model.name, scale="fit", ensemble=bootstrap(model, 50, 60, **how)).p_value

    found = record()
    assert found["ensemble"] == "the ensemble sampled (60 matrices of 50 rows)"
    assert found["parameters"]["scale"] == pytest.approx(1.5, rel=0.05)
    assert found["p_value"] == pytest.approx(expected(), rel=1e-9)
    other = record("--seed", "7", "--ensemble", "complex", "--quiet")
    assert other["p_value"] == pytest.approx(expected(seed=7, beta=2), rel=1e-9)
    assert other["p_value"] != pytest.approx(expected(seed=7), rel=1e-3)


def test_sampled_matrices_do_not_depend_on_processes() -> None:
    one, two = (bootstrap(load("semicircle"), 20, 6, jobs=jobs)(sigma=1.0)[0] for jobs in (1, 2))
    assert np.allclose(one, two, rtol=0, atol=1e-12)
    assert np.ptp(one[:, 0]) > 1e-3  # and each is another


def test_a_module_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("own_model.py").write_bytes((ROOT / "docs" / "my_model.py").read_bytes())
    assert derive_main(["generate", "--model", "own_model.py", "--out", "ownlaws"]) == 0
    model, module = load("own_model.py"), importlib.import_module("ownlaws.own_model")
    row = Sampler(model, 300, eps=0.8, phi=5).spectra(np.random.default_rng(0), 1)[0]
    found = fit(row, module)
    assert found.p_value > 1e-3
    for name, value in (("eps", 0.8), ("phi", 5)):
        assert abs(found.parameters[name] - value) < 4 * found.standard_errors[name] < value
    np.save("row.npy", row)
    capsys.readouterr()
    assert main(["fit", "row.npy", "--model", "ownlaws/own_model.py", "--json"]) == 0
    of_module = json.loads(capsys.readouterr().out)
    assert of_module["model"] == "own_model"
    assert main(["fit", "row.npy", "--model", "own_model.py", "--json"]) == 0
    of_file = json.loads(capsys.readouterr().out)
    assert of_file == of_module
    sampled = ["--bootstrap", "80", "--rows", "50", "--json"]
    assert main(["fit", "row.npy", "--model", "own_model.py", *sampled]) == 0
    assert "80 matrices of 50 rows" in capsys.readouterr().out
    assert main(["fit", "row.npy", "--model", "ownlaws/own_model.py", *sampled]) == 2
    assert "pass the file of the model that it was generated from" in capsys.readouterr().err
