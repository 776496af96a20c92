"""The report's pages: complete, linked, deterministic, and written all at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from derive import load, names
from tests import fabricated
from verify.__main__ import main
from verify.ledger import LedgerError, Status
from verify.report import command, explorer, figures_page, graph, models_page, site
from verify.report.ledger_page import Ledger, number, prose, row

VOID = {"meta", "br", "hr", "img", "link", "input", "mspace", "source"}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return fabricated.ledger()


@pytest.fixture(scope="module")
def parts() -> site.Parts:
    return fabricated.parts()


@pytest.fixture(scope="module")
def contents(parts: site.Parts) -> tuple[models_page.Content, ...]:
    return parts.models


@pytest.fixture(scope="module")
def texts(ledger: Ledger, parts: site.Parts) -> dict[str, str]:
    return site.files(ledger, parts)


@pytest.fixture(scope="module")
def pages(texts: dict[str, str]) -> dict[str, Outline]:
    return {name: Outline(text) for name, text in texts.items() if name.endswith(".html")}


class Outline(HTMLParser):
    """What a page links to, which places it has, what it shows; every element must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.shown = ""
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")
            assert not name.startswith("on"), f"{tag} has {name}"

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script", "code"} & set(self.open):
            self.shown += data


# --- pages ----------------------------------------------------------------------------------------


def test_every_link_leads_to_a_place_in_the_report(pages: dict[str, Outline], texts: dict[str, str]) -> None:
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            parts = urlsplit(link)
            assert not parts.scheme, f"{name} fetches {link}"
            assert not parts.netloc, f"{name} fetches {link}"
            target = parts.path or name
            assert target in texts, f"{name} links to {link}"
            model = parts.fragment.partition("?")[0]
            if parts.fragment and not (target == explorer.FILE and model in names()):
                assert unquote(parts.fragment) in pages[target].ids, f"{name} links to {link}"


