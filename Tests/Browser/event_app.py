"""An event's data becomes an app: the form in a browser, and the pages of the app that came of it in one as well."""
import hashlib, os, shutil, subprocess, zipfile

from playwright.sync_api import expect

from journey import downloaded, number
from kiln import EXECUTABLE, ROOT, Kiln, until

PREPARED = ROOT / ".build/e2e-prepared-app"
EVENTS = ROOT / "Tests/Events/make.py"


def recipes(folder):
    """A folder with this recipe alone, so that its form is the first page."""
    shutil.copytree(ROOT / "recipes/event-app", folder / "recipes/event-app")
    settings = {"KILN_DATA_DIRECTORY": str(PREPARED), "KILN_RECIPES_DIRECTORY": str(folder / "recipes")}
    subprocess.run(
        [EXECUTABLE, "prepare", "event-app"], env=os.environ | settings, check=True, timeout=240,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    shutil.copytree(PREPARED / "prepared", folder / "data/prepared", symlinks=True)


def event(work, what):
    path = work / "event.zip"
    subprocess.run(["/usr/bin/python3", str(EVENTS), what, str(path)], check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


def served(desk, test):
    kiln = Kiln(recipes=False)
    kiln.recipes = kiln.folder / "recipes"
    site = desk.work / "site"
    try:
        recipes(kiln.folder)
        kiln.start()
        test(kiln, site)
    except Exception:
        print(kiln.log())
        raise
    finally:
        kiln.end()
        shutil.rmtree(site, ignore_errors=True)


def submit(desk, kiln, page, data):
    page.goto(kiln.url + "/")
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_label("Event data").set_input_files(data)
    page.get_by_role("button", name="Build", exact=True).click()


def unpacked(contents, site):
    """The app's pages, as a phone has them: files without a server."""
    apk = site.with_suffix(".apk")
    apk.write_bytes(contents)
    with zipfile.ZipFile(apk) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.startswith("assets/site/"):
                path = site / name.removeprefix("assets/site/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
    apk.unlink()


def test_event_app(desk):
    """an event's zip becomes an app whose pages show it, search it and keep a schedule"""
    def follow(kiln, site):
        page = desk.page()
        submit(desk, kiln, page, event(desk.work, "middle"))
        page.wait_for_url("**/builds/*")
        desk.shot(page, "event-app-live")
        expect(page.locator(".chip.succeeded")).to_be_visible(timeout=120000)
        picture = page.locator("figure img")
        assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
        desk.shot(page, "event-app-succeeded")
        contents, said = downloaded(page, desk.work, ".apk")
        assert hashlib.sha256(contents).hexdigest() == said
        until("the mail is out", lambda: (
            lambda b: b if b["deliveries"] and b["deliveries"][0]["status"] == "accepted" else None)(
                kiln.build(number(page))))
        unpacked(contents, site)
        walk(desk, site)

    served(desk, follow)


def walk(desk, site):
    """As a visitor does, on a phone, without a network."""
    context = desk.context(390, 844, device_scale_factor=2, is_mobile=True, has_touch=True, offline=True)
    page = desk.page(context)
    asked = []
    page.on("request", lambda request: None if request.url.startswith("file:") else asked.append(request.url))
    page.goto((site / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Offene Tage für Straßen & Bücher")
    assert page.evaluate("document.title").count("run") == 0, "a script of a description ran"
    desk.shot(page, "event-app-phone-start")

    # The day on which the clocks are put forward has its sessions at the hours that the data says.
    page.goto((site / "day-3.html").as_uri())
    expect(page.locator("[data-id]").first).to_be_attached()
    assert "1:30 am" in page.locator("main").inner_text()
    desk.shot(page, "event-app-phone-day")

    page.locator('main a[href^="sessions/"]').first.click()
    title = page.get_by_role("heading", level=1).inner_text()
    page.locator("button.star").first.click()
    expect(page.locator("button.star").first).to_have_attribute("aria-pressed", "true")
    desk.shot(page, "event-app-phone-session")
    page.goto((site / "bookmarks.html").as_uri())
    expect(page.locator("main")).to_contain_text(title)

    page.goto((site / "search.html").as_uri())
    page.locator("#query").fill("strassen")
    expect(page.locator('#results a[href*="sessions/"]').first).to_be_visible()
    page.locator("#query").fill("पुस्तकालय")
    expect(page.locator('#results a[href*="sessions/"]').first).to_contain_text("पुस्तकालय")
    desk.shot(page, "event-app-phone-search")

    page.goto((site / "speakers/1.html").as_uri())
    photo = page.locator("main img").first
    assert photo.evaluate("image => image.complete && image.naturalWidth") > 0, "the speaker's photo"
    assert not asked, f"the app asks the network for {asked}"


def test_event_app_faults(desk):
    """data that no app can be made of is explained beside the form"""
    def follow(kiln, site):
        page = desk.page(allow=("422",))
        submit(desk, kiln, page, event(desk.work, "bad:two-faults"))
        expect(page.locator("#faults")).to_contain_text("98")
        expect(page.locator("#faults")).to_contain_text("yesterday")
        expect(page.get_by_label("Your e-mail address")).to_have_value("ada@example.org")
        desk.shot(page, "event-app-faults")

    served(desk, follow)
