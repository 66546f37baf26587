"""A form with faults: nothing that was typed or chosen is lost."""
from playwright.sync_api import expect

from journey import fill
from pictures import GIF


def test_faults(desk):
    """faults are shown at their fields, and chosen files stay chosen"""
    page = desk.page(allow=("422",))
    page.goto(desk.kiln.url + "/")
    fill(page, name="x" * 21, seconds="0")
    page.get_by_label("Homepage").fill("javascript:alert(1)")
    page.get_by_label("Picture").set_input_files(desk.picture)
    page.get_by_role("button", name="Build", exact=True).click()
    summary = page.locator("#faults")
    expect(summary).to_be_visible()
    expect(summary).to_be_focused()
    assert summary.locator("li").count() == 2, summary.inner_text()
    field = page.locator("#field-name")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.locator("#field-name-faults").inner_text()
    assert page.locator("#field-wallpaper").evaluate("input => input.files.length") == 1
    summary.get_by_role("link").first.click()
    expect(field).to_be_focused()
    field.fill("Ada")
    page.get_by_label("Homepage").fill("https://example.org/")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    expect(page.locator(".chip.succeeded")).to_be_visible()
    expect(page.locator(".asked")).to_contain_text("sunset.png")


def test_wrong_kind(desk):
    """a file of the wrong kind is named at its field"""
    page = desk.page(allow=("415",))
    page.goto(desk.kiln.url + "/")
    fill(page)
    page.get_by_label("Picture").set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": GIF})
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.locator("#field-wallpaper-faults")).to_contain_text("GIF")
