"""From the form to the file: with the keyboard, without JavaScript, over a restart, and back by the link."""
import hashlib, signal

from playwright.sync_api import expect

from kiln import until


def fill(page, name="Ada", seconds="2"):
    page.get_by_label("Your address").fill("ada@example.org")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_label("Seconds in the fire").fill(seconds)


def number(page):
    return page.url.rsplit("/", 1)[-1]


def downloaded(page, work, name="tile.txt"):
    """The file behind the button, and the SHA-256 that stands beside it."""
    with page.expect_download() as waiting:
        page.locator(".download a", has_text=name).click()
    path = work / "downloaded"
    waiting.value.save_as(path)
    said = page.locator(".sum code").inner_text()
    return path.read_bytes(), said


def test_keyboard(desk):
    """the whole way with the keyboard alone, live and without a reload"""
    page = desk.page()
    page.goto(desk.kiln.url + "/")
    loads = []

    def type_at(label, text):
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.labels?.[0]?.firstChild?.textContent.trim() ?? ''")
            if focused == label:
                page.keyboard.type(text)
                return
        raise AssertionError(f"the keyboard does not get to {label}")

    type_at("Your address", "ada@example.org")
    type_at("Name", "Ada 🦄")
    type_at("Homepage", "https://example.org/")
    type_at("Glaze", "S")
    # A dialog of the system chooses the file; its answer is given here.
    with page.expect_file_chooser() as chooser:
        type_at("Picture", "")
        page.keyboard.press("Enter")
    chooser.value.set_files(desk.picture)
    type_at("Seconds in the fire", "3")
    desk.shot(page, "form-filled")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/builds/*")
    page.on("load", lambda: loads.append(page.url))
    expect(page.locator("[data-show=label]")).to_have_text("Building")
    expect(page.locator("[data-show=explanation]")).to_have_text("Mixing the clay")
    expect(page.locator("[data-show=log]")).to_contain_text("turn 4 of the wheel")
    expect(page.locator("[data-show=timeline]")).to_contain_text("Mixing the clay")
    assert not loads, "it was reloaded while it was live"
    desk.shot(page, "build-live")
    expect(page.locator(".chip.succeeded")).to_be_visible()
    desk.shot(page, "build-succeeded")
    contents, said = downloaded(page, desk.work)
    assert hashlib.sha256(contents).hexdigest() == said
    assert "name: Ada 🦄" in contents.decode() and "glaze: shiny" in contents.decode() and "picture: yes" in contents.decode()
    picture = page.locator("figure img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
    build = until("the mail is out", lambda: (
        lambda b: b if b["deliveries"] and b["deliveries"][0]["status"] == "accepted" else None)(desk.kiln.build(number(page))))
    assert build["artifacts"][0]["sha256"] == said
    assert any(number(page) in mail.replace("=\n", "") for mail in desk.kiln.mails())


def test_come_back(desk):
    """the tab is closed, and the link leads back"""
    context = desk.context()
    page = desk.page(context)
    page.goto(desk.kiln.url + "/")
    fill(page, seconds="3")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    link = page.url
    page.close()
    page = desk.page(context)
    page.goto(desk.kiln.url + "/")
    page.get_by_role("link", name="Your latest build").click()
    assert page.url == link
    expect(page.locator(".chip.succeeded")).to_be_visible()


def test_restart(desk):
    """the page follows on when the server is killed and comes back"""
    page = desk.page(allow=("ERR_", "Failed to load resource"))
    page.goto(desk.kiln.url + "/")
    fill(page, seconds="4")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    expect(page.locator("[data-show=log]")).to_contain_text("turn 2 of")
    desk.kiln.stop(signal.SIGKILL)
    expect(page.locator(".connection")).to_be_visible()
    desk.shot(page, "build-connection-lost")
    desk.kiln.start()
    expect(page.locator(".connection")).to_be_hidden()
    expect(page.locator("[data-show=log]")).to_contain_text("turn 18 of")
    log = page.locator("[data-show=log]").inner_text()
    assert log.count("turn 10 of") == 1, "every line once"
    expect(page.locator(".chip.succeeded")).to_be_visible()
    contents, said = downloaded(page, desk.work)
    assert hashlib.sha256(contents).hexdigest() == said


def test_without_javascript(desk):
    """all of it without JavaScript"""
    page = desk.page(desk.context(java_script_enabled=False), allow=("422",))
    page.goto(desk.kiln.url + "/")
    fill(page, name="x" * 21, seconds="1")
    page.get_by_label("Picture").set_input_files(desk.picture)
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.locator("#faults")).to_contain_text("Name")
    expect(page.get_by_label("Your address")).to_have_value("ada@example.org")
    expect(page.get_by_text("browsers do not keep files")).to_be_visible()
    desk.shot(page, "form-faults-without-javascript")
    page.get_by_label("Name", exact=False).first.fill("Ada")
    page.get_by_label("Picture").set_input_files(desk.picture)
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    expect(page.locator(".chip.succeeded")).to_be_visible()
    contents, said = downloaded(page, desk.work)
    assert hashlib.sha256(contents).hexdigest() == said


def test_cancel_and_rebuild(desk):
    """a build is cancelled, changed and built again"""
    page = desk.page()
    page.goto(desk.kiln.url + "/")
    fill(page, seconds="50")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    expect(page.locator("[data-show=log]")).to_contain_text("turn 1 of")
    first = page.url
    page.get_by_role("button", name="Cancel this build").click()
    expect(page.locator(".chip.cancelled")).to_be_visible()
    desk.shot(page, "build-cancelled")
    page.get_by_role("link", name="Change and build again").click()
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Ada")
    page.get_by_label("Your address").fill("ada@example.org")
    page.get_by_label("Seconds in the fire").fill("0")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url(lambda url: "/builds/" in url and url != first)
    expect(page.locator(".chip.succeeded")).to_be_visible()
