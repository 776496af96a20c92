"""Figures 2 to 5, S1 and S2, and that of minimizers, as drawings and as a command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from derive.typesetting.prose import marked
from tests.test_network_data import write_cifar
from verify.__main__ import main
from verify.networks import (
    gap_experiment,
    minimizers_experiment,
    residual_experiment,
    turned_experiment,
    weights_experiment,
)
from verify.networks.data import digits
from verify.report import figures_page
from verify.report.experiments import EXPERIMENTS, Experiment, Options, plain
from verify.report.figures.style import DARK

NAMED = {str(experiment.number): experiment for experiment in EXPERIMENTS}
EVERY = pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)


@pytest.fixture(autouse=True)
def few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick scale made smaller: the figures are those of a few small networks."""
    monkeypatch.setitem(residual_experiment.RUNS, "quick", {12: 3, 16: 3, 20: 3})
    monkeypatch.setitem(gap_experiment.RUNS, "quick", 3)
    monkeypatch.setitem(gap_experiment.GROWTH, "quick", {4: 6, 6: 6, 8: 6})
    monkeypatch.setattr(gap_experiment, "RATIOS", (2, 4, 8))
    monkeypatch.setattr(gap_experiment, "FEW_RATIOS", (2, 8))
    monkeypatch.setattr(turned_experiment, "STEPS", (0, 8, 64))
    monkeypatch.setitem(turned_experiment.TURNS, "quick", 3)
    monkeypatch.setitem(turned_experiment.RUNS, "quick", (2, 2))
    monkeypatch.setitem(weights_experiment.RUNS, "quick", (3, 64))
    monkeypatch.setitem(minimizers_experiment.TASKS, "quick", {2: 2})
    monkeypatch.setattr(minimizers_experiment, "RATIOS", (1 / 2, 1.0))
    monkeypatch.setitem(minimizers_experiment.STARTS, "quick", 2)
    monkeypatch.setitem(minimizers_experiment.LINEAR_TASKS, "quick", 4)


@cache
def measured(experiment: Experiment) -> Any:
    if experiment.recorded is not None:
        return experiment.recorded()
    return experiment.data(Options(digits(), quiet=True))


@EVERY
def test_drawings_are_self_contained_and_repeat(experiment: Experiment) -> None:
    figure = experiment.figure(measured(experiment))
    text = figure.draw()
    assert text == figure.draw()
    assert len(text) < 300_000
    root = ElementTree.fromstring(text)
    assert root.get("id") == experiment.name
    assert experiment.number is None or experiment.name == f"figure-{figure.number}"
    assert not re.search(r"https?:|<image|<script", re.sub(r'xmlns="[^"]*"', "", text))
    used = set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r"<style.*?</style>", "", text, flags=re.S)))
    assert used <= set(DARK), "a colour without a dark counterpart"


@EVERY
def test_captions_are_prose_about_the_data(experiment: Experiment) -> None:
    caption = experiment.figure(measured(experiment)).caption
    assert caption.count("$") % 2 == 0
    assert caption.endswith(".")
    assert marked(caption)
    assert ("scikit-learn's digits" in caption) == (experiment.name not in ("minimizers", "figure-6"))


def test_captions_quote_what_was_measured() -> None:
    three, four, five = (measured(NAMED[k]) for k in "345")
    texts = [NAMED[k].figure(measured(NAMED[k])).caption for k in "345"]
    for one in three.approaches:
        if one.residuals == "overwritten":
            assert f"{one.rate.value:.2f}" in texts[0]
        assert f"{one.distances[-1]:.2g}" in texts[0]
    assert four.zeros == {16: 3}
    assert "3 networks have 16, of which 16 are rescalings" in texts[1]
    assert f"{five.of_source.sigma.value:.3f}" in texts[2]
    assert "Zeros are as many as counted in all networks" in texts[2]


