"""The main job in a browser: a name and a wallpaper become an image that booted."""
import hashlib, os, re, shutil, subprocess

from playwright.sync_api import expect

from journey import downloaded, number
from kiln import EXECUTABLE, ROOT, Kiln, until
from pictures import png

PREPARED = ROOT / ".build/e2e-prepared"


def prepare():
    """What the recipe needs from Debian, fetched once for all runs of the tests."""
    settings = {"KILN_DATA_DIRECTORY": str(PREPARED), "KILN_RECIPES_DIRECTORY": str(ROOT / "recipes")}
    subprocess.run(
        [EXECUTABLE, "prepare", "meilix-mini"], env=os.environ | settings, check=True, timeout=240,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def test_image(desk):
    """a name and a wallpaper become an image that booted, and a mail"""
    prepare()
    kiln = Kiln(recipes=ROOT / "recipes")
    shutil.copytree(PREPARED / "prepared", kiln.folder / "data/prepared", symlinks=True)
    try:
        kiln.start()
        follow(desk, kiln)
    except Exception:
        print(kiln.log())
        raise
    finally:
        kiln.end()


def follow(desk, kiln):
    wallpaper = desk.work / "wallpaper.png"
    wallpaper.write_bytes(png(1280, 800))
    page = desk.page()
    page.goto(kiln.url + "/recipes/meilix-mini")
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_label("Name of your system").fill("Aurora")
    page.get_by_label("Theme").select_option("light")
    page.get_by_label("Wallpaper").set_input_files(wallpaper)
    page.get_by_label("Clock").check()
    page.get_by_label("tree").check()
    desk.shot(page, "image-form")
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")
    # Any one: on a quick machine a phase may pass between two looks of the browser's.
    phases = re.compile("Reading what was asked for|Drawing the boot screen and the desktop|Packing the live system")
    expect(page.locator("[data-show=explanation]")).to_have_text(phases)
    desk.shot(page, "image-live")
    expect(page.locator("[data-show=label]")).to_have_text("Trying it out")
    expect(page.locator(".chip.succeeded")).to_be_visible(timeout=120000)
    picture = page.locator("figure img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
    desk.shot(page, "image-succeeded")
    contents, said = downloaded(page, desk.work, ".iso")
    assert hashlib.sha256(contents).hexdigest() == said
    assert contents[32769:32774] == b"CD001", "an ISO 9660 image"
    build = until("the mail is out", lambda: (
        lambda b: b if b["deliveries"] and b["deliveries"][0]["status"] == "accepted" else None)(kiln.build(number(page))))
    mail, = kiln.mails()
    assert build["artifacts"][0]["sha256"] in mail.replace("=\n", "")
