"""The mails' HTML as a mail program shows it: on a phone and at a desk, light and dark, with pictures and without."""
import base64, email, email.policy, json, re, urllib.request

from kiln import Kiln, until
from looks import AXE

WIDTHS = (360, 800)


def submit(kiln, **fields):
    boundary = "form-of-a-test"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    body = f"{parts}--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{kiln.url}/recipes/tile/builds", body,
        {"Accept": "application/json", "Content-Type": f"multipart/form-data; boundary={boundary}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["id"]


def mail_about(kiln, build, asks=False):
    """The one about a build's end, or the one that asks to confirm it."""
    def found():
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                for path in (kiln.folder / "mail/new").glob("*")]
        return [mail for mail in read if build in mail["References"]
                and ("/confirm/" in mail.get_body(("plain",)).get_content()) == asks]
    return until(f"the mail about {build}", found, 120)[0]


def html_of(mail, with_pictures=True):
    """Its HTML with the pictures that came with it in their places."""
    html = mail.get_body(("html",)).get_content()
    for part in mail.walk():
        if part.get_content_maintype() == "image" and with_pictures:
            number = part["Content-ID"].strip("<> \r\n")
            data = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{number}", f"data:{part.get_content_type()};base64,{data}")
    return html


def confirm(kiln, mail):
    link = re.search(r"http://\S+/confirm/[^\s?]+", mail.get_body(("plain",)).get_content())[0]
    request = urllib.request.Request(link, b"", {"Content-Type": "application/x-www-form-urlencoded"}, method="POST")
    urllib.request.urlopen(request, timeout=60).close()


def look(desk, html, name):
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            context = desk.context(width, 900, color_scheme=scheme)
            asked = []
            page = desk.page(context, allow=("ERR_UNKNOWN_URL_SCHEME",))
            page.on("request", lambda request: asked.append(request.url))
            page.set_content(html)
            page.evaluate(AXE)
            found = page.evaluate(
                "axe.run({runOnly: ['wcag2a', 'wcag2aa']})"
                ".then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).join(' ')}`))")
            mark = f"mail-{name}-{width}-{scheme}"
            desk.shot(page, mark)
            assert not found, f"{mark}: {found}"
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{mark}: {wide} pixels wider than the screen"
            outside = [url for url in asked if not url.startswith(("data:", "cid:"))]
            assert not outside, f"{mark}: asks for {outside}"
            context.close()


def test_mails(desk):
    """the mails, light and dark, on a phone and at a desk"""
    kiln = Kiln(desk.picture, settings={"KILN_MAIL_CONFIRM": "true"})
    try:
        kiln.start()
        for language in ("en", "de", "zh-Hans"):
            address = f"ada-{language.lower()}@example.org"
            build = submit(kiln, email=address, name="A tile, Ünix 🦄", essay="word " * 60 + "x" * 200, seconds="0",
                           _language=language)
            asked = mail_about(kiln, build, asks=True)
            look(desk, html_of(asked), f"confirmation-{language}")
            confirm(kiln, asked)
            look(desk, html_of(mail_about(kiln, build)), f"succeeded-{language}")
            broken = submit(kiln, email=address, name="Cracked", seconds="0", _language=language)
            failed = mail_about(kiln, broken)
            look(desk, html_of(failed), f"failed-{language}")
        look(desk, html_of(mail_about(kiln, build), with_pictures=False), "without-pictures")
    finally:
        kiln.end()
