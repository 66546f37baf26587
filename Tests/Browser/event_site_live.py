"""Changes that the event app learns from the event's address."""
import contextlib, datetime, http.server, json, threading

from playwright.sync_api import expect

from event_site import MORNING, check, phone, show, site


class Answers(http.server.BaseHTTPRequestHandler):
    """The event's address: what `body` says, to anybody."""

    def do_GET(self):
        self.server.asked.append(self.path)
        data = self.server.body
        if data is None:
            data = b""
        self.send_response(500 if self.server.body is None else 200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(data)

    def log_message(self, *words):
        pass


@contextlib.contextmanager
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.body = [], b"[]"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def programme(leave_out=(), **changes):
    """The sample's sessions as the address tells them, with changes by id."""
    times = {"1000": "17T09:00 17T09:30", "1001": "17T10:00 17T11:00", "1002": "17T10:00 17T10:45",
             "1003": "17T10:30 17T12:00", "1004": "17T14:00 17T15:00", "1005": "17T14:00 17T14:00",
             "1007": "18T08:00 18T09:00", "1008": "18T17:00 18T18:00"}
    told = []
    for key, both in times.items():
        begins, ends = (f"2017-03-{time}:00+08:00" for time in both.split())
        if key not in leave_out:
            told.append({"id": int(key), "start_time": begins, "end_time": ends, **changes.get(f"s{key}", {})})
    told.append({"id": "1006", "starts-at": "2017-03-17T22:00:00", "ends-at": "2017-03-18T02:00:00"})
    return json.dumps(told).encode()


def checked(page):
    """Waits until the address was asked; what "About" says of it."""
    page.wait_for_function("eventApp.read('checked', {}).at || eventApp.read('checked', {}).failed")


def test_event_site_live(desk):
    """changes are learnt from the event's address, shown as text, kept, and asked for at most every five minutes"""
    with address() as server, site(desk, endpoint=f"http://127.0.0.1:{server.server_port}/v1") as folder:
        server.body = programme(
            leave_out=("1004",),
            s1001={"start_time": "2017-03-17T14:00:00+08:00", "end_time": "2017-03-17T15:00:00+08:00",
                   "microlocation": {"id": 12, "name": "Lab <3"}},
            s1003={"title": "<img src=x onerror=alert(1)>"}, s1008={"state": "canceled"},
            s1000={"start_time": "2017-03-18T09:00:00+08:00", "end_time": "2017-03-18T09:30:00+08:00"})
        page = phone(desk)
        show(page, folder, "index")
        checked(page)
        expect(page.locator("#changes h2")).to_have_text("Changes to the programme (5)")
        assert server.asked == ["/v1/sessions"]
        check(desk, page, "event-site-live-start")
        show(page, folder, "day-1")
        expect(page.locator("[data-id='1001']")).to_contain_text("Moved to 2:00 pm – 3:00 pm")
        expect(page.locator("[data-id='1001']")).to_contain_text("Room changed: Lab <3")
        expect(page.locator("[data-id='1003']")).to_contain_text("New title: <img src=x onerror=alert(1)>")
        expect(page.locator("[data-id='1004']")).to_contain_text("Cancelled")
        expect(page.locator("[data-id='1000']")).to_contain_text("Moved to Sat 18 Mar, 9:00 am")
        expect(page.locator("[data-id='1002'] .change")).to_have_count(0)
        check(desk, page, "event-site-live-day")
        show(page, folder, "sessions/9")
        expect(page.locator(".change")).to_have_text("Cancelled")
        assert len(server.asked) == 1, "the second page asked too"
        # Six minutes later all is as it was.
        server.body = programme()
        page.clock.set_fixed_time(MORNING + datetime.timedelta(minutes=6))
        show(page, folder, "day-1")
        expect(page.locator(".change")).to_have_count(0)
        assert len(server.asked) == 2


def test_event_site_live_faults(desk):
    """an address that fails, or tells of something else, changes nothing and is told under About alone"""
    with address() as server, site(desk, endpoint=f"http://127.0.0.1:{server.server_port}/v1") as folder:
        context = desk.context(390, 844, timezone_id="Asia/Singapore")
        page = desk.page(context, allow=("500",))
        for minutes, body in enumerate((None, b"<html>", b"[]", b"{}", b"null", b"[" * 100000,
                                        json.dumps([{"id": n} for n in range(50)]).encode(), b" " * (17 << 20))):
            server.body = body
            page.clock.set_fixed_time(MORNING + datetime.timedelta(minutes=6 * minutes))
            show(page, folder, "about")
            page.wait_for_function(
                "at => eventApp.read('checked', {}).failed >= at", arg=(MORNING.timestamp() + 360 * minutes) * 1000)
            expect(page.locator("[data-checked]")).to_contain_text("The last check failed")
            show(page, folder, "day-1")
            expect(page.locator(".change")).to_have_count(0)
        server.body = programme(leave_out=("1004",))
        show(page, folder, "about")
        page.get_by_role("button", name="Check now").click()
        expect(page.locator("[data-checked]")).to_contain_text("Last checked")
        show(page, folder, "sessions/5")
        expect(page.locator(".change")).to_have_text("Cancelled")
