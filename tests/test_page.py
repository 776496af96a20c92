"""The page of derivations and the LaTeX documents: complete, self-contained, compiling."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_latex import by_hand

from derive.derivation import Derivation
from derive.emission import page
from derive.typesetting.mathml import mathml
from tests.derived import derivation_of

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
VOID = {"meta", "br", "hr", "img", "link", "input", "mspace"}


@pytest.fixture(scope="module")
def derivations() -> list[Derivation]:
    return [by_hand(), derivation_of("relu_hessian")]


@pytest.fixture(scope="module")
def html(derivations: list[Derivation]) -> str:
    return page.html(derivations)


class Outline(HTMLParser):
    """Collects what the tests ask for, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.targets.append(value or "")
            assert name not in ("src", "srcset", "onload", "onclick"), f"{tag} has {name}"

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else(html: str) -> None:
    outline = Outline(html)
    assert not outline.tags & {"script", "link", "img", "iframe", "object", "svg"}
    assert "http" not in re.sub(r"base64,[^\"]*", "", html)
    assert re.search(r'src: url\("data:font/woff;base64,[A-Za-z0-9+/=]{20000,}"\)', html)
    assert "@import" not in html


def test_every_link_leads_somewhere(html: str, derivations: list[Derivation]) -> None:
    outline = Outline(html)
    assert len(outline.ids) == len(set(outline.ids))
    assert {target.removeprefix("#") for target in outline.targets} <= set(outline.ids)
    assert html.count('<article class="step"') == sum(len(d.steps) for d in derivations)
    assert html.index("<h1") < html.index("<nav")  # on a telephone the title comes first
    contents = html[html.index("<nav") : html.index("</nav>")]
    assert contents.count("<li>") == sum(1 + len(d.sections) for d in derivations)


def test_steps_show_rule_certificate_and_source(html: str) -> None:
    shown = Outline(html).text
    assert "Free sum" in shown
    assert "-transforms of free elements add; 100% of them, & < all." in shown
    assert "✓ expands to 0" in re.sub(r"\s+", " ", shown)
    assert "Somebody (2017), eq. 17" in shown
    assert "The rest is undecided." in shown
    # A definition bears no mark of having been checked.
    assert "✓ definition" not in re.sub(r"\s+", " ", shown)


def test_no_latex_is_left_over(html: str) -> None:
    visible = re.sub(r'alttext="[^"]*"|base64,[^"]*|<style>.*?</style>', "", html, flags=re.DOTALL)
    assert not re.findall(r".{0,40}\\[a-zA-Z]+", visible)
    assert "<mi>&</mi>" not in visible


def test_wide_equations_come_in_two_widths(html: str) -> None:
    assert html.count('class="equation wide') == html.count('class="equation narrow') > 5


def test_planted_markup_is_escaped() -> None:
    assert page.prose_html("if <script>alert(1)</script>") == "if &lt;script&gt;alert(1)&lt;/script&gt;"
    assert "<mo>&lt;</mo>" in str(page.prose_html("where x < 0")).replace("&#x0003C;", "&lt;")


def test_mathml_repairs() -> None:
    assert "<mi>arg</mi>" in mathml(r"\arg G")
    assert "mspace" in mathml(r"\operatorname{Im} z")
    assert mathml("+ x", continued=True).count('form="infix"') == 1
    assert mathml("- x").count('form="prefix"') == 1


def test_files_are_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = page.write([by_hand()], tmp_path)
    assert sorted(path.name for path in written) == ["index.html", "wishart_wigner.tex"]
    before = {path: path.read_bytes() for path in written}

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        page.write([by_hand()], tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_page_is_deterministic(derivations: list[Derivation], html: str) -> None:
    assert page.html(derivations) == html


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_documents_compile(derivations: list[Derivation], tmp_path: Path) -> None:
    for i, derivation in enumerate(derivations):
        (tmp_path / f"d{i}.tex").write_text(page.tex(derivation), encoding="utf-8")
        run = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"d{i}.tex"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            errors="replace",
        )
        assert run.returncode == 0, run.stdout[-2000:]
        assert "Overfull" not in run.stdout, re.findall("Overfull.*", run.stdout)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize("width", [500, 1200])
def test_nothing_sticks_out_in_a_browser(html: str, tmp_path: Path, width: int) -> None:
    """Formulas scroll inside their panel at worst; the page itself never scrolls sideways."""
    probe = (
        "<script>document.fonts.ready.then(() => { const f = [...document.querySelectorAll('.equation')]"
        ".filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1);"
        "document.title = [document.documentElement.scrollWidth - window.innerWidth, f.length,"
        "document.fonts.check('16px \"Page Math\"')].join(' '); });</script>"
    )
    path = tmp_path / "index.html"
    path.write_text(html.replace("</body>", probe + "</body>"), encoding="utf-8")
    assert BROWSER is not None
    run = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width},900", "--virtual-time-budget=3000", "--dump-dom", path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )  # fmt: skip
    match = re.search(r"<title>(-?\d+) (\d+) (\w+)</title>", run.stdout)
    assert match is not None, run.stderr[-500:]
    assert int(match[1]) <= 0, "the page scrolls sideways"
    assert match[3] == "true"
    assert int(match[2]) <= (6 if width == 500 else 0), f"{match[2]} formulas are wider than their panel"
