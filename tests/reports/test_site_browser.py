"""The page opened and clicked through in headless Chromium, from a file as its readers do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emrassess.domain.assessment import Assessment, Evidence
from emrassess.domain.pack import Pack
from emrassess.reports.content import ReportContent, gather
from emrassess.reports.site import site_html
from tests.reports.browser import CHROMIUM, Page, browser
from tests.reports.conftest import NOW, Store

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here (Debian: apt install chromium)")


@pytest.fixture(scope="module")
def index(content: ReportContent, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("package") / "data 实证"

    def href(piece: Evidence, clause: str) -> str | None:
        source = store.path(piece.current.sha256)
        if not source.exists():
            return None
        target = root / "evidence" / clause[:5] / clause / f"1-{piece.current.file_name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        return target.relative_to(root).as_posix()

    root.mkdir()
    file = root / "index.html"
    file.write_bytes("".join(site_html(content, href)).encode())
    return file


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def page(chromium: Page, index: Path) -> Page:
    chromium.call("Page.navigate", url="about:blank")
    chromium.problems.clear()
    chromium.open(index)
    return chromium


def visible(page: Page, selector: str) -> int:
    return page.run(
        f"Array.prototype.filter.call(document.querySelectorAll('{selector}'),"
        "function (e) { return e.offsetParent !== null; }).length"
    )


def arrive(page: Page, place: str) -> None:
    """Wait until the page shows a place: the address changes before the view does."""
    page.wait(f"document.body.dataset.place === '{place}'")


def test_overview_opens_without_a_complaint(page: Page) -> None:
    assert visible(page, "#overview") == 1
    assert visible(page, "#items, #evidence") == 0
    assert "目标 5 级" in page.run("document.querySelector('.verdict').textContent")
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.problems == []


def test_from_the_heat_map_to_an_item_to_evidence_and_back(page: Page) -> None:
    page.click(".heat a[href='#i-01.01']")
    arrive(page, "i-01.01")
    assert visible(page, ".item") == 1
    page.wait("document.querySelector('#i-01\\\\.01 img').naturalWidth > 0")
    page.click("#i-01\\.01 figcaption a[href='#e-1']")
    arrive(page, "e-1")
    assert visible(page, "#evidence") == 1
    assert page.run("document.activeElement.id") == "e-1"
    page.click("#e-1 a[href='#c-01.02.1-1']")
    arrive(page, "c-01.02.1-1")
    assert visible(page, "#i-01\\\\.02") == 1
    assert visible(page, ".item") == 1
    page.run("history.back()")
    arrive(page, "e-1")
    assert page.problems == []


def test_filters_and_search(page: Page, content: ReportContent) -> None:
    page.click("#to-items")
    arrive(page, "items")
    through = sum(clause.level <= 5 for item in content.items for clause in item.clauses)
    assert visible(page, ".clause") == through
    page.choose("#f-verdict", "unmet")
    assert visible(page, ".clause") == 1
    page.choose("#f-group", "outpatient")
    assert visible(page, ".clause") == 0
    assert "没有符合" in page.run("document.getElementById('f-count').textContent")
    page.click("#f-reset")
    assert visible(page, ".clause") == through
    page.choose("#f-level", "8")
    assert visible(page, ".clause") == sum(c.level == 8 for item in content.items for c in item.clauses)
    page.click("#f-reset")
    page.type("#f-search", "12 月完成")
    page.wait("document.querySelectorAll('.clause:not([hidden])').length === 1")
    assert visible(page, "#c-06\\\\.01\\\\.5-3") == 1


def test_evidence_is_searched_and_filtered(page: Page) -> None:
    page.click("#to-evidence")
    arrive(page, "evidence")
    assert visible(page, "#evidence tbody tr") == 6
    page.type("#e-search", "坏图")
    page.wait("document.querySelectorAll('#evidence tbody tr:not([hidden])').length === 1")
    page.wait("document.querySelector('#e-3 .frame').textContent.indexOf('打不开') >= 0")


def test_keys_reach_everything(page: Page) -> None:
    page.key("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    for _ in range(2):
        page.key("Tab", 9)
    page.key("Tab", 9)
    page.key("Enter", 13)
    arrive(page, "evidence")


def test_texts_of_users_do_not_run(page: Page) -> None:
    assert page.run("document.querySelectorAll('script').length") == 1
    assert page.run("document.querySelector('img[src=x]')") is None
    page.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked = 1\">')")
    page.wait("document.querySelector('img[src=x]').complete")
    assert page.run("window.hacked") is None


def test_a_standard_of_points_without_groups(
    page: Page, points_pack: Pack, points_assessment: Assessment, store: Store, tmp_path: Path
) -> None:
    content = gather(points_pack, replace(points_assessment, groups=()), NOW, store.path, with_wording=True)
    file = tmp_path / "index.html"
    file.write_bytes("".join(site_html(content, lambda *_: None)).encode())
    page.open(file, "#items")
    arrive(page, "items")
    assert visible(page, "#f-group") == 0
    assert visible(page, ".clause") == sum(c.level <= 3 for item in content.items for c in item.clauses)
    page.click("#c-01\\.01\\.1-1 summary")
    assert page.run("document.querySelector('details[open]').textContent.indexOf('编造的原文第一句') >= 0")
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.problems == []


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(page: Page, dark: bool) -> None:
    page.dark(dark)
    ratio = page.run(
        """(function () {
          function light(color) {
            var parts = color.match(/[\\d.]+/g).slice(0, 3).map(function (part) {
              var share = part / 255;
              return share <= 0.03928 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
            });
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
          }
          function ground(node) {
            for (; node; node = node.parentElement) {
              var color = getComputedStyle(node).backgroundColor;
              if (color.indexOf('rgba(0, 0, 0, 0)') < 0) { return color; }
            }
            return 'rgb(255, 255, 255)';
          }
          var worst = 99;
          var asked = '#overview td, #overview p, #overview b, .tag, .soft, .top a';
          document.querySelectorAll(asked).forEach(function (node) {
            var a = light(getComputedStyle(node).color), b = light(ground(node));
            worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
          });
          return worst;
        })()"""
    )
    page.dark(False)
    assert ratio >= 4.5
