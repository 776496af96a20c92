"""The report in headless Chromium: filters, search, links to rows, both widths, both colour schemes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import fabricated
from tests.browser import complaints, show
from verify.ledger import Status
from verify.report import site


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "report"
    site.write(site.files(fabricated.ledger(), fabricated.parts()), folder)
    return folder


def rows(driver: Any) -> list[str]:
    """Ids of the claims that are shown."""
    return list(
        driver.execute_script(
            "return [...document.querySelectorAll('.claim')].filter(e => e.offsetParent).map(e => e.id)"
        )
    )


@pytest.mark.parametrize("width", [390, 1400])
def test_pages_load_whole(browser: Any, report: Path, width: int) -> None:
    for page in sorted(report.glob("*.html")):
        show(browser, page, width=width, dark=width == 390)
        assert complaints(browser) == [], page.name
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{page.name} scrolls sideways"
        typeset = "return !document.querySelector('math') || document.fonts.check('16px \"Page Math\"')"
        assert browser.execute_script(typeset), page.name


def test_filters(browser: Any, report: Path) -> None:
    ledger = fabricated.ledger()
    show(browser, report / "ledger.html")
    assert rows(browser) == list(ledger.by_id)

    def choose(name: str, value: str) -> list[str]:
        browser.execute_script(
            "const f = document.forms[0].elements[arguments[0]]; f.value = arguments[1];"
            "f.dispatchEvent(new Event('input', {bubbles: true}))",
            name,
            value,
        )
        return rows(browser)

    wanted = [v.claim.id for v in ledger.verdicts if v.status is Status.REFUTED]
    assert choose("status", "REFUTED") == wanted != []
    assert browser.find_element("id", "count").text == f"{len(wanted)} of {len(ledger.verdicts)} claims"
    browser.find_element("css selector", "button[type=reset]").click()
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert rows(browser) == list(ledger.by_id)
    assert choose("paper", "pb17s") == [name for name in ledger.by_id if name.startswith("pb17s/")]
    assert choose("q", "nothing says this") == []
    assert browser.find_element("id", "none").is_displayed()
    choose("paper", "")
    assert "pb17/eq-21" in choose("q", r"\epsilon_c MINIMIZERS")  # formulas are found by their LaTeX
    assert "pb17/eq-21" in choose("q", "eps_c 8 phi")  # and as one types them
    choose("q", "")
    exact = choose("method", "Monte Carlo")
    assert 0 < len(exact) < len(ledger.verdicts)
    assert complaints(browser) == []


def test_links_open_rows_and_set_filters(browser: Any, report: Path) -> None:
    show(browser, report / "ledger.html", suffix="?status=OPEN#pb17/eq-18")
    assert browser.find_element("id", "pb17/eq-18").get_attribute("open")
    top = "return document.getElementById('pb17/eq-18').getBoundingClientRect().top"
    assert 0 <= browser.execute_script(top) < 200
    browser.execute_script("location.hash = '#pb17/eq-21'")
    browser.execute_async_script("setTimeout(arguments[0], 100)")
    assert browser.find_element("id", "pb17/eq-21").get_attribute("open")
    show(browser, report / "ledger.html", suffix="?status=OPEN")
    opened = [v.claim.id for v in fabricated.ledger().verdicts if v.status is Status.OPEN]
    assert rows(browser) == opened
    assert complaints(browser) == []


def test_the_list_is_whole_without_its_script(browser: Any, report: Path, tmp_path: Path) -> None:
    page = tmp_path / "ledger.html"
    page.write_text((report / "ledger.html").read_text().replace('<script src="ledger.js"></script>', ""))
    (tmp_path / "report.css").write_text((report / "report.css").read_text())
    show(browser, page)
    assert rows(browser) == list(fabricated.ledger().by_id)
    assert not browser.find_element("id", "filters").is_displayed()


def test_the_graph_marks_what_a_claim_rests_on(browser: Any, report: Path) -> None:
    show(browser, report / "graph.html", suffix="#pb17/eq-18")
    marked = "return [...document.querySelectorAll('a.node.marked')].map(e => e.id)"
    browser.execute_async_script("setTimeout(arguments[0], 100)")
    found = set(browser.execute_script(marked))
    middle = "const r = document.getElementById('pb17/eq-18').getBoundingClientRect(); return [r.left, r.top]"
    left, top = browser.execute_script(middle)
    assert 0 < left < 1300
    assert 100 < top < 800
    assert {"pb17/eq-17", "pb17/eq-18", "pb17/eq-21"} <= found
    assert "pb17s/eq-S1" not in found
    assert complaints(browser) == []


def test_on_paper_every_row_is_open(browser: Any, report: Path) -> None:
    show(browser, report / "ledger.html")
    open_rows = "return [...document.querySelectorAll('.inside')].map(e => e.checkVisibility())"
    assert not any(browser.execute_script(open_rows))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert all(browser.execute_script(open_rows))
    assert not browser.find_element("id", "filters").is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_links_to_steps_arrive(browser: Any, report: Path) -> None:
    """Steps out of sight have no height of their own yet; a link to one must find it all the same."""
    for anchor in ("relu_hessian-2-1", "relu_hessian-9-3", "relu_hessian-14-1"):
        show(browser, report / "model-relu_hessian.html", suffix=f"#{anchor}")
        browser.execute_async_script("setTimeout(arguments[0], 100)")
        top = f"return document.getElementById('{anchor}').getBoundingClientRect().top"
        assert 0 <= browser.execute_script(top) < 200, anchor
