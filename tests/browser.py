"""Headless Chromium for tests of pages; without one they are skipped, with the reason.

`tests/conftest.py` makes the fixture `browser` known to every test.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    *(
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
    ).split(),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Selenium driver of headless Chromium, without network, one a process; skips where there is none."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no Chromium with chromedriver is installed")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def show(
    driver: Any, page: Path, *, width: int = 1400, height: int = 900, dark: bool = False, suffix: str = ""
) -> None:
    """Open a page from disk, in a window of that width, and wait for its fonts.

    suffix: what follows the file's name, such as `?status=OPEN` or `#place`.
    """
    media = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get("about:blank")  # so that a change of the fragment alone loads the page anew
    driver.get(page.as_uri() + suffix)
    driver.execute_async_script("document.fonts.ready.then(() => arguments[arguments.length - 1]())")


def complaints(driver: Any) -> list[str]:
    """What the console has said since it was last asked, warnings and errors."""
    return [
        entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
    ]
