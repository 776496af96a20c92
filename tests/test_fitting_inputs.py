"""What `fit` takes and refuses, its command, modules of one's own, and what it loads."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import verify
from derive import load
from derive.__main__ import main as derive_main
from generated import semicircle
from verify import Sampler, bootstrap, fit
from verify.fitting.result import measured

ROOT = Path(__file__).resolve().parent.parent
TRUE = {"eps": 0.05, "phi": 0.5}


@pytest.fixture(scope="module")
def eigenvalues() -> np.ndarray:
    return Sampler(load("wishart_wigner"), 100, **TRUE).spectra(np.random.default_rng(1), 1)[0]


POINTS = np.linspace(-1, 1, 30)


@pytest.mark.parametrize(
    ("points", "keywords", "error", "told"),
    [
        ([], {}, ValueError, "at least 10 numbers, got none"),
        (POINTS[:5], {}, ValueError, "5 eigenvalues are too few to fit a law; pass 10 at least"),
        (np.append(POINTS, np.nan), {}, ValueError, "must be finite, got nan at place 30 and 1 such in all"),
        (np.append(POINTS, np.inf), {}, ValueError, "must be finite, got inf"),
        (POINTS + 0j, {}, TypeError, "must be real, got complex numbers; .*eigvalsh"),
        (np.eye(20), {}, ValueError, r"got an array of shape \(20, 20\); pass np.linalg.eigvalsh\(matrix\)"),
        (np.array(["a"] * 20), {}, TypeError, "got dtype <U1; pass an array of floats"),
        ([[1.0], [1.0, 2.0]], {}, ValueError, "nested lists of unequal lengths"),
        (np.ma.masked_array(POINTS), {}, TypeError, "got a masked array"),
        (np.ones(20), {}, ValueError, "all 20 points are 1; there is no law to fit to one atom"),
        (POINTS, {"weights": np.ones(29)}, ValueError, "got 30 nodes and 29 weights"),
        (POINTS, {"weights": -np.ones(30)}, ValueError, "weights must not be negative"),
        (POINTS, {"weights": np.zeros(30)}, ValueError, "not all 0"),
        (POINTS[:3], {"weights": np.ones(3)}, ValueError, "3 nodes are too few"),
        (POINTS, {"weights": np.ones(30), "size": 0}, ValueError, "size must be a positive whole number"),
        (
            POINTS,
            {"weights": np.ones(30), "probes": 1.5},
            ValueError,
            "probes must be a positive whole number",
        ),
        (POINTS, {"size": 30}, ValueError, "size without weights"),
        (POINTS, {"sigma": -1.0, "scale": "fit"}, ValueError, "sigma = -1.0 is outside its domain"),
        (POINTS, {"sigma": 1.0}, ValueError, "every parameter of generated.semicircle is held"),
        (POINTS, {"gamma": 1.0}, TypeError, "has no parameter gamma; it has sigma, loc and scale"),
        (POINTS, {"scale": 0}, ValueError, "scale must be positive, got 0"),
        (POINTS, {"loc": "free"}, ValueError, 'loc must be a finite number, or "fit" to estimate it'),
        (POINTS, {"loc": np.nan}, ValueError, "loc must be a finite number"),
        (POINTS, {"ensemble": "orthogonal"}, ValueError, 'ensemble must be "real" or "complex"'),
    ],
)
def test_what_is_refused(points: Any, keywords: dict[str, Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        fit(points, "semicircle", **keywords)


def test_nonsense_has_no_outliers() -> None:
    """Points next to the bands of a law that does not fit are not called spikes; one far off is."""
    rng = np.random.default_rng(2)
    points = rng.exponential(size=400)
    found = fit(points, "marchenko_pastur")
    assert found.p_value < 1e-20
    assert found.outliers == ()
    assert "points are outside the bands of a law that does not fit" in str(found)
    assert "hull is wide are named (none)" in str(found)
    found = fit(np.append(points, 50.0), "marchenko_pastur")
    assert 50.0 in [outlier.place for outlier in found.outliers]
    assert all(outlier.place > 6 for outlier in found.outliers)


def test_a_law_between_whose_bands_the_points_are_does_not_fit() -> None:
    """The nearest law has an atom and one band far away, and nothing of it fluctuates."""
    found = fit(np.random.default_rng(1).uniform(-1, 1, 500), "wishart_wigner")
    assert found.p_value == 0
    assert "eigenvalues more or fewer than the law has" in str(found)


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0.49753, 0.00312, "0.4975 +- 0.0031"),
        (9.9689e-7, 1.04e-8, "9.97e-07 +- 1.0e-08"),
        (2.7512e11, 3.41e10, "2.75e+11 +- 3.4e+10"),
        (51.2, 14.0, "51 +- 14"),
        (3e-9, 1.04e-8, "3e-09 +- 1.0e-08"),
        (0.0, 1.04e-8, "0 +- 1.0e-08"),
        (0.5, np.inf, "0.5"),
    ],
)
def test_digits_are_those_of_the_error(value: float, error: float, shown: str) -> None:
    assert measured(value, error) == shown


@pytest.mark.parametrize(
    ("model", "error", "told"),
    [
        ("sparse_wigner", ValueError, r"from a functional equation: .* generated\.sparse_wigner\.moments"),
        ("sparse_wishart", ValueError, "from a functional equation"),
        ("gaussian_product", ValueError, r"a law in the plane, of complex eigenvalues, .*product\.cdf\(r"),
        (
            "wishart_product",
            ValueError,
            r"verify\.bootstrap\(model, 200\).*derive\.load\('wishart_product'\)",
        ),
        ("fuss_catalan_3", ValueError, 'has no parameters; pass scale="fit"'),
        ("circle", ValueError, "there is no model 'circle'; those that ship are marchenko_pastur, "),
        (load("semicircle"), TypeError, "model must be one of .*, or a generated module with .*, got Model"),
        (np, TypeError, "or a generated module with .*, got <module 'numpy'"),
    ],
)
def test_models_that_are_none(model: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        fit(POINTS, model)


def test_files(tmp_path: Path, eigenvalues: np.ndarray) -> None:
    good = tmp_path / "spectrum.npy"
    np.save(good, eigenvalues)
    expected = fit(eigenvalues, "wishart_wigner")
    for given in (good, str(good), list(eigenvalues), eigenvalues[::-1], eigenvalues.astype(">f8")):
        assert fit(given, "wishart_wigner").parameters == expected.parameters
    with pytest.raises(FileNotFoundError, match=r"there is no file missing\.npy; pass an array"):
        fit("missing.npy", "semicircle")
    with pytest.raises(ValueError, match="is a folder"):
        fit(tmp_path, "semicircle")
    (tmp_path / "text.npy").write_text("1 2 3")
    with pytest.raises(ValueError, match=r"holds no NumPy array; write it by np.save"):
        fit(tmp_path / "text.npy", "semicircle")
    (tmp_path / "empty.npy").touch()
    with pytest.raises(ValueError, match="holds no NumPy array"):
        fit(tmp_path / "empty.npy", "semicircle")
    (tmp_path / "half.npy").write_bytes(good.read_bytes()[:300])
    with pytest.raises(ValueError, match="holds part of an array alone"):
        fit(tmp_path / "half.npy", "semicircle")
    np.save(tmp_path / "objects.npy", np.array([1, None]), allow_pickle=True)
    with pytest.raises(ValueError, match="holds objects, which are pickled"):
        fit(tmp_path / "objects.npy", "semicircle")
    np.savez(tmp_path / "several.npz", a=eigenvalues, b=eigenvalues)
    with pytest.raises(ValueError, match=r"holds several arrays \(a, b\)"):
        fit(tmp_path / "several.npz", "semicircle")


def test_the_result(eigenvalues: np.ndarray) -> None:
    found = fit(eigenvalues, "wishart_wigner")
    again = fit(eigenvalues.copy(), "wishart_wigner")
    assert found.parameters == again.parameters
    assert (found.covariance == again.covariance).all()
    assert found.law.bands().shape == (1, 2)
    low, high = found.interval(0.68268949)["phi"]
    assert high - low == pytest.approx(2 * found.standard_errors["phi"], rel=1e-6)
    with pytest.raises(ValueError, match="level must be a probability"):
        found.interval(95)
    assert found.covariance[1, 1] == pytest.approx(found.standard_errors["phi"] ** 2)
    assert (
        json.loads(json.dumps(found.record(), allow_nan=False))["parameters"]["eps"]
        == found.parameters["eps"]
    )
    text = str(found)
    assert text.startswith("wishart_wigner fitted to 100 eigenvalues\n  eps = 0.0")
    assert "95 %: [" in text
    assert "the law fits: p = " in text
    assert "errors are those of free sums of real Gaussian Wigner and Wishart matrices" in text
    with pytest.raises(AttributeError):
        found.p_value = 1.0  # type: ignore[misc]


# --- ensembles known by samples, and what is loaded --------------------------------------------------

PRODUCT = """
from derive import Gaussian, Gram, Model, Parameter

