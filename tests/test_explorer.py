"""The explorer's page: complete, self-contained; in a browser its readouts are the evaluators' numbers."""

from __future__ import annotations

import importlib
import itertools
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import generated
from derive import Model, Parameter, Wigner, Wishart, derive, load
from derive.typesetting.mathml import characters
from tests.browser import complaints, show
from verify.precise import Law
from verify.report.explorer import FILE, ORDER, PLACES, explorer_html, fragment
from verify.report.explorer import page as explorer_page
from verify.report.frame import STYLESHEET, stylesheet

TOLERANCE = 1e-10
VOID = {"meta", "link", "input"}


@pytest.fixture(scope="module")
def html() -> str:
    return explorer_html()


def law_of(name: str, values: dict[str, float]) -> Any:
    return importlib.import_module(f"generated.{name}").law(**values)


# --- the page as text --------------------------------------------------------------------------


class Outline(HTMLParser):
    """Ids, references to them, and whether every element is closed; scripts and styles are left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.links: list[str] = []
        self.shown = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("for", "aria-describedby"):
                self.asked.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            assert name not in ("src", "onclick", "oninput", "style")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.shown += data


def test_the_page_is_whole_and_needs_nothing_but_its_stylesheet(html: str) -> None:
    outline = Outline(html)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.asked) <= set(outline.ids)
    pages = {link.partition("#")[0] for link in outline.links} - {""}
    assert all(re.fullmatch(r"[\w-]+\.(html|css)", page) for page in pages)
    outside = set(re.findall(r"https?://[^\s\"'`]*", html))
    assert outside <= {"http://www.w3.org/2000/svg"}  # the name of SVG, which is not fetched
    assert len(html) < 200_000


def test_every_parameter_of_every_model_has_a_slider(html: str) -> None:
    assert set(ORDER) <= set(generated.MODELS)
    for name in ORDER:
        part = html[html.index(f'<fieldset class="sliders" data-model="{name}"') :].partition("</fieldset>")[
            0
        ]
        declared = [parameter.name for parameter in load(name).parameters]
        assert re.findall(r'data-parameter="(\w+)"', part) == declared
        assert part.count('type="range"') == part.count('type="number"') == len(declared)


def test_no_latex_is_left_over(html: str) -> None:
    assert not re.findall(r".{0,30}(?:\\[a-zA-Z]+|\$).{0,10}", Outline(html).shown)


def test_the_page_is_deterministic(html: str) -> None:
    assert explorer_html() == html


SEEN = {
    "Below the critical energy": lambda law: law.index() == 0 and len(law.bands()) == 1,
    "Above it": lambda law: law.index() > 0,
    "Two bands": lambda law: len(law.bands()) == 2,
    "Two bands and an atom": lambda law: len(law.bands()) == 2 and law.mass_at_zero() > 0,
    "Three bands and an atom": lambda law: len(law.bands()) == 3 and law.mass_at_zero() > 0,
    "No noise: a hard edge": lambda law: law.bands()[0, 0] == 0 and law.pdf(0.0) == math.inf,
    "A hard edge": lambda law: law.bands()[0, 0] == 0 and law.pdf(0.0) == math.inf,
    "No noise: an atom at $0$": lambda law: law.mass_at_zero() > 0,
    "An atom at $0$": lambda law: law.mass_at_zero() > 0,
    r"Poles merge at $\epsilon = 2 \sigma^2$": lambda law: True,
    r"The density diverges at $\phi = 2$": lambda law: law.pdf(0.0) == math.inf,
    r"$|x|^{-1/3}$ at $\phi = 1$": lambda law: abs(law.pdf(1e-9) / law.pdf(1e-12) - 0.1) < 1e-3,
    "Unit variance": lambda law: law.var() == 1,
}


@pytest.mark.parametrize(("name", "place"), [(name, place) for name in PLACES for place in PLACES[name]])
def test_places_show_what_they_promise(name: str, place: tuple[str, dict[str, float]]) -> None:
    words, values = place
    assert set(values) == {parameter.name for parameter in load(name).parameters}
    law = law_of(name, values)
    if words == "Nearly a semicircle":
        mean, moments = law.mean(), [law.moment(k) for k in range(5)]
        fourth = sum(math.comb(4, k) * moments[k] * (-mean) ** (4 - k) for k in range(5))
        assert abs(fourth / law.var() ** 2 - 2) < 0.05  # 2 for the semicircle
    else:
        assert SEEN[words](law)


# --- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explorer")
    (folder / STYLESHEET).write_text(stylesheet(characters(html)), encoding="utf-8")
    (folder / FILE).write_text(html, encoding="utf-8")
    return folder / FILE


DRAWN = """
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => done()));
"""
READ = """
const form = document.querySelector("[data-explorer]");
const shown = (e) => e.offsetParent !== null;
const found = { values: {}, read: {}, bands: [], name: form.querySelector("[name=model]:checked").value };
for (const e of form.querySelectorAll("[data-parameter]"))
  if (shown(e)) found.values[e.dataset.parameter] = Number(e.querySelector("[type=number]").value);
