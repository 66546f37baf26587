"""A colour: typed as text or chosen, and the text is what counts."""
from playwright.sync_api import expect

from journey import fill


def test_color(desk):
    """a colour is chosen or typed, each shows the other, and a wrong one is named"""
    page = desk.page(allow=("422",))
    page.goto(desk.kiln.url + "/")
    text = page.get_by_label("Rim", exact=True)
    chooser = page.get_by_label("Choose: Rim")
    expect(text).to_have_value("#2f5d62")
    expect(chooser).to_have_value("#2f5d62")
    text.focus()
    page.keyboard.press("Tab")
    expect(chooser).to_be_focused()
    # What a browser's own window does when a colour was chosen in it.
    chooser.evaluate("input => { input.value = '#c2410c'; input.dispatchEvent(new Event('input', {bubbles: true})) }")
    expect(text).to_have_value("#c2410c")
    text.fill("#00AAFF")
    expect(chooser).to_have_value("#00aaff")
    text.fill("blue")
    expect(chooser).to_have_value("#00aaff")
    fill(page, seconds="0")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.locator("#field-rim-faults")).to_contain_text("six hex digits")
    text.fill("#00AAFF")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    assert desk.kiln.build(page.url.split("/")[-1])["inputs"]["rim"] == "#00AAFF"


def test_color_without_script(desk):
    """without scripts a colour is a line of text, and may be left as it is"""
    page = desk.page(desk.context(java_script_enabled=False))
    page.goto(desk.kiln.url + "/")
    expect(page.get_by_label("Rim", exact=True)).to_have_value("#2f5d62")
    expect(page.get_by_label("Choose: Rim")).to_be_hidden()
    fill(page, seconds="0")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    assert desk.kiln.build(page.url.split("/")[-1])["inputs"]["rim"] == "#2f5d62"
