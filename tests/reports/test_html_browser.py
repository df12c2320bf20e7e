"""The page in a real browser: what it looks like, what it does, and what it refuses to do."""

import io
from collections.abc import Iterator
from pathlib import Path

import pages_support
import pytest
from browser_support import browser, dark, looked_over, narrow, script
from git_support import Clone
from PIL import Image
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from support import run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    made = browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, hostile: Clone) -> dict[str, str]:
    """Addresses of pages made by the command, by what they show."""
    place = tmp_path_factory.mktemp("pages")
    old, new = pages_support.pair(place)
    run("diff", str(old), str(new), "--format", "html", "--output", str(place / "pair.html"))
    run("check", ".@v1.0.1", "--format", "html", "--output", str(place / "hostile.html"), cwd=hostile.root)
    many = Clone(place / "many")
    for number in range(8):
        many.commit({"a.json": {f"k{number // 2}": 1}}, tag=f"v1.{number}.0")
    run("check", ".", "--all-releases", "--format", "html", "--output", str(place / "many.html"), cwd=many.root)
    return {page.stem: page.as_uri() for page in place.glob("*.html")}


NAMES = pytest.mark.parametrize("name", ["pair", "hostile", "many"])


def opened(driver: Chrome, address: str) -> Chrome:
    driver.get_log("browser")  # type: ignore[no-untyped-call]  # forget what other pages said
    driver.get(address)
    return driver


def picture(driver: Chrome) -> Image.Image:
    return Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")


@NAMES
def test_nothing_is_loaded_nothing_complains_and_nothing_runs_but_our_script(
    driver: Chrome, pages: dict[str, str], name: str
) -> None:
    opened(driver, pages[name])
    assert driver.get_log("browser") == []  # type: ignore[no-untyped-call]  # a breach of the policy would be here
    assert script(driver, "return performance.getEntriesByType('resource').length") == 0
    assert script(driver, "return document.scripts.length") == 1
    assert script(driver, "return document.querySelector('main').dataset.ready") == ""
    elsewhere = "img,iframe,object,embed,link,base,form,video,audio,[style],[onerror],[onload],[onclick]"
    assert script(driver, f"return document.querySelectorAll('{elsewhere}').length") == 0


def test_the_policy_holds_where_something_is_put_in(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["hostile"])
    script(
        driver,
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned=1\">');"
        "const made = document.createElement('script'); made.textContent = 'window.owned = 1';"
        "document.body.append(made);",
    )
    WebDriverWait(driver, 10).until(lambda _: driver.get_log("browser"))  # type: ignore[no-untyped-call]  # refused
    assert script(driver, "return window.owned") is None


@NAMES
@pytest.mark.parametrize("night", [False, True])
def test_contrast_names_and_order_are_right_by_day_and_night(
    driver: Chrome, pages: dict[str, str], name: str, *, night: bool
) -> None:
    dark(driver, on=night)
    opened(driver, pages[name])
    script(driver, "for (const one of document.querySelectorAll('details')) one.open = true")
    wrong, passed = looked_over(driver)
    assert wrong == []
    assert "color-contrast" in passed


def test_it_is_light_by_day_and_dark_by_night(driver: Chrome, pages: dict[str, str]) -> None:
    for night in (False, True):
        dark(driver, on=night)
        opened(driver, pages["pair"])
        corner = picture(driver).getpixel((3, 3))
        assert isinstance(corner, tuple)
        assert (max(corner) < 60) is night
        assert (min(corner) > 230) is not night


def test_the_map_shows_what_moved(driver: Chrome, pages: dict[str, str]) -> None:
    dark(driver, on=False)
    opened(driver, pages["pair"])
    region = driver.find_element(By.CSS_SELECTOR, ".map")
    script(driver, "document.querySelector('.map').scrollIntoView({block: 'center'})")
    row = region.find_elements(By.CSS_SELECTOR, "tbody tr")[0].find_elements(By.CSS_SELECTOR, "td")
    assert len(row) == pages_support.LAYERS
    shot = picture(driver)
    lightness = []
    boxes = "return [...document.querySelector('.map tbody tr').cells].map(one => one.getBoundingClientRect().toJSON())"
    for box in script(driver, boxes)[1:]:
        pixel = shot.getpixel((int(box["x"] + 4), int(box["y"] + 4)))
        assert isinstance(pixel, tuple)
        lightness.append(sum(pixel))
    assert len(set(lightness[: pages_support.FROZEN])) == 1
    assert lightness[0] > lightness[pages_support.FROZEN] >= lightness[-1]
    assert sorted(lightness, reverse=True) == lightness


def test_histograms_are_drawn(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["pair"])
    drawn = script(
        driver,
        "return [...document.querySelectorAll('svg.bars')].map(one => [...one.querySelectorAll('rect')]"
        ".filter(bar => bar.getBoundingClientRect().height > 1).length)",
    )
    assert len(drawn) == 13
    assert min(drawn) > 1


