"""Every kind of page, at desk and phone size, light and dark: axe-core finds nothing, nothing is wider than the screen."""
import pathlib

import axe_playwright_python
from playwright.sync_api import expect

from journey import fill

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def check(desk, page, name):
    # Evaluated, not added as an element: the pages' own rules forbid scripts from elsewhere.
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`))")
    desk.shot(page, name)
    assert not found, f"{name}: {found}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name}: {wide} pixels wider than the screen"


def build(page, url, name, seconds):
    page.goto(url + "/")
    fill(page, name=name, seconds=seconds)
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")


def look(desk, width, height, scheme):
    mark = f"{'desk' if width > 800 else 'phone'}-{scheme}"
    page = desk.page(desk.context(width, height, color_scheme=scheme), allow=("422", "404"))
    url = desk.kiln.url
    page.goto(url + "/")
    check(desk, page, f"form-{mark}")
    page.get_by_label("Your address").fill("nobody")
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.locator("#faults")).to_be_visible()
    check(desk, page, f"form-faults-{mark}")
    build(page, url, "Live", "30")
    expect(page.locator("[data-show=log]")).to_contain_text("turn 3 of")
    check(desk, page, f"live-{mark}")
    page.get_by_role("button", name="Cancel this build").click()
    expect(page.locator(".chip.cancelled")).to_be_visible()
    build(page, url, "A long name ادیگر 🦄", "0")
    expect(page.locator(".chip.succeeded")).to_be_visible()
    check(desk, page, f"succeeded-{mark}")
    build(page, url, "Cracked", "0")
    expect(page.locator(".chip.failed")).to_be_visible()
    expect(page.locator(".error-line")).to_contain_text("cracked in the fire")
    check(desk, page, f"failed-{mark}")
    page.goto(url + "/builds/00000000000000000000000000")
    check(desk, page, f"error-{mark}")


def test_desk_light(desk):
    """the pages at a desk, light"""
    look(desk, 1440, 900, "light")


def test_desk_dark(desk):
    """the pages at a desk, dark"""
    look(desk, 1440, 900, "dark")


def test_phone_light(desk):
    """the pages on a phone, light"""
    look(desk, 390, 844, "light")


def test_phone_dark(desk):
    """the pages on a phone, dark"""
    look(desk, 390, 844, "dark")
