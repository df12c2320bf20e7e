"""A real browser without a window: Chromium, driven by its own driver, its network cut off."""

import shutil
from pathlib import Path
from typing import Any

import axe_core_python  # type: ignore[import-untyped]  # it ships no py.typed
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

_AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--force-device-scale-factor=1", "--proxy-server=http://127.0.0.1:9", "--force-prefers-reduced-motion",
)  # fmt: skip


def browser(profile: Path, *, scripts: bool = True) -> Chrome:
    """A browser of its own, 1,200 by 900 points; the caller quits it.

    Raises:
        FileNotFoundError: If there is none: these tests are chosen with `-m browser`, and then it must be there.
    """
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if found is None or driver is None:
        raise FileNotFoundError("Chromium and its driver are missing: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = found
    for argument in (*_QUIET, f"--user-data-dir={profile}", "--window-size=1200,900"):
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options=options, service=Service(driver))


def dark(driver: Chrome, *, on: bool) -> None:
    """Whether the reader's system is dark."""
    features = [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def narrow(driver: Chrome, width: int) -> None:
    """The width of the window, as a phone has it: narrower than a desktop window can be made."""
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def script(driver: Chrome, code: str) -> Any:  # noqa: ANN401 - whatever the script gives
    """What a script gives in the open page."""
    return driver.execute_script(code)


def looked_over(driver: Chrome) -> tuple[list[tuple[str, list[str]]], set[str]]:
    """What axe finds wrong in the open page, each with the first places; and the names of the checks that passed."""
    script(driver, _AXE)
    found = driver.execute_async_script("axe.run().then(arguments[0])")
    wrong = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found["violations"]]
    return wrong, {one["id"] for one in found["passes"]}