def test_it_can_be_searched(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["pair"])
    shown = (
        "return [...document.querySelectorAll('.found')].filter(one => one.checkVisibility())"
        ".map(one => one.textContent)"
    )
    everything = len(script(driver, shown))
    ActionChains(driver).send_keys("/").perform()
    box = driver.switch_to.active_element
    assert box.get_attribute("type") == "search"
    box.send_keys("Layers.11.mlp.up")
    WebDriverWait(driver, 10).until(lambda _: "match" in driver.find_element(By.CSS_SELECTOR, "output").text)
    found = script(driver, shown)
    assert 0 < len(found) < everything
    assert all("layers.11.mlp.up" in one for one in found)
    tables = "return [...document.querySelectorAll('.scroll')].filter(one => one.checkVisibility()).length"
    assert 0 < script(driver, tables) < len(driver.find_elements(By.CSS_SELECTOR, ".scroll"))
    box.send_keys(Keys.ESCAPE)
    assert len(script(driver, shown)) == everything


def test_everything_can_be_reached_with_the_keyboard_and_is_seen_to_be(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["pair"])
    seen = []
    for _ in range(60):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        now = script(
            driver,
            "const one = document.activeElement, style = getComputedStyle(one);"
            "return [one.tagName + '.' + one.className, style.outlineStyle, parseFloat(style.outlineWidth)]",
        )
        if now[0] == "BODY.":
            break
        seen.append(now)
    assert seen[0][0] == "A.skip-link"
    assert all(style != "none" and width >= 2 for _, style, width in seen), seen
    names = {name.partition(".")[0] for name, _, _ in seen}
    assert names >= {"A", "INPUT", "SUMMARY", "DIV"}


def test_maps_answer_to_arrow_keys(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["pair"])
    region = driver.find_element(By.CSS_SELECTOR, ".map")
    region.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    reading = driver.find_element(By.CSS_SELECTOR, ".reading").text
    assert reading == "layer 1 · self_attn.k_proj · 0"
    region.send_keys(*[Keys.ARROW_RIGHT] * 40, Keys.ARROW_UP)
    assert driver.find_element(By.CSS_SELECTOR, ".reading").text.startswith("layer 11 · self_attn.q_proj · 0.2")


@NAMES
def test_it_fits_a_phone(driver: Chrome, pages: dict[str, str], name: str) -> None:
    narrow(driver, 360)
    try:
        opened(driver, pages[name])
        assert script(driver, "return document.documentElement.scrollWidth") <= 360
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_it_is_whole_without_scripts(pages: dict[str, str], tmp_path: Path) -> None:
    bare = browser(tmp_path, scripts=False)
    try:
        bare.get(pages["pair"])
        text = bare.find_element(By.TAG_NAME, "main").text
        assert all(told in text for told in ("rope-base-changed", "self_attn.q_proj", "Largest movers", "rope_theta"))
        assert bare.find_elements(By.CSS_SELECTOR, "input") == []
        bare.find_element(By.CSS_SELECTOR, ".finding summary").click()
        assert bare.find_element(By.CSS_SELECTOR, ".finding details p").is_displayed()
    finally:
        bare.quit()


def test_links_of_a_history_open_the_release(driver: Chrome, pages: dict[str, str]) -> None:
    opened(driver, pages["many"])
    assert len(driver.find_elements(By.CSS_SELECTOR, "svg.history circle")) == 7
    driver.find_element(By.CSS_SELECTOR, "a[href='#r1']").click()
    WebDriverWait(driver, 10).until(lambda _: driver.find_element(By.ID, "r1").get_attribute("open"))
    assert driver.find_element(By.ID, "r1-findings").is_displayed()


def test_a_hundred_thousand_tensors_open_and_scroll(driver: Chrome, tmp_path: Path) -> None:
    names = [
        f"model.layers.{layer}.mlp.experts.{expert}.{kind}_proj.weight"
        for layer in range(100)
        for expert in range(334)
        for kind in ("up", "down", "gate")
    ]
    text = pages_support.page(pages_support.of_tensors(pages_support.report(tmp_path), names))
    page = tmp_path / "page.html"
    page.write_text(text, encoding="utf-8")
    assert page.stat().st_size < 5_000_000
    opened(driver, page.as_uri())
    script(driver, "for (const one of document.querySelectorAll('details')) one.open = true")
    at = [0, 1]
    for _ in range(200):
        at = script(driver, "scrollBy(0, 2000); return [scrollY + innerHeight, document.documentElement.scrollHeight]")
        if at[0] >= at[1] - 1:
            break
    assert at[0] >= at[1] - 1
    assert len(driver.find_elements(By.CSS_SELECTOR, ".map tbody td")) == 300
    box = driver.find_element(By.CSS_SELECTOR, "input[type=search]")
    box.send_keys("layers.99.mlp.experts.333")
    WebDriverWait(driver, 30).until(lambda _: "match" in driver.find_element(By.CSS_SELECTOR, "output").text)