for (const e of form.querySelectorAll("[data-read][data-value]"))
  if (shown(e)) found.read[e.dataset.read] = e.dataset.value;
for (const e of form.querySelectorAll("[data-read=bands] li"))
  found.bands.push([Number(e.dataset.low), Number(e.dataset.high)]);
const paths = [...form.querySelectorAll("[data-plot=spectrum] path.density")];
found.paths = paths.map((e) => e.getAttribute("d").length);
found.hash = location.hash;
return found;
"""


def readouts(driver: Any) -> dict[str, Any]:
    """What the page shows once it has drawn."""
    driver.execute_async_script(DRAWN)
    found: dict[str, Any] = driver.execute_script(READ)
    found["read"] = {key: float(value) for key, value in found["read"].items()}
    return found


def differences(found: dict[str, Any]) -> dict[str, float]:
    """How far what is shown is from the NumPy evaluators."""
    name, values, read = found["name"], found["values"], found["read"]
    module, law = importlib.import_module(f"generated.{name}"), law_of(name, values)
    x = read["x"]
    wanted = {
        "index": law.index(), "zero": law.mass_at_zero(), "mean": law.mean(), "deviation": law.std(),
        "density": law.pdf(x), "below": law.cdf(x), "above": law.sf(x),
    }  # fmt: skip
    if hasattr(module, "critical_energy"):
        rest = [values[p.name] for p in module.PARAMETERS[1:]]
        wanted["critical"] = energy = float(module.critical_energy(*rest))
        law_value = math.nan
        if energy > 0:
            law_value = float(module.index_prefactor(*rest)) * max(values["eps"] / energy - 1, 0) ** 1.5
        wanted["law"] = law_value
    assert set(wanted) | {"x"} == set(read)
    found_bands, bands = np.array(found["bands"]), law.bands()
    far = {"bands": math.inf if found_bands.size != bands.size else 0.0}
    if bands.size and found_bands.size == bands.size:
        far["bands"] = float(np.abs(found_bands - bands).max() / np.abs(bands).max())
    for key, value in wanted.items():
        same = value == read[key] or (math.isnan(value) and math.isnan(read[key]))
        far[key] = 0.0 if same else abs(read[key] - value) / max(abs(value), 1.0)
    return far


def keys(driver: Any, selector: str, *pressed: str) -> None:
    """Press keys on the visible element of a selector."""
    [element] = [e for e in driver.find_elements("css selector", selector) if e.is_displayed()]
    element.send_keys(*pressed)


@pytest.mark.parametrize("name", ORDER)
def test_sliders_move_the_numbers(browser: Any, page: Path, name: str) -> None:
    from selenium.webdriver.common.keys import Keys

    show(browser, page)
    browser.execute_script(f'document.querySelector("[name=model][value={name}]").click()')
    seen = [readouts(browser)]
    for parameter in load(name).parameters:
        selector = f'[data-parameter="{parameter.name}"] [type="range"]'
        for pressed in (
            [Keys.ARROW_RIGHT] * 3,
            [Keys.PAGE_UP] * 3,
            [Keys.END],
            [Keys.HOME],
            [Keys.PAGE_UP] * 5,
        ):
            keys(browser, selector, *pressed)
            seen.append(readouts(browser))
    keys(browser, "[data-probe]", Keys.HOME, *[Keys.ARROW_RIGHT] * 7)
    seen.append(readouts(browser))
    assert all(a["values"] != b["values"] for a, b in itertools.pairwise(seen[:-1]))
    assert len({found["read"]["x"] for found in seen[-2:]}) == 2
    for found in seen:
        assert found["name"] == name
        assert {key: far for key, far in differences(found).items() if far > TOLERANCE} == {}, found["values"]
        assert found["paths"] == [0, 0] or max(found["paths"]) > 300
    assert complaints(browser) == []


def test_addresses_keep_the_state(browser: Any, page: Path) -> None:
    for name, places in PLACES.items():
        for _, values in places:
            show(browser, page, suffix=fragment(name, values))
            found = readouts(browser)
            assert (found["name"], found["values"]) == (name, values)
            assert {key: far for key, far in differences(found).items() if far > TOLERANCE} == {}, values
    show(browser, page, suffix="#wishart_wigner?eps=-1&phi=0.7")  # refused as a whole
    assert readouts(browser)["values"] == {"eps": 0.22, "phi": 0.55}
    keys(browser, '[data-parameter="phi"] [type="number"]', "\b\b\b\b1.25")
    browser.execute_async_script("setTimeout(arguments[arguments.length - 1], 400)")
    found = readouts(browser)
    assert found["hash"] == "#wishart_wigner?eps=0.22&phi=1.25"
    browser.execute_script("location.hash = '#semicircle?sigma=2'")
    browser.execute_async_script("setTimeout(arguments[arguments.length - 1], 100)")
    assert readouts(browser)["values"] == {"sigma": 2}
    assert complaints(browser) == []


def test_values_outside_the_domain_are_told(browser: Any, page: Path) -> None:
    show(browser, page, suffix="#wishart_wigner?eps=0.05&phi=0.5")
    before = readouts(browser)["read"]
    told = 'document.querySelector("#wishart_wigner-phi-told").textContent'
    keys(browser, '[data-parameter="phi"] [type="number"]', "\b\b\b-2")
    assert browser.execute_script(f"return {told}") == "phi must be a number in (0, ∞), got -2"
    assert readouts(browser)["read"] == before
    keys(browser, '[data-parameter="phi"] [type="number"]', "\b\b0.5")
    assert browser.execute_script(f"return {told}") == ""
    assert readouts(browser)["read"] == before
    assert complaints(browser) == []


def test_buttons(browser: Any, page: Path) -> None:
    show(browser, page, suffix="#relu_hessian?eps=0.5&phi=0.5&sigma=1")
    height = "return document.querySelector('[data-plot=spectrum] .grid:nth-of-type(4)').getAttribute('y1')"
    readouts(browser)
    browser.find_element("css selector", "[data-hold]").click()
    before = browser.execute_script(height)
    browser.find_element("css selector", "[data-to-critical]").click()
    found = readouts(browser)
    assert found["values"]["eps"] == found["read"]["critical"] > 0
    assert found["read"]["index"] == 0
    assert browser.execute_script(height) == before  # the axes are held
    browser.find_element("css selector", "[data-reset]").click()
    assert readouts(browser)["values"]["sigma"] == 1
    assert complaints(browser) == []


def test_models_of_any_domain_have_a_page(browser: Any, page: Path) -> None:
    """A model with a bounded parameter, numbers from its derivation; a law outside the class is named."""
    from selenium.webdriver.common.keys import Keys

    share = Parameter("share", domain="(0, 1)", typical=(0.2, 0.8), meaning="share of the noise")
    mixture = Model("Mixture", (share,), Wishart(1 - share) + Wigner(share), name="mixture")
    product = Model("Product of two", (), Wishart(1) @ Wishart(2), name="product")
    text = explorer_page([derive(product), derive(mixture)])
    assert "continued from infinity: Product of two." in text
    other = page.with_name("mixture.html")
    other.write_text(text, encoding="utf-8")
    show(browser, other)
    for pressed in (Keys.HOME, Keys.END, Keys.PAGE_DOWN):
        keys(browser, '[data-parameter="share"] [type="range"]', pressed)
        found = readouts(browser)
        law = Law(mixture, **found["values"])
        assert np.allclose(found["bands"], [[float(e) for e in band] for band in law.bands()], rtol=1e-12)
        assert found["read"]["index"] == pytest.approx(float(law.cdf(0)), abs=1e-12)
    assert complaints(browser) == []


def test_a_move_is_drawn_within_a_frame(browser: Any, page: Path) -> None:
    """Processor time of the page's scripts a move, while the dearest slider slides: a frame has 16 ms."""
    show(browser, page, suffix=fragment("relu_hessian", {"eps": 0.5, "phi": 0.5, "sigma": 1}))
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "ScriptDuration")

    slide = """
    const slider = document.querySelector("#relu_hessian-phi"), done = arguments[arguments.length - 1];
    let step = 200;
    const move = () => {
      if (step >= 800) return done();
      slider.value = step += 6;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      requestAnimationFrame(() => requestAnimationFrame(move));
    };
    move();
    """
    before = spent()
    browser.execute_async_script(slide)
    assert 1000 * (spent() - before) / 100 < 16
    assert complaints(browser) == []


