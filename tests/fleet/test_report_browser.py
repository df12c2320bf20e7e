"""The pages of an audit and of a history in a real browser: what is drawn is what was counted, and can be read."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from browser_support import browser, dark, looked_over, narrow, script
from git_support import Clone
from selenium.webdriver import Chrome
from support import Model, run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EVIL = '<img src=x onerror="window.owned=1">"\'</title></style><script>window.owned=1</script>'


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    made = browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, clones: Path) -> dict[str, str]:
    """Addresses of pages made by the command, by what they show."""
    place = tmp_path_factory.mktemp("pages")
    run("audit", "--clones", str(clones), "--to", str(place / "table"), "--commits")
    run("audit", "report", str(place / "table"), "--format", "html", "--output", str(place / "audit.html"))
    hostile = Clone(place / "hostile")
    for number in range(6):
        model: Model = {
            "config.json": {"model_type": "llama", "rope_theta": 1e4 + number // 2},
            f"{EVIL[:20]}.md": str(number),
        }
        hostile.commit(model, EVIL * 9, f"v1.{number}.0" if number % 2 else "")
    run("log", str(hostile.root), "--format", "html", "--output", str(place / "log.html"))
    return {page.stem: page.as_uri() for page in place.glob("*.html")}


NAMES = pytest.mark.parametrize("name", ["audit", "log"])


def opened(driver: Chrome, address: str) -> Chrome:
    driver.get_log("browser")  # type: ignore[no-untyped-call]  # forget what other pages said
    driver.get(address)
    script(driver, "for (const one of document.querySelectorAll('details')) one.open = true")
    return driver


@NAMES
def test_nothing_is_loaded_nothing_complains_and_nothing_runs(driver: Chrome, pages: dict[str, str], name: str) -> None:
    opened(driver, pages[name])
    assert driver.get_log("browser") == []  # type: ignore[no-untyped-call]  # a breach of the policy would be here
    assert script(driver, "return performance.getEntriesByType('resource').length") == 0
    assert script(driver, "return document.querySelectorAll('script,img,iframe,link,base,[onerror]').length") == 0
    assert script(driver, "return window.owned") is None


@NAMES
@pytest.mark.parametrize("night", [False, True])
def test_contrast_and_names_are_right_by_day_and_night(
    driver: Chrome, pages: dict[str, str], name: str, *, night: bool
) -> None:
    dark(driver, on=night)
    opened(driver, pages[name])
    wrong, passed = looked_over(driver)
    assert wrong == []
    assert "color-contrast" in passed


@NAMES
def test_it_fits_a_phone(driver: Chrome, pages: dict[str, str], name: str) -> None:
    narrow(driver, 360)
    try:
        opened(driver, pages[name])
        assert script(driver, "return document.documentElement.scrollWidth") <= 360
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_bars_are_as_long_as_their_shares_and_hold_their_intervals(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["audit"])
    rows = script(
        driver,
        "const box = (row, of) => row.querySelector(of).getBoundingClientRect();"
        "return [...document.querySelectorAll('#verdicts tbody tr')].map(row => [row.cells[3].textContent,"
        "box(row, 'rect').width, box(row, '.edge').left - box(row, 'svg').left,"
        "box(row, '.edge').right - box(row, 'svg').left, box(row, 'svg').width])",
    )
    assert len(rows) > 1
    unit = {round(width / float(share.removesuffix(" %")), 2) for share, width, *_ in rows}
    assert max(unit) - min(unit) <= 0.05
    assert all(low < width < high <= whole for _, width, low, high, whole in rows)


def test_grids_are_darkest_where_most_is(driver: Chrome, pages: dict[str, str]) -> None:
    dark(driver, on=False)
    opened(driver, pages["audit"])
    cells = script(
        driver,
        "return [...document.querySelectorAll('#transitions .cell')].map(one =>"
        "[Number(one.textContent), getComputedStyle(one).backgroundColor.match(/[0-9.]+/g).map(Number)])",
    )
    assert len({share for share, _ in cells}) > 2
    by_share: dict[float, set[int]] = {}
    for share, colour in cells:
        by_share.setdefault(share, set()).add(round(100 * colour[3]))
    shares = sorted(by_share)
    assert max(by_share[shares[0]]) < min(by_share[shares[-1]])
    assert all(max(by_share[less]) <= min(by_share[more]) for less, more in pairwise(shares))


def test_no_label_is_cut(driver: Chrome, pages: dict[str, str]) -> None:
    for address in pages.values():
        opened(driver, address)
        cut = script(
            driver,
            "return [...document.querySelectorAll('svg text')].filter(one => {"
            "const text = one.getBoundingClientRect(), svg = one.ownerSVGElement.getBoundingClientRect();"
            "return text.left < svg.left - 1 || text.right > svg.right + 1 || text.bottom > svg.bottom + 1"
            "}).map(one => one.textContent)",
        )
        assert cut == []
