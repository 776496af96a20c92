"""The report's figures: the numbers behind them, and that they draw the same self-contained SVG each time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

import generated
from derive.analysis.levy_curve import Curve
from derive.analysis.transitions import band_count
from derive.emission.page import prose_html
from generated import relu_hessian, wishart_wigner
from tests.derived import derivation_of
from verify import Law, compare
from verify.__main__ import main
from verify.critical import critical_energy
from verify.report.figures import FIGURES, critical_energies, every, find, other_spectra, spectra, spectrum
from verify.report.figures import crossover as crossing
from verify.report.figures import index as indices
from verify.report.figures import phases as diagram
from verify.report.figures.sampled import sampled
from verify.report.figures.style import BLUE, DARK, RED, canvas, styled, svg

ROOT = Path(__file__).resolve().parent.parent
NAMES = [figure.name for figure in every()]
MODELS = sorted(indices.MODELS)
NEAR = (-sp.Rational(1, 10**9), sp.Rational(1, 10**9))


@cache
def data(name):
    return find(name).data()


def draw(name):
    with styled():
        return svg(find(name).plot(data(name)), name, find(name).title)


drawn = cache(draw)


# --- drawings ------------------------------------------------------------------------------------


def test_every_model_and_figure_has_a_name_of_its_own():
    assert len(set(NAMES)) == len(NAMES)
    assert {f"spectrum-{name.replace('_', '-')}" for name in generated.MODELS} <= set(NAMES)
    assert find("1") is FIGURES[0]


@pytest.mark.parametrize("name", NAMES)
def test_drawings_are_self_contained_and_repeat(name):
    text = drawn(name)
    assert text == draw(name)
    assert len(text) < 300_000
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"https?:", text.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    assert "<image" not in text
    assert "<script" not in text
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert ids[0] == name
    assert all(item.startswith(name) for item in ids)
    references = re.findall(r'href="([^"]*)"|url\(([^)]*)\)', text)
    assert references
    assert {a or b for a, b in references} <= {f"#{item}" for item in ids}


def colours(text):
    """All colours but those of the rules for dark pages."""
    return set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)))


@pytest.mark.parametrize("name", NAMES)
def test_every_colour_has_one_for_dark_pages(name):
    assert len(colours(drawn(name))) > 3
    assert colours(drawn(name)) <= set(DARK)
    assert "@media screen and (prefers-color-scheme: dark)" in drawn(name)


def test_marks_take_their_colour_from_where_they_are_used():
    root = ElementTree.fromstring(drawn("finite-size"))
    svg_ = "{http://www.w3.org/2000/svg}"
    marks = list(root.iterfind(f".//{svg_}defs/{svg_}path"))
    assert not any("#" in mark.get("style", "") for mark in marks)
    uses = [use.get("style", "") for use in root.iter(f"{svg_}use")]
    assert (
        sum(BLUE in style for style in uses) == sum(RED in style for style in uses) == 6
    )  # five and the legend


def test_a_colour_without_one_for_dark_pages_is_seen():
    with styled():
        figure, axes = canvas(2)
        axes[0][0].plot([0, 1], [0, 1], color="#123456")
        assert colours(svg(figure, "planted", "planted")) - set(DARK) == {"#123456"}


def test_drawings_do_not_depend_on_the_hash_seed():
    code = (
        "import hashlib; from verify.report.figures import find;"
        "print(hashlib.sha256(find('phases').draw().encode()).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == hashlib.sha256(drawn("phases").encode()).hexdigest()


def test_drawings_leave_global_settings_alone_and_load_no_windows():
    code = (
        "import sys, matplotlib; before = list(dict.items(matplotlib.rcParams));"
        "from verify.report.figures import find; find('spectrum-semicircle').draw();"
        "assert list(dict.items(matplotlib.rcParams)) == before;"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("figure", every(), ids=NAMES)
def test_captions_are_prose_with_whole_formulas(figure):
    assert figure.caption.count("$") % 2 == 0
    assert "\n" not in figure.caption
    assert "  " not in figure.caption
    assert figure.caption.endswith(".")
    shown = re.sub(r' alttext="[^"]*"', "", prose_html(figure.caption))
    assert "<math" in shown
    assert not re.search(r"[$\\{}]|merror", shown)
    assert figure.title


# --- figure 1 and spectra ------------------------------------------------------------------------


def test_figure_1_has_energies_on_both_sides_of_the_critical_one():
    for phi in (0.25, 0.5, 0.75):
        critical = wishart_wigner.critical_energy(phi)
        sides = {eps < critical for ratio, eps in data("figure-1") if ratio == phi}
        assert sides == {True, False}


@pytest.mark.parametrize("name", NAMES[:1] + [name for name in NAMES if name.startswith("spectrum")])
def test_curves_and_histograms_are_those_of_the_law(name):
    found = data(name)
    for one in found.values() if isinstance(found, dict) else [one for one, _ in found]:
        masses = np.sum(one.law.atoms()[:, 1])
        x, y = one.curve(2000)
        area = sum(
            np.trapezoid(y[i : i + 2000], x[i : i + 2000]) for i in range(0, len(x), 2001)
        )  # one band after another
        assert area == pytest.approx(1 - masses, abs=2e-4)
        heights, ends = one.histogram()
        assert np.sum(heights * np.diff(ends)) == pytest.approx(1 - masses, abs=1.5 / one.size)
        # eigenvalues are rigid: the counts below any place differ from N cdf by a few
        counts = np.cumsum(heights * np.diff(ends)) + sum(
            (ends[1:] >= place) * weight for place, weight in one.law.atoms()
        )
        assert np.max(np.abs(counts - one.law.cdf(ends[1:]))) < 4 / one.size


def test_a_wrong_law_under_a_histogram_is_caught():
    one = data("figure-1")[0.5, 0.2]
    assert compare(derivation_of("wishart_wigner").model, one.eigenvalues, **one.parameters).accepted
    wrong = {**one.parameters, "eps": 0.22}
    assert not compare(derivation_of("wishart_wigner").model, one.eigenvalues, **wrong).accepted
    heights, ends = one.histogram()
    counts = np.cumsum(heights * np.diff(ends))
    assert np.max(np.abs(counts - wishart_wigner.law(**wrong).cdf(ends[1:]))) > 4 / one.size


def test_no_bin_mixes_a_band_with_a_gap():
    one = sampled("relu_hessian", 400, {"eps": 0.04, "phi": 4})
    heights, ends = one.histogram()
    middle = (ends[1:] + ends[:-1]) / 2
    gaps = one.law.bands().ravel()[1:-1].reshape(-1, 2)
    assert len(gaps) == 2
    for low, high in gaps:
        assert {low, high} <= set(ends)
        assert np.all(heights[(middle > low) & (middle < high)] < 0.02)


def test_eigenvalues_at_atoms_are_counted_apart():
    one = sampled("marchenko_pastur", 300, {"phi": 3})
    assert len(one.continuous) == 100
    assert one.law.atoms()[0].tolist() == pytest.approx([0, 2 / 3])


def test_models_without_chosen_parameters_are_drawn_at_typical_ones(monkeypatch):
    monkeypatch.delitem(spectra.SHOWN, "relu_hessian")
    (chosen,) = spectra.chosen("relu_hessian")
    assert set(chosen) == {"eps", "phi"}  # sigma has a default
    assert 0.05 < chosen["eps"] < 2
    assert spectrum("relu_hessian").startswith("<svg")
    with pytest.raises(ValueError, match="no model is called 'nonsense'; those that ship are"):
        spectrum("nonsense")


# --- the index -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_the_index_next_to_the_critical_energy_is_the_certified_one(name):
    found = data("index")[name]
    for phi, near in found.near.items():
        ratio = Fraction(phi)
        critical = critical_energy(name, phi=ratio, bits=120)
        for i in (0, 80, 160):
            excess = Fraction(float(found.excess[i]))
            middle = sp.Rational(critical.mid().str(40, radius=False))
            certified = Law(name, eps=Fraction(str(middle)) * (1 + excess), phi=ratio).index(100)
            # the curve's eps is a double: next to eps_c its last digit moves t
            assert near[i] == pytest.approx(float(certified), rel=3e-16 / float(excess) + 1e-13)
            law = found.prefactors[phi] * float(excess) ** 1.5
            assert abs(law / float(certified) - 1) < 0.9 * float(excess)  # the next order
            assert abs(1.01 * law / float(certified) - 1) > 0.9 * float(excess) or excess > 0.005


@pytest.mark.parametrize("name", MODELS)
def test_the_caption_of_the_index_is_true(name):
    found = data("index")[name]
    for phi, near in found.near.items():
        law = found.prefactors[phi] * found.excess**1.5
        assert 1.065 < np.interp(0.1, found.excess, law / near) < 1.085
        critical = getattr(generated, name).critical_energy(phi)
        assert np.all(found.levels[phi][found.energies <= critical] == 0)
        assert np.all(found.levels[phi][found.energies > critical] > 0)
    assert found.levels[1.0][0] == 0
    assert found.levels[1.5][0] == 0
    assert found.levels[1.5][1] > 0.16


# --- the critical energy -------------------------------------------------------------------------


def test_the_series_is_that_of_the_certified_energy():
    for label, (name, fixed, _) in critical_energies.CURVES.items():
        found = data("critical-energy")[label]
        for i in (0, 130, 230):
            phi = 1 - Fraction(float(found.distance[i]))
            certified = float(critical_energy(name, phi=phi, **fixed))
            assert found.energy[i] == pytest.approx(certified, rel=1e-15)
        near = found.distance < 0.01
        assert np.max(found.error("series")[near]) < 1e-14
        assert np.max(np.abs(found.error("leading")[near] / found.distance[near])) < 1.2
        # the printed form loses three or more digits for each that 1 - phi has
        assert np.max(found.error("printed")[found.distance > 0.5]) < 1e-13
        assert np.median(found.error("printed")[found.distance < 1e-6]) > 0.5


def test_half_sigma_begins_as_wigner_does():
    found = data("critical-energy")
    a, b = found["Wigner"], found[r"ReLU residual, $\sigma = 1/2$"]
    assert a.leading == pytest.approx(b.leading, rel=1e-15)
    assert not np.allclose(a.energy, b.energy, rtol=1e-3)


# --- phases --------------------------------------------------------------------------------------


def points(count=400):
    rng = np.random.default_rng(11)
    low, high = np.log(diagram.RATIOS), np.log(diagram.ENERGIES)
    return np.exp(rng.uniform(*low, count)), np.exp(rng.uniform(*high, count))


def bands_of(phases, phi, eps):
    """The number of bands that the diagram shows."""
    walls = [np.exp(np.interp(np.log(eps), np.log(w.energies), np.log(w.ratios))) for w in phases.bands]
    return 1 + sum((phi > wall).astype(int) for wall in walls), walls


@pytest.mark.parametrize("name", MODELS)
def test_regions_hold_the_bands_of_the_generated_support(name):
    phases = data("phases")[name]
    phi, eps = points()
    shown, walls = bands_of(phases, phi, eps)
    counted = np.sum(np.isfinite(getattr(generated, name).support(eps, phi)[..., 0]), axis=-1)
    clear = np.all([np.abs(phi / wall - 1) > 2e-3 for wall in walls], axis=0)
    assert np.sum(clear) > 390
    assert np.array_equal(shown[clear], counted[clear])
    assert set(shown) == set(range(1, len(walls) + 2))


@pytest.mark.parametrize("name", MODELS)
def test_walls_part_exact_numbers_of_bands(name):
    phases = data("phases")[name]
    derived = derivation_of(name)
    symbol = {p.name: p.symbol for p in derived.model.parameters}
    curve = Curve(derived.law)
    fixed = {symbol["sigma"]: sp.S.One} if "sigma" in symbol else {}
    for k, wall in enumerate(phases.bands):
        for i in range(0, len(wall.energies), 24):
            at = {**fixed, symbol["eps"]: sp.Rational(f"{wall.energies[i]:.5e}")}
            ratio = sp.Rational(float(wall.ratios[i]))
            sides = [band_count(curve, {**at, symbol["phi"]: ratio * (1 + d)}) for d in NEAR]
            assert sides == [k + 1, k + 2]


def test_the_merging_energy_is_on_the_wall():
    forms = derivation_of("wishart_wigner").closed_forms
    (wall,) = data("phases")["wishart_wigner"].bands
    phi = next(iter(forms["merging_energy"].free_symbols))
    assert sp.lambdify(phi, forms["merging_energy"])(wall.ratios) == pytest.approx(wall.energies, rel=1e-9)


def test_the_residual_model_is_reentrant_at_four():
    phases = data("phases")["relu_hessian"]
    eps = np.geomspace(*diagram.ENERGIES, 200)
    shown, _ = bands_of(phases, np.full(200, 4.0), eps)
    changes = shown[np.flatnonzero(np.diff(shown))], shown[-1]
    assert ([*changes[0].tolist(), int(changes[1])]) == [3, 2, 3]


@pytest.mark.parametrize("name", MODELS)
def test_the_index_vanishes_below_the_critical_energy_only(name):
    phases, module = data("phases")[name], getattr(generated, name)
    wall = phases.critical
    assert np.all(module.index(wall.energies * (1 - 1e-9), wall.ratios) == 0)
    assert np.all(module.index(wall.energies * (1 + 1e-9), wall.ratios) > 0)
    phi, eps = points()
    assert np.all(module.index(eps[phi > 1], phi[phi > 1]) > 0)


def test_zero_lies_in_a_gap_where_hatched():
    wall = data("phases")["relu_hessian"].gap
    off = wall.ratios < 1.99  # at 2 the index differs from the level by less than its last digit
    for side, inside in ((0.999, False), (1.001, True)):
        level = relu_hessian.index(wall.energies[off] * side, wall.ratios[off])
        assert np.all((level == 1 / (2 * wall.ratios[off])) == inside)
    assert wall.energies[-1] < 1e-3  # closed at phi = 2
    phi, eps = points()
    beyond = phi > 2
    assert np.all(relu_hessian.index(eps[beyond], phi[beyond]) == 1 / (2 * phi[beyond]))
    assert np.all(relu_hessian.density(0.0, eps[beyond], phi[beyond]) == 0)
    negative = wishart_wigner.index(eps, phi) > 0
    assert np.all(wishart_wigner.density(0.0, eps[negative], phi[negative]) > 0)


def test_a_wrong_number_of_bands_is_refused():
    derived = derivation_of("relu_hessian")
    symbol = {p.name: p.symbol for p in derived.model.parameters}
    at = {symbol["sigma"]: sp.S.One, symbol["eps"]: sp.S.One}
    planted = sp.Poly((symbol["phi"] - 1) * (symbol["phi"] - 5), symbol["phi"])
    with pytest.raises(ValueError, match="numbers of bands"):
        diagram._walls(Curve(derived.law), planted, symbol["phi"], at)


# --- crossover -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "bound"), [("wishart_wigner", 0.5), ("relu_hessian", 2.5)])
def test_curves_collapse_with_the_distance(name, bound):
    found = data("crossover")[name]
    middle = (found.scaled > 2 * found.critical) & (found.scaled < 100 * found.critical)
    for distance, measured in found.measured.items():
        assert np.max(np.abs(measured / found.shape - 1)[middle]) < bound * distance
    assert bound * min(found.measured) < 0.03


@pytest.mark.parametrize("name", MODELS)
def test_the_scaling_function_has_both_limits(name):
    found = data("crossover")[name]
    excess = found.scaled / found.critical - 1
    module = getattr(generated, name)
    # alpha_0 is of order 1 - phi: its slope at phi = 1 is the prefactor of F
    prefactor = module.index_prefactor(1 - 1e-9) / 1e-9
    start = excess < 2e-3
    assert found.shape[start] == pytest.approx(prefactor * excess[start] ** 1.5, rel=3e-3)
    assert found.shape[-1] == pytest.approx(found.at_one[-1], rel=3e-3)
    assert module.critical_energy(1 - 1e-9) / 1e-27 == pytest.approx(found.critical, rel=1e-6)
    eps = 1e-12
    at_one = found.at_one[0] * np.cbrt(eps / found.scaled[0])
    assert module.index(eps, 1.0) == pytest.approx(at_one, rel=1e-3)


def test_both_models_have_the_same_scaling_function():
    a, b = (data("crossover")[name] for name in MODELS)
    assert a.shape == pytest.approx(b.shape, rel=1e-9)
    assert a.critical != pytest.approx(b.critical)


def test_the_scaling_function_of_another_cubic_is_another():
    forms = derivation_of("wishart_wigner").closed_forms
    shape, solved = forms["crossover"]
    found = data("crossover")["wishart_wigner"]
    planted = crossing.scaling_function(shape, solved * sp.Rational(51, 50), found.scaled[100:])
    assert not np.allclose(planted, found.shape[100:], rtol=1e-3)


# --- finite size ---------------------------------------------------------------------------------


def test_counts_exceed_the_limit_by_the_prediction():
    found = data("finite-size")
    energies = found.energies
    for n, (means, errors) in found.measured.items():
        at = np.interp(np.log([0.03, 0.1, 0.3, 1.0, 3.0]), np.log(energies), found.predicted)
        # five standard errors, and the next order in 1/N
        assert np.all(np.abs(means - at) < 5 * errors + 1 / n)
    means, errors = found.measured[20]
    assert np.all(means[:3] > 5 * errors[:3])  # the excess is there: 0 is refused
    assert found.predicted[0] == pytest.approx(0.25, abs=1e-2)


# --- the command ---------------------------------------------------------------------------------


def test_the_command_writes_a_figure(tmp_path, capsys):
    target = tmp_path / "deep" / "one.svg"
    assert main(["figure", "spectrum-semicircle", "--out", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == drawn("spectrum-semicircle")
    assert str(target) in capsys.readouterr().out


def test_the_command_lists_and_refuses(capsys):
    assert main(["figure", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in NAMES)
    for name, told in (
        ("nonsense", "no figure is called 'nonsense'; there are figure-1"),
        ("7", "the paper's figure 7 is not drawn; drawn are its 1"),
    ):
        assert main(["figure", name]) == 2
        assert told in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["figure"])
    assert "NAME --list is required" in capsys.readouterr().err


# --- laws without a density on the axis ------------------------------------------------------------


def test_eigenvalues_and_their_disc() -> None:
    drawn = other_spectra.figure("gaussian_product", {"ratio": 0.5}).data()
    share = np.mean(np.abs(drawn.eigenvalues)[:, None] <= drawn.radii + 1e-6, axis=0)
    assert np.max(np.abs(share - drawn.masses)) < 0.03
    assert drawn.rim == pytest.approx(1.0)
    assert np.max(np.abs(share - drawn.radii**2)) > 0.1


@pytest.mark.parametrize(
    ("name", "parameters"), [("sparse_wigner", {"c": 3.0}), ("sparse_wishart", {"c": 3.0, "phi": 0.5})]
)
def test_smoothed_density_of_sparse_matrices(name: str, parameters: dict[str, float]) -> None:
    """Of both signs of the real part; within the fluctuation of one matrix."""
    drawn = other_spectra.figure(name, parameters).data()
    assert drawn.squared == (name == "sparse_wishart")
    np.testing.assert_allclose(drawn.law, drawn.law[::-1], rtol=1e-9)
    assert np.max(np.abs(drawn.law - drawn.sampled)) < 0.1 * np.max(drawn.law)
    assert np.sum(drawn.law) * (drawn.x[1] - drawn.x[0]) == pytest.approx(1.0, abs=0.05)
