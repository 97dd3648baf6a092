"""What a person does: filter, sort, look closer, compare, go back in time, log in, use the keys."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.scene import TOKEN

MODEL = "/model/openai/gpt-oss-120b?source=openrouter"


def test_the_catalog_is_filtered_and_sorted_and_the_address_keeps_it(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    page = tab().open(f"{marketplace}/catalog?source=openrouter")
    page.get_by_label("Id or name").fill("gpt-oss")
    page.get_by_label("Id or name").press("Enter")
    page.wait_for_url("**q=gpt-oss**")
    ids = page.locator("main tbody th code").all_inner_texts()
    assert ids
    assert all("gpt-oss" in name for name in ids)
    page.get_by_role("link", name="prompt", exact=False).first.click()
    page.wait_for_url("**sort=**")
    assert "q=gpt-oss" in page.url
    amounts = [
        float(text.replace("$", ""))
        for text in page.locator("main tbody td:nth-child(2) > :first-child").all_inner_texts()
        if text.startswith("$")
    ]
    assert len(amounts) > 1
    assert amounts in (sorted(amounts), sorted(amounts, reverse=True))
    again = tab().open(page.url)
    assert (
        again.locator("main tbody th code").all_inner_texts()
        == page.locator("main tbody th code").all_inner_texts()
    )


def test_how_long_ago_a_price_changed_is_counted_to_now(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    page = tab().page
    page.clock.set_fixed_time("2026-08-25T22:00:00Z")
    page.goto(f"{marketplace}/catalog?source=openrouter")
    changed = page.locator("main tbody time[data-ago]").first
    expect(changed).to_have_text(re.compile(r"^\d+ days? ago$"))
    page.goto(f"{marketplace}/catalog?source=openrouter&at=2026-08-22")
    expect(changed).to_have_text(re.compile(r"^\d+ Aug 2026, \d\d:\d\d$"))


def test_what_was_typed_keeps_its_case_in_an_error(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    page = tab().open(f"{marketplace}/snapshot/zzz?source=openrouter", status=400)
    problem = page.locator("#problem")
    expect(problem).to_contain_text("zzz")
    first = "element => getComputedStyle(element, '::first-letter').textTransform"
    assert problem.evaluate(first) == "none"


def test_a_mark_of_a_chart_says_what_happened_and_leads_to_its_event(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    page = tab().open(marketplace + MODEL)
    chart = page.locator("figure.chart svg.wide").first
    expect(chart).to_be_visible()
    mark = chart.locator(".marks a").first
    title = mark.locator("title").first.text_content() or ""
    assert "$" in title
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/event/evt_*")
    expect(page.get_by_role("heading", name="Delivery")).to_be_visible()


def test_a_range_of_a_chart_is_an_address(marketplace: str, tab: Callable[..., Watched]) -> None:
    page = tab().open(marketplace + MODEL)
    page.get_by_role("link", name="30 days").click()
    page.wait_for_url("**since=**")
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    expect(page.locator("figure.chart").first).to_be_visible()


def test_what_a_use_would_cost(marketplace: str, tab: Callable[..., Watched]) -> None:
    page = tab().open(marketplace + MODEL)
    page.get_by_label("prompt tokens").fill("1000000")
    page.get_by_label("compare with").fill("2026-05-01")
    page.get_by_role("button", name="Calculate").click()
    page.wait_for_url("**prompt=1000000**")
    expect(page.locator("main")).to_contain_text("less at the later time")


def test_the_past_is_kept_from_page_to_page_and_left_by_one_link(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    page = tab().open(f"{marketplace}/")
    page.get_by_role("textbox", name="as of").fill("2026-05-01")
    page.get_by_role("textbox", name="as of").press("Enter")
    page.wait_for_url("**at=2026-05-01")
    expect(page.locator(".past")).to_contain_text("This page shows the past")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Catalog").click()
    page.wait_for_url("**/catalog?*at=2026-05-01*")
    expect(page.locator(".past")).to_be_visible()
    page.get_by_role("link", name="Back to now").click()
    expect(page.locator(".past")).to_have_count(0)


def test_two_versions_are_compared(marketplace: str, tab: Callable[..., Watched]) -> None:
    page = tab().open(f"{marketplace}/compare?source=openrouter")
    page.get_by_label("From").fill("latest~5")
    page.get_by_label("To", exact=True).fill("latest")
    page.keyboard.press("Enter")
    page.wait_for_url("**a=latest*")
    expect(page.locator("main")).to_contain_text("▼")


def test_times_are_the_readers_own_and_utc_on_hover(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    page = tab().open(marketplace + MODEL)
    time = page.locator("main time:not([data-day])").first
    stamp = time.get_attribute("datetime") or ""
    assert stamp.endswith("Z")
    assert time.get_attribute("title") is not None
    # Berlin is two hours ahead in summer.
    hour = (int(stamp[11:13]) + 2) % 24
    assert f"{hour:02}:{stamp[14:16]}" in time.inner_text()


def test_both_themes_have_colours_of_their_own(
    marketplace: str, tab: Callable[..., Watched]
) -> None:
    papers = {
        theme: tab(theme=theme)
        .open(f"{marketplace}/")
        .evaluate("getComputedStyle(document.body).backgroundColor")
        for theme in ("light", "dark")
    }
    assert papers["light"] != papers["dark"]


def test_by_the_keyboard_alone(marketplace: str, tab: Callable[..., Watched]) -> None:
    page = tab().open(f"{marketplace}/timeline")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.get_by_role("textbox", name="Model").focus()
    page.keyboard.type("openai/gpt-oss-120b")
    page.keyboard.press("Enter")
    page.wait_for_url("**model=openai**")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(focused(page))
    assert "openai/gpt-oss-120b" in seen
    assert any(name.startswith("v") for name in seen)


def focused(page: Page) -> str:
    """What the keys are at."""
    return str(page.evaluate("document.activeElement.innerText.trim()"))


def test_a_click_copies(troubled: str, tab: Callable[..., Watched]) -> None:
    watched = tab()
    watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = watched.open(f"{troubled}/")
    place = page.locator("[data-copy]").first
    place.focus()
    page.keyboard.press("Enter")
    expect(place).to_have_class(re.compile("copied"))
    assert page.evaluate("navigator.clipboard.readText()") == place.get_attribute("data-copy")


def test_what_needs_a_person_leads_to_what_would_be_announced(
    troubled: str, tab: Callable[..., Watched]
) -> None:
    page = tab().open(f"{troubled}/")
    expect(page.get_by_role("heading", name="Needs your attention")).to_be_visible()
    page.get_by_role("link", name="What would be announced").first.click()
    page.wait_for_url("**/quarantine/1")
    expect(page.locator("main")).to_contain_text("pricetrail quarantine approve 1")


def test_one_logs_in_once_and_out_again(closed: str, tab: Callable[..., Watched]) -> None:
    page = tab().open(f"{closed}/timeline")
    assert "/login" in page.url
    page.get_by_label("Token").fill("a wrong one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Unknown token")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/timeline")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")


def test_a_bundle_is_written_and_checked(
    marketplace: str, tab: Callable[..., Watched], tmp_path: Path
) -> None:
    page = tab().open(f"{marketplace}/proof?source=openrouter&model=openai/gpt-oss-120b")
    page.get_by_label("Model").fill("openai/gpt-oss-120b")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download the bundle").click()
    bundle = tmp_path / "bundle.json"
    downloading.value.save_as(bundle)
    page.goto(f"{marketplace}/proof/check")
    page.locator("input[type=file]").set_input_files(bundle)
    page.get_by_role("button", name=re.compile("check", re.IGNORECASE)).first.click()
    expect(page.locator("main")).to_contain_text("openai/gpt-oss-120b")
    expect(page.locator("main")).to_contain_text(re.compile("proven", re.IGNORECASE))