def test_nothing_is_fetched(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        text = text.replace('"http://www.w3.org/2000/svg"', "")  # a name, not an address
        for address in re.findall(r"url\(\"?([^)]{1,30})|@import|https?:", text):
            assert address.startswith(("data:font/woff;base64", "#")), f"{name}: {address}"
        assert not re.search(r"fetch\(|XMLHttpRequest|import\(", text), name


def test_every_claim_has_a_row_and_a_node(pages: dict[str, Outline], ledger: Ledger) -> None:
    assert [name for name in pages["ledger.html"].ids if "/" in name] == list(ledger.by_id)
    drawn = {name for name in pages["graph.html"].ids if "/" in name}
    listed = {link.partition("#")[2] for link in pages["graph.html"].links}
    assert drawn | listed >= set(ledger.by_id)


def test_every_formula_is_typeset(pages: dict[str, Outline]) -> None:
    for name, page in pages.items():
        assert "merror" not in page.tags, name
        assert "$" not in page.shown, name
        assert not re.findall(r".{0,30}\\[a-zA-Z]+", page.shown), name


def test_a_formula_that_is_not_typeset_is_noticed(ledger: Ledger) -> None:
    claim = replace(ledger.verdicts[0].claim, statement=r"$\undefinedcommand x$", steps=(), uses=())
    paper = replace(ledger.papers[0], claims=(claim,))
    shown = row(fabricated.verdict(claim), Ledger((paper,), (fabricated.verdict(claim),)), {})
    assert r"\undefinedcommand" in re.sub(r'alttext="[^"]*"', "", shown.statement)


def test_rows_show_all_that_is_known(texts: dict[str, str], ledger: Ledger) -> None:
    shown = texts["ledger.html"]
    for verdict in ledger.verdicts:
        start = shown.index(f'id="{verdict.claim.id}"')
        inside = shown[start : shown.index("</details>", start)]
        assert inside.count('class="found') == len(verdict.evidence)
        assert ("Right form:" in inside) == (verdict.status is Status.REFUTED)
        assert inside.count("false-alarm rate") == sum(
            e.check.false_alarm is not None for e in verdict.evidence
        )
        assert inside.count('class="chip plain"') == len(verdict.claim.steps)
        for other in (*verdict.claim.uses, *ledger.used_by[verdict.claim.id]):
            assert f'href="ledger.html#{other}"' in inside


def test_index_shows_tally_and_misprints(pages: dict[str, Outline], ledger: Ledger) -> None:
    shown = pages["index.html"]
    refuted = [v.claim.id for v in ledger.verdicts if v.status is Status.REFUTED]
    assert refuted
    assert all(f"ledger.html#{name}" in shown.links for name in refuted)
    left_open = [v.claim.id for v in ledger.verdicts if v.status is Status.OPEN]
    assert left_open
    assert all(f"ledger.html#{name}" in shown.links for name in left_open)
    assert f"Of the {len(ledger.verdicts)} claims {len(ledger.throughout)} are proved" in " ".join(
        shown.shown.split()
    )


def test_a_model_page_shows_its_readings(
    texts: dict[str, str], contents: tuple[models_page.Content, ...], ledger: Ledger
) -> None:
    for content in contents:
        shown = texts[models_page.file_of(content.name)]
        assert shown.count('<article class="step"') == content.chapter.steps
        for place in ("numbers", "derivation", "code"):
            assert f'id="{place}"' in shown
        assert content.generated.lines > 80
        for anchor, claims in models_page.claims_at(content, ledger).items():
            step = shown[shown.index(f'id="{anchor}"') :].partition("</article>")[0]
            assert [name for name, _ in claims] == re.findall('href="ledger.html#([^"]+)"', step)
        assert str(content.generated.code) in shown


def test_key_numbers_are_the_modules(contents: tuple[models_page.Content, ...]) -> None:
    from generated import wishart_wigner

    found = next(c.numbers for c in contents if c.name == "wishart_wigner")
    (low, high), (small, _) = (p.typical for p in load("wishart_wigner").parameters)
    law = wishart_wigner.law(eps=high, phi=small)
    wanted = (models_page.figure(high), models_page.figure(small))
    (cells,) = (cells for cells in found.rows if (cells[0][0], cells[1][0]) == wanted)
    assert cells[4] == (models_page.figure(law.index()),)
    assert len(found.rows) == 4
    assert low != high


def test_other_kinds_of_laws_have_pages(
    contents: tuple[models_page.Content, ...], texts: dict[str, str]
) -> None:
    from generated import gaussian_product_5, sparse_wigner

    found = {c.name: c for c in contents}
    assert [found[name].kind for name in ("fuss_catalan_2", "sparse_wigner", "gaussian_product_5")] == [
        "algebraic",
        "functional",
        "radial",
    ]
    low, high = load("sparse_wigner").parameters[0].typical
    rows = found["sparse_wigner"].numbers.rows
    figure = models_page.figure
    assert rows[1][1:3] == ((figure(sparse_wigner.mass_at_zero(high)),), (figure(sparse_wigner.index(high)),))
    assert rows[0][4] == (figure(sparse_wigner.moments(4, low)[4]),)
    radial = found["gaussian_product_5"].numbers
    assert not radial.combined
    assert len(radial.rows) == 2
    typical = [p.typical[0] for p in load("gaussian_product_5").parameters]
    assert radial.rows[0][-2] == (figure(gaussian_product_5.quantile(0.5, *typical)),)
    page = texts[models_page.file_of("gaussian_product_5")]
    assert "all low and all high" in page
    assert 'href="explorer.html#' not in page
    assert 'href="explorer.html#' in texts[models_page.file_of("semicircle")]
    assert "derive/models/radial/gaussian_product_5.py" in page


def test_numbers_are_readable() -> None:
    assert "<mn>10</mn>" in number(1e-9)
    assert "<mn>1</mn>" not in number(1e-9)
    assert number(51200) == "51\u202f200"
    assert number(-0.12345678) == "−0.1235"
    assert number("as printed, 1e-9").startswith("as printed, <math")
    assert prose("within 2.5e-07 of it").count("<math") == 1
    assert "<msub><mi>H</mi>" in prose("entries of H12 agree")
    assert prose("(S4)-(S8) hold") == "(S4)–(S8) hold"
    assert prose("in CIFAR-10, eq. 20") == "in CIFAR-10, eq. 20"


def test_the_whole_is_small_and_deterministic(
    texts: dict[str, str], ledger: Ledger, parts: site.Parts
) -> None:
    assert sum(len(text.encode()) for text in texts.values()) < 10_000_000
    assert site.files(ledger, parts) == texts


def test_every_figure_is_shown_and_every_drawing_is_a_file(
    texts: dict[str, str], pages: dict[str, Outline], parts: site.Parts
) -> None:
    for figure in (*parts.figures, *parts.measured):
        assert figure.name in pages["figures.html"].ids
        assert f"figures.html#{figure.name}" in pages["index.html"].links
    for model, picture in zip(parts.models, parts.spectra, strict=True):
        assert picture.file in pages[models_page.file_of(model.name)].links
    for figure in (*parts.figures, *parts.measured, *parts.spectra):
        assert texts[figure.file] == figure.drawing
        assert str(figure.caption) in texts["figures.html"] + "".join(
            texts[models_page.file_of(model.name)] for model in parts.models
        )


def test_a_figure_is_drawn() -> None:
    figure = figures_page.spectrum("semicircle")
    assert figure == figures_page.drawn("spectrum-semicircle")
    assert figure.size[0] > figure.size[1] > 100
    assert "<math" in figure.caption
    with pytest.raises(KeyError, match="no figure is called"):
        figures_page.drawn("nonsense")


def test_the_graph_does_not_depend_on_hashes() -> None:
    code = "from tests.fabricated import ledger; from verify.report import graph; print(graph.page(ledger()))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


# --- the graph ------------------------------------------------------------------------------------


def test_claims_stand_right_of_what_they_use_and_apart(ledger: Ledger) -> None:
    drawn = graph.drawing(ledger)
    box = {item.id: item for item in drawn.boxes}
    assert {(line.used, line.user) for line in drawn.lines} == {
        (used, v.claim.id) for v in ledger.verdicts for used in v.claim.uses
    }
    assert {item.id for item in drawn.boxes if item.throughout} == ledger.throughout & set(box)
    for line in drawn.lines:
        assert box[line.used].x + box[line.used].width < box[line.user].x
    for x in {item.x for item in drawn.boxes}:
        column = sorted(item.y for item in drawn.boxes if item.x == x)
        assert all(below - above >= graph.BOX for above, below in pairwise(column))
    for item in drawn.boxes:
        assert 0 < item.x < item.x + item.width < drawn.width
        assert graph.BOX / 2 < item.y < drawn.height - graph.BOX / 2


def test_layers_and_routes() -> None:
    whole = graph.graph_of(fabricated.small())
    layer = graph.layers(whole)
    assert [layer[f"x1/{name}"] for name in "abc"] == [0, 1, 2]
    assert len(graph.routes(whole, layer)["x1/a", "x1/c"]) == 3
    assert graph.drawing(fabricated.small()).alone == (("x1/d", Status.OPEN),)


def test_heights_keep_order_and_room() -> None:
    step = graph.BOX + graph.GAP
    assert graph.heights(["a", "b"], {"a": 0.0, "b": 100.0}) == {"a": 0.0, "b": 100.0}
    # two that want the same place share the distance
    assert graph.heights(["a", "b"], {"a": 10.0, "b": 10.0}) == {"a": 10 - step / 2, "b": 10 + step / 2}
    three = graph.heights(["a", "b", "c"], {"a": 50.0, "b": 0.0, "c": 0.0})
    assert three["b"] - three["a"] == three["c"] - three["b"] == step


def test_claims_that_use_each_other_are_refused() -> None:
    first = fabricated.small()
    claims = tuple(replace(c, uses=("x1/c",)) if c.id == "x1/a" else c for c in first.papers[0].claims)
    ring = Ledger((replace(first.papers[0], claims=claims),), tuple(map(fabricated.verdict, claims)))
    with pytest.raises(LedgerError, match="use each other"):
        site.files(ring, site.Parts((), (), (), ""))


# --- the folder and the command -------------------------------------------------------------------


def test_the_folder_is_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "report"
    texts = {"index.html": site.MARK, "figures/a.svg": "<svg/>"}
    site.write(texts, folder)
    assert (folder / "figures" / "a.svg").read_text() == "<svg/>"
    site.write({"index.html": site.MARK + "2"}, folder)
    assert [path.name for path in folder.iterdir()] == ["index.html"]

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="disk full"):
        site.write(texts, folder)
    assert (folder / "index.html").read_text() == site.MARK + "2"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "index.html").write_text("<p>my own</p>")
    with pytest.raises(ValueError, match="is no report"):
        site.write({}, tmp_path)
    assert main(["report", "--out", str(tmp_path)]) == 2
    assert "is no report" in capsys.readouterr().err
    assert (tmp_path / "index.html").read_text() == "<p>my own</p>"