@pytest.mark.parametrize(("width", "height"), [(390, 800), (1400, 900)])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_its_window(browser: Any, page: Path, width: int, height: int, dark: bool) -> None:
    from selenium.webdriver.common.by import By

    show(
        browser,
        page,
        width=width,
        height=height,
        dark=dark,
        suffix=fragment("relu_hessian", {"eps": 100, "phi": 3, "sigma": 1}),
    )
    readouts(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    if width < 600:  # the picture stays in view while the controls scroll
        browser.execute_script("scrollTo({ top: 500, behavior: 'instant' })")
        readouts(browser)
        box = browser.find_element(By.CSS_SELECTOR, "[data-plot=spectrum]").rect
        top = browser.execute_script(
            "return document.querySelector('[data-plot=spectrum]').getBoundingClientRect().top"
        )
        assert 0 <= top < 120
        assert box["height"] > 150
    assert complaints(browser) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Math.sqrt(law.variance)", "law.variance"),
        ("write(\"below\", cdf, 5)", "write(\"below\", sf, 5)"),
        ("times(2, eps)", "times(2.0001, eps)"),
        ("changed();\n  }\n\n  const slider", "missing();\n  }\n\n  const slider"),
    ],
)  # fmt: skip
def test_planted_errors_are_caught(browser: Any, html: str, page: Path, right: str, wrong: str) -> None:
    assert right in html
    planted = page.with_name("planted.html")
    planted.write_text(html.replace(right, wrong), encoding="utf-8")
    show(browser, planted, suffix="#wishart_wigner?eps=0.3&phi=0.7")
    found = readouts(browser)
    told = complaints(browser)
    assert told or max(differences(found).values()) > TOLERANCE