def test_captions_of_trained_networks_quote_what_was_measured() -> None:
    two, first, second = (measured(NAMED[k]) for k in ("2", "S1", "S2"))
    texts = [NAMED[k].figure(measured(NAMED[k])).caption for k in ("2", "S1", "S2")]
    for one in (two.whole, two.bare):
        for value in one.kolmogorov:
            assert f"{value:.3f}" in texts[0]
        for value in one.index:
            assert f"{value:.4f}" in texts[0]
    assert f"{first.products[1][0]:.3f}" in texts[1]
    assert f"{100 * first.dark:.3g} % of the pixels" in texts[1]
    assert "tell 100 % of their images" in NAMED["S1"].figure(replace(first, told=1.0)).caption
    assert f"{second.index[1][0][-1]:.4f}" in texts[2]
    assert f"{second.kolmogorov[0][0].max():.3f}" in texts[2]
    assert second.steps == (0, 8, 64)
    assert two.whole.energy < second.energy[0][0]


def test_plain_data_are_ready_for_json() -> None:
    found = plain(measured(NAMED["4"]))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["explained"] == {"rescalings": 16, "unseen": 0, "surplus": 0}
    assert np.isclose(np.sum(np.array(found["heights"]) * np.diff(found["edges"])), 1)


def test_the_report_shows_what_is_measured() -> None:
    shown = figures_page.measured("figure-4")
    figure = NAMED["4"].figure(measured(NAMED["4"]))
    assert shown == figures_page.draw(figure)
    assert [experiment.name for experiment in EXPERIMENTS] == list(figures_page.MEASURED)


# --- the command --------------------------------------------------------------------------------


def test_the_command_measures_and_keeps_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "deep" / "four.svg"
    assert main(["figure", "4", "--out", str(target), "--quiet", "--jobs", "1"]) == 0
    experiment = NAMED["4"]
    figure = experiment.figure(measured(experiment))
    assert target.read_text(encoding="utf-8") == figure.draw()
    record = json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["data"] == plain(measured(experiment))
    assert (record["seed"], record["scale"], record["source"]) == (4, "quick", "scikit-learn's digits")
    assert record["caption"] == figure.caption
    printed = capsys.readouterr().out
    assert str(target) in printed
    assert str(target.with_suffix(".json")) in printed


def test_the_command_takes_a_seed_and_the_users_images(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    write_cifar(tmp_path / "images", each=50)
    records = []
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}.svg"
        arguments = ["--cifar10", str(tmp_path / "images"), "--seed", seed, "--quiet", "--jobs", "1"]
        assert main(["figure", "figure-4", "--out", str(target), *arguments]) == 0
        records.append(json.loads(target.with_suffix(".json").read_text(encoding="utf-8")))
    target = tmp_path / "weights.svg"
    more = tmp_path / "more"
    more.mkdir()
    write_cifar(more, each=100)
    assert main(["figure", "s1", "--out", str(target), "--cifar10", str(more), "--quiet", "--jobs", "1"]) == 0
    found = json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))["data"]
    assert found["first"]["shape"] == [50, 32 * 32]
    assert found["second"]["shape"] == [10, 50]
    assert records[0]["source"] == "CIFAR-10"
    assert records[0]["data"]["zeros"] == {"16": 3}
    assert records[0]["data"]["smallest"] != records[1]["data"]["smallest"]


def test_the_command_refuses_with_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cifar(tmp_path, each=20)
    for arguments, told in (
        (["4", "--cifar10", str(tmp_path / "nowhere")], "nowhere does not exist; give the folder"),
        (["4", "--cifar10", str(tmp_path)], "figure-4 cannot be measured: CIFAR-10 has 120 images, 256"),
        (["1", "--seed", "3"], "figure-1 is not measured on networks: --seed cannot apply"),
        (
            ["nonsense"],
            "measured on networks are figure-2, figure-3, figure-4, figure-5, figure-6, minimizers",
        ),
    ):
        assert main(["figure", *arguments, *(["--quiet", "--jobs", "1"] if arguments[0] == "4" else [])]) == 2
        assert told in capsys.readouterr().err
    for arguments in (["4", "--seed", "-1"], ["4", "--jobs", "0"], ["4", "--scale", "huge"]):
        with pytest.raises(SystemExit):
            main(["figure", *arguments])


def test_the_command_lists_measured_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figure", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(f"{e.name} " in listed and e.title in listed for e in EXPERIMENTS)