def test_the_command_shows_what_cannot_be_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = fabricated.small()
    failure = "x1/b: ZeroDivisionError: division by zero"
    rest = [v for v in shown.verdicts if v.claim.id != "x1/b"]
    monkeypatch.setattr(command, "papers", lambda: shown.papers)
    monkeypatch.setattr(command, "judged", lambda *_, **__: (rest, [failure]))
    monkeypatch.setattr(command, "parts", lambda **_: site.Parts((), (), (), ""))
    assert main(["report", "--out", str(tmp_path / "report"), "--quiet"]) == 1
    assert "ZeroDivisionError" in (tmp_path / "report" / "ledger.html").read_text()
    monkeypatch.setattr(command, "judged", lambda *_, **__: (list(shown.verdicts), []))
    assert main(["report", "--out", str(tmp_path / "report"), "--quiet", "--fast"]) == 0
    assert "Monte Carlo was left out" in (tmp_path / "report" / "ledger.html").read_text()


def test_a_failure_is_told_of_its_claim_alone() -> None:
    claims = [
        replace(c, id=f"x1/eq-{n}")
        for c, n in zip(fabricated.small().papers[0].claims, (1, 18), strict=False)
    ]
    first, second = command.complete(claims, [], ["x1/eq-18 does not hold", "x1/eq-1: ValueError: no"])
    assert (first.reason, second.reason) == ("x1/eq-1: ValueError: no", "x1/eq-18 does not hold")


def test_work_is_spread_over_processes_in_order() -> None:
    tasks = [(str.upper, "b"), (len, "abc"), (str.upper, "a")]
    assert command.spread(tasks, jobs=2, quiet=True) == ["B", 3, "A"]