a = Parameter("a", typical=(0.2, 2), meaning="ratio")

MODEL = Model(title="Product", parameters=(a,), expression=Gram(Gaussian(rows=1, columns=1 / a, variance=a)
    @ Gaussian(rows=1 / a, columns=1 / a, variance=a)))
"""


def generate(source: str, folder: Path, package: str) -> Path:
    model = folder / f"{package}_model.py"
    model.write_text(source, encoding="utf-8")
    assert derive_main(["generate", "--model", str(model), "--out", str(folder / package)]) == 0
    return model


def test_an_ensemble_known_by_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    model = load(generate(PRODUCT, tmp_path, "productlaws"))
    module = importlib.import_module("productlaws.productlaws_model")
    row = Sampler(model, 200, a=0.5).spectra(np.random.default_rng(0), 1)[0]
    with pytest.raises(
        ValueError, match=r"says how its eigenvalues fluctuate; pass ensemble=verify\.bootstrap"
    ):
        fit(row, module)
    found = fit(row, module, ensemble=bootstrap(model, 60, 120))
    assert abs(found.parameters["a"] - 0.5) < 4 * found.standard_errors["a"] < 0.1
    assert found.p_value > 1e-3
    assert "the ensemble sampled (120 matrices of 60 rows)" in str(found)
    assert fit(1.05 * row, module, ensemble=bootstrap(model, 60, 120)).p_value < 1e-3
    with pytest.raises(ValueError, match="10 spectra cannot calibrate"):
        fit(row, module, ensemble=bootstrap(model, 60, 10))
    with pytest.raises(ValueError, match="are calculated; leave ensemble"):
        fit(row, module, weights=np.ones(200), ensemble=bootstrap(model, 60, 120))


@pytest.mark.parametrize(
    ("name", "values", "free"),
    [
        ("deformed_wigner", {"mass": 0.5, "place": 2.0, "variance": 0.5}, {}),
        ("fuss_catalan_2", {}, {"scale": "fit"}),
    ],
)
def test_algebraic_laws_that_ship(name: str, values: dict[str, float], free: dict[str, Any]) -> None:
    """Without a theorem, by samples: of a law on whose parameters no first grid comes near, and of one
    without any."""
    model = load(name)
    row = Sampler(model, 120, **values).spectra(np.random.default_rng(3), 1)[0]
    found = fit(row, name, ensemble=bootstrap(model, 60, 80), **free)
    assert found.p_value > 1e-3
    for parameter in found.estimated:
        error = abs(found.parameters[parameter] - {**values, "scale": 1.0}[parameter])
        assert error < 4 * found.standard_errors[parameter] < 0.2


def test_a_bootstrap_agrees_with_the_theorem(eigenvalues: np.ndarray) -> None:
    by_theorem = fit(eigenvalues, "wishart_wigner")
    sampled = fit(eigenvalues, "wishart_wigner", ensemble=bootstrap(load("wishart_wigner"), 80, 200))
    for name in TRUE:
        assert sampled.standard_errors[name] == pytest.approx(by_theorem.standard_errors[name], rel=0.3)
        shift = abs(sampled.parameters[name] - by_theorem.parameters[name])
        assert shift < 0.5 * by_theorem.standard_errors[name]


def test_fitting_loads_neither_sympy_nor_flint() -> None:
    code = (
        "import sys, numpy as np\n"
        "from verify import fit\n"
        "import verify.fitting\n"
        "rng = np.random.default_rng(0); x = rng.standard_normal((60, 60))\n"
        "str(fit(np.linalg.eigvalsh(x + x.T), 'semicircle'))\n"
        "print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(run.stdout.split())
    assert {"numpy", "verify", "generated"} <= loaded
    assert not loaded & {"sympy", "flint", "derive", "matplotlib", "scipy"}


def test_every_name_of_the_package_is_there() -> None:
    assert set(verify.__all__) <= set(dir(verify))
    for name in verify.__all__:
        assert getattr(verify, name).__name__ == name
        # a module of that name would take its place as soon as it is imported
        assert importlib.util.find_spec(f"verify.{name}") is None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        verify.nonsense
    assert fit(POINTS, semicircle).model == "semicircle"


def test_an_estimate_at_the_end_of_its_domain_has_no_error() -> None:
    """Zeros and ones are nearest to eps = 0: no error of 0, and no interval of one point."""
    found = fit(np.repeat([0.0, 1.0], 50), "wishart_wigner")
    assert found.parameters["eps"] == 0
    assert np.isnan(found.standard_errors["eps"])
    assert np.isnan(found.interval()["eps"]).all()
    assert np.isfinite(found.interval()["phi"]).all()
    assert "eps is at the end of its domain" in str(found)
    assert "+- 0 " not in str(found)
    json.dumps(found.record(), allow_nan=False)


def test_more_nodes_than_the_matrix_can_give(eigenvalues: np.ndarray) -> None:
    weights = np.full(eigenvalues.size, 1 / eigenvalues.size)
    with pytest.raises(ValueError, match="a matrix of 3 rows gives 3 nodes a random vector at most"):
        fit(eigenvalues, "wishart_wigner", weights=weights, size=3, probes=10)


def test_outliers_that_come_and_go_end_at_the_fewest_outside(
    eigenvalues: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving points out can move an edge so that others are outside; the search must not end anywhere."""
    asked = 0

    def in_turns(family: Any, point: Any, spectrum: Any) -> np.ndarray:
        nonlocal asked
        asked += 1
        return np.arange(spectrum.points.size) < (1 if asked % 2 else 3)

    monkeypatch.setattr("verify.fitting.minimal_distance.outside", in_turns)
    found = fit(eigenvalues, "wishart_wigner")
    assert len(found.outliers) == 3  # the estimate with three left out has one outside, the other has three
    assert any("did not settle" in note for note in found.notes)
