"""Whether a build is wanted: asked by mail where `mail.confirm` is on, answered in the browser."""
import email, email.policy, json, re, urllib.request

from playwright.sync_api import expect

from journey import fill, number
from kiln import Kiln, until

# A person's browser does not say that it is driven by a program.
PERSON = "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })"


def asking(test):
    """With a server that has addresses confirmed."""
    def run(desk):
        kiln = Kiln(desk.picture)
        try:
            kiln.start(KILN_MAIL_CONFIRM="true")
            test(desk, kiln)
        except BaseException:
            print(kiln.log())
            raise
        finally:
            kiln.end()
    run.__doc__, run.__name__ = test.__doc__, test.__name__
    return run


def mail(kiln, wanted):
    """The plain text of the mail that holds what is wanted; newest first."""
    def look():
        for path in sorted(kiln.folder.glob("mail/new/*"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = message.get_body(("plain",)).get_content()
            if wanted in text:
                return text
        return None
    return until(f"a mail with {wanted}", look)


def link(kiln, ending=""):
    text = mail(kiln, "/confirm/")
    found = re.findall(re.escape(kiln.url) + r"/confirm/[A-Za-z0-9_-]+(?:\?not-me)?", text)
    return next(one for one in found if one.endswith("?not-me") == bool(ending))


def order(page, kiln, **settings):
    page.goto(kiln.url + "/")
    fill(page, **settings)
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/builds/*")
    return number(page)


def looks(desk, page, name):
    page.evaluate("document.fonts.ready")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} pixels"
    desk.shot(page, name)


def views(desk, page_of, name):
    for width, height in ((390, 844), (1440, 900)):
        for scheme in ("light", "dark"):
            context = desk.context(width, height, color_scheme=scheme)
            page = desk.page(context)
            page_of(page)
            looks(desk, page, f"{name}-{width}-{scheme}")
            context.close()


@asking
def test_confirm(desk, kiln):
    """a build waits for its address, and one click in the mail has it built"""
    page = desk.page()
    build = order(page, kiln, seconds="0")
    expect(page.locator("[data-show=label]")).to_have_text("Waiting for you")
    expect(page.locator("[data-show=explanation]")).to_contain_text("confirm ada@example.org")
    assert kiln.build(build)["confirm_by"] and kiln.build(build)["queue"] is None
    views(desk, lambda page: page.goto(f"{kiln.url}/builds/{build}"), "waiting-for-you")

    address = link(kiln)
    views(desk, lambda page: page.goto(address), "confirm")
    # Programs that look at links, even those with a browser, change nothing.
    urllib.request.urlopen(address, timeout=60).read()
    assert kiln.build(build)["confirm_by"]

    # The page of the one who asked is open all the while.
    elsewhere = desk.context(390, 844)
    elsewhere.add_init_script(PERSON)
    other = desk.page(elsewhere)
    other.goto(address)
    other.wait_for_url(f"**/builds/{build}")
    expect(other.locator(".chip.succeeded")).to_be_visible()
    expect(page.locator(".chip.succeeded")).to_be_visible()
    expect(page.locator("[data-show=timeline]")).to_contain_text("The reader of the mail said yes")
    other.goto(address)
    expect(other.get_by_role("heading", name="It is confirmed")).to_be_visible()

    # The address is known now.
    second = order(page, kiln, seconds="0")
    assert kiln.build(second)["confirm_by"] is None


@asking
def test_confirm_without_javascript(desk, kiln):
    """without JavaScript the confirmation is a button, and the mail can be sent again"""
    page = desk.page(desk.context(java_script_enabled=False))
    build = order(page, kiln, seconds="0")
    expect(page.get_by_role("button", name="Send the mail again")).to_be_visible()
    page.goto(link(kiln))
    expect(page.get_by_role("heading", name="Shall it be built?")).to_be_visible()
    page.get_by_role("button", name="Yes, build it").click()
    page.wait_for_url(f"**/builds/{build}")
    until("it is built", lambda: kiln.build(build)["state"] == "succeeded")


@asking
def test_not_me(desk, kiln):
    """who never asked says so, and nothing more is taken with the address from there"""
    page = desk.page(allow=("422",))
    build = order(page, kiln)
    context = desk.context()
    context.add_init_script(PERSON)
    other = desk.page(context)
    address = link(kiln, "?not-me")
    views(desk, lambda page: page.goto(address), "not-me")
    other.goto(address)
    expect(other.get_by_role("heading", name="Was it not you?")).to_be_visible()
    assert kiln.build(build)["state"] == "queued", "nothing is pressed for those who came to say no"
    other.get_by_role("button", name="It was not me").click()
    expect(other.get_by_role("heading", name="Thank you for telling us")).to_be_visible()
    looks(desk, other, "disowned")
    expect(page.locator("[data-show=label]")).to_have_text("Not confirmed")
    page.goto(kiln.url + "/")
    fill(page)
    page.get_by_role("button", name="Build").click()
    fault = page.locator("[data-field=email] .field-faults")
    expect(fault).to_contain_text("was not theirs")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Ada")
    desk.shot(page, "address-disowned")


def test_stop(desk):
    """the link under a mail stops all mails to its reader, after a question"""
    page = desk.page(allow=("422",))
    page.goto(desk.kiln.url + "/")
    fill(page, seconds="0")
    page.get_by_label("Your address").fill("stop@example.org")
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/builds/*")
    text = mail(desk.kiln, number(page))
    address = re.search(re.escape(desk.kiln.url) + r"/mail/stop/[A-Za-z0-9_-]+", text)[0]
    # A mail's link opens a tab of its own. The other one stays: the build's page loads itself anew when the build has
    # ended, and a tab that is closed in the midst of that may never say that it is.
    page = desk.page(allow=("422",))
    page.goto(address)
    expect(page.get_by_role("heading", name="No more mails?")).to_be_visible()
    looks(desk, page, "stop")
    page.get_by_role("button", name="Send no more mails to me").click()
    expect(page.get_by_role("heading", name="No more mails", exact=True)).to_be_visible()
    page.goto(desk.kiln.url + "/")
    fill(page)
    page.get_by_label("Your address").fill("stop@example.org")
    page.get_by_role("button", name="Build").click()
    expect(page.locator("[data-field=email] .field-faults")).to_contain_text("asked for no more mails")


def test_language(desk):
    """the form asks for the mail's language, preset to the browser's, and the mail is in it"""
    for width, height in ((390, 844), (1440, 900)):
        for scheme in ("light", "dark"):
            context = desk.context(width, height, color_scheme=scheme, locale="de-AT")
            page = desk.page(context)
            page.goto(desk.kiln.url + "/")
            expect(page.get_by_label("Language of the mail")).to_have_value("de")
            looks(desk, page, f"form-language-{width}-{scheme}")
            context.close()
    page = desk.page(desk.context(locale="de-AT"))
    page.goto(desk.kiln.url + "/")
    fill(page, seconds="0")
    page.get_by_label("Language of the mail").select_option(label="Français")
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/builds/*")
    assert desk.kiln.build(number(page))["language"] == "fr"
    assert "c’est prêt" in mail(desk.kiln, number(page))
