"""Apps of an event's data: from the submission to the verified, signed app, beside the bare tools."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import threading
import time

from servers import KILN, ROOT, CannotMeasure, Kiln
from table import Table, judged, percentile

EVENTS = ROOT / "Tests" / "Events" / "make.py"
RECIPE = ROOT / "recipes" / "event-app"
ONE_AIM, EIGHT_AIM = 6.0, 20.0
BOUNDARY = "bench-of-event-apps"


def measure(folder, quick):
    missing = [tool for tool in ("aapt", "apksigner", "apktool", "zipalign", "chromium-headless-shell") if not shutil.which(tool)]
    if missing:
        raise CannotMeasure(f"not here: {', '.join(missing)}; `make bench` installs them")
    data = event("middle", folder)
    kiln = AppKiln(folder / "kiln-apps")
    try:
        kiln.prepare()
        kiln.start()
        app, inputs = one_at_a_time(kiln, folder, data, 3 if quick else 9)
        if not quick:
            large(kiln, event("large", folder))
        eight_at_once(kiln, data)
    finally:
        kiln.stop()
    wide = AppKiln(folder / "kiln-apps-wide", os.cpu_count())
    try:
        wide.prepare()
        wide.start()
        eight_at_once(wide, data)
    finally:
        wide.stop()
    beside(folder, app, inputs, kiln, 2 if quick else 5)


def event(name, folder):
    path = folder / f"{name}.zip"
    subprocess.run([sys.executable, str(EVENTS), name, str(path)], check=True, timeout=120)
    return path.read_bytes()


class AppKiln(Kiln):
    """Kiln as it comes, sandbox and all, with the one recipe; `at_once` builds at once instead of the default."""

    def __init__(self, folder, at_once=None):
        super().__init__(folder)
        self.at_once = at_once
        shutil.copytree(RECIPE, self.folder / "recipes" / "event-app")

    def environment(self):
        settings = super().environment() | {
            "KILN_RECIPES_DIRECTORY": str(self.folder / "recipes"),
            "KILN_MAIL_SERVICE": "maildir",
            "KILN_MAIL_MAILDIR_DIRECTORY": str(self.folder / "mail"),
        }
        del settings["KILN_QUEUE_WORKERS"], settings["KILN_SANDBOX_ALLOW_UNSANDBOXED"]
        return settings | ({"KILN_QUEUE_WORKERS": str(self.at_once)} if self.at_once else {})

    def prepare(self):
        done = subprocess.run(
            [str(KILN), "prepare", "event-app"], env=self.environment(), capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise CannotMeasure(f"the recipe could not be prepared: {done.stderr[-500:]}")

    def submit_event(self, data):
        fields = b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (("email", "bench@example.org"), ("kind", "release")))
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="data"; filename="event.zip"\r\n'
        body = fields + head.encode() + b"Content-Type: application/zip\r\n\r\n" + data + f"\r\n--{BOUNDARY}--\r\n".encode()
        status, _, text = self.request(
            "POST", "/recipes/event-app/builds", body,
            {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Accept": "application/json"})
        if status != 202:
            raise CannotMeasure(f"a submission was answered with {status}: {text[:500]!r}")
        return json.loads(text)["id"]

    def download(self, build, path):
        artifact = next(one for one in self.build(build)["artifacts"] if one["name"].endswith(".apk"))
        status, _, body = self.get(f"/builds/{build}/artifacts/{artifact['name']}")
        if status != 200:
            raise CannotMeasure(f"the app was answered with {status}")
        path.write_bytes(body)
        return path


class Memory(threading.Thread):
    """The most memory that the server and everything under it had together, looked at four times a second: looking costs the processors.

    Proportional sizes, so that what processes share counts once.
    """

    def __init__(self, kiln):
        super().__init__(daemon=True)
        self.kiln, self.over = kiln, threading.Event()
        self.server, self.runs = 0, 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        while not self.over.wait(0.25):
            server = self.kiln.process.pid
            self.server = max(self.server, proportional(server))
            roots = [server] + self.supervisors()
            self.runs = max(self.runs, sum(proportional(one) for one in below(roots) - {server}))

    def supervisors(self):
        """They outlive the server, so they are not its children; each left its number."""
        found = []
        for file in (self.kiln.folder / "data").glob("runs/*/started.json"):
            try:
                found.append(int(json.loads(file.read_text()).get("supervisor", 0)))
            except (OSError, ValueError):
                continue
        return found


def proportional(process):
    try:
        for line in pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def below(roots):
    """These processes and all that came of them."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry))
    found, rest = set(), list(roots)
    while rest:
        process = rest.pop()
        if process not in found:
            found.add(process)
            rest += children.get(process, [])
    return found


def one_at_a_time(kiln, folder, data, rounds):
    table = Table(
        f"150 sessions, 60 photos ({len(data) / 1e6:.0f} MB): from the first byte of the submission to the verified, signed\n"
        f"app, seconds, one at a time. Aim: p50 below {ONE_AIM:.0f} s.",
        "builds", "p50", "most", "answer p50", "server MB", "its runs MB")
    times, answers = [], []
    with Memory(kiln) as memory:
        for _ in range(rounds + 1):
            began = time.monotonic()
            build = kiln.submit_event(data)
            answers.append(time.monotonic() - began)
            kiln.wait_until(build, ["succeeded"], limit=120, every=0.05)
            times.append(time.monotonic() - began)
    # The first one finds everything cold, and makes the key.
    times, answers = times[1:], answers[1:]
    p50 = percentile(times, 0.5)
    table.add(
        rounds, judged(f"{p50:.2f}", p50 < ONE_AIM), f"{max(times):.2f}", f"{percentile(answers, 0.5):.2f}",
        f"{memory.server / 1e6:.0f}", f"{memory.runs / 1e6:.0f}")
    table.show()
    inputs = folder / "inputs"
    for name, value in (("kind", "release"), ("color", "#2f5d62"), ("live_updates", "false")):
        (inputs / "fields").mkdir(parents=True, exist_ok=True)
        (inputs / "fields" / name).write_text(value)
    (inputs / "files").mkdir()
    (inputs / "files" / "data").write_bytes(data)
    (inputs / "build.json").write_text(json.dumps({
        "recipe": "event-app", "number": 1, "created_at": "2026-11-21T12:00:00.000Z", "inputs": {}, "uploads": {}}))
    return kiln.download(build, folder / "app.apk"), inputs


def eight_at_once(kiln, data):
    workers = f"{kiln.at_once}" if kiln.at_once else "half of the processors, the default,"
    table = Table(
        f"Eight of them submitted at once, {workers} built at once, seconds until all are there. Aim: below {EIGHT_AIM:.0f} s.",
        "builds", "all", "first", "answers", "server MB", "its runs MB")
    ends, answers = [], []

    def one():
        try:
            build = kiln.submit_event(data)
            answers.append(time.monotonic() - began)
            kiln.wait_until(build, ["succeeded"], limit=240, every=0.1)
            ends.append(time.monotonic() - began)
        except (CannotMeasure, OSError) as error:
            answers.append(error)

    with Memory(kiln) as memory:
        began = time.monotonic()
        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if len(ends) != 8:
        raise CannotMeasure(f"{len(ends)} of 8 builds ended well: {[a for a in answers if not isinstance(a, float)]}")
    table.add(
        8, judged(f"{max(ends):.1f}", max(ends) < EIGHT_AIM), f"{min(ends):.1f}", f"{max(answers):.1f}",
        f"{memory.server / 1e6:.0f}", f"{memory.runs / 1e6:.0f}")
    table.show()


def large(kiln, data):
    table = Table(
        f"5,000 sessions, 2,000 speakers ({len(data) / 1e6:.0f} MB), seconds.", "builds", "all", "app MB", "server MB", "its runs MB")
    with Memory(kiln) as memory:
        began = time.monotonic()
        build = kiln.submit_event(data)
        kiln.wait_until(build, ["succeeded"], limit=300, every=0.1)
        took = time.monotonic() - began
    app = next(one for one in kiln.build(build)["artifacts"] if one["name"].endswith(".apk"))
    table.add(1, f"{took:.1f}", f"{app['bytes'] / 1e6:.1f}", f"{memory.server / 1e6:.0f}", f"{memory.runs / 1e6:.0f}")
    table.show()


def beside(folder, app, inputs, kiln, rounds):
    """What the same work costs without Kiln, and what the usual tool costs that only packs."""
    table = Table(
        "The same data without Kiln, seconds, medians. Scripts: the recipe's own, checked, built, signed and verified with\n"
        "the key at hand: no server, no sandbox, no queue. apktool: packs an app that it has unpacked; signed and verified.",
        "what", "rounds", "p50", "most", "CPU s each")
    keys = folder / "keys.p12"
    command(
        ["keytool", "-genkeypair", "-keystore", str(keys), "-storepass", "password", "-keyalg", "RSA", "-keysize", "2048",
         "-validity", "9000", "-alias", "app", "-dname", "CN=Bench", "-storetype", "PKCS12"])
    before = cpu_seconds()
    scripts = [bare(folder / f"bare-{turn}", inputs, kiln, keys) for turn in range(rounds)]
    scripts_cpu = cpu_seconds() - before
    unpacked = folder / "unpacked"
    command(["apktool", "-q", "d", "-p", str(folder / "frame"), "-o", str(unpacked), str(app)])
    before = cpu_seconds()
    packed = [repack(folder, unpacked, keys) for _ in range(rounds)]
    for name, times, cpu in (("scripts", scripts, scripts_cpu), ("apktool b", packed, cpu_seconds() - before)):
        table.add(name, rounds, f"{percentile(times, 0.5):.2f}", f"{max(times):.2f}", f"{cpu / rounds:.1f}")
    table.show()


def cpu_seconds():
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bare(place, inputs, kiln, keys):
    recipe = kiln.folder / "recipes" / "event-app"
    prepared = next((kiln.folder / "data" / "prepared" / "event-app").iterdir(), None)
    folders = {name: place / name for name in ("check", "work", "out", "verify", "verified")}
    for one in folders.values():
        one.mkdir(parents=True)
    environment = os.environ | {
        "KILN_RECIPE_DIR": str(recipe), "KILN_PREPARED": str(prepared), "KILN_INPUTS": str(inputs),
        "KILN_RECIPE": "event-app", "KILN_BUILD_ID": "bench", "KILN_BUILD_NUMBER": "1", "LC_ALL": "C.UTF-8",
    }
    began = time.monotonic()

    def script(name, work, out, **more):
        command(
            [str(recipe / name)], cwd=folders[work],
            env=environment | {"KILN_WORK": str(folders[work]), "KILN_OUT": str(folders[out])} | more)

    script("check.py", "check", "check")
    script("build.py", "work", "out")
    app, = folders["out"].glob("*.apk")
    sign(app, keys)
    script("verify.py", "verify", "verified", KILN_ARTIFACTS=str(folders["out"]))
    took = time.monotonic() - began
    shutil.rmtree(place)
    return took


def repack(folder, unpacked, keys):
    app = folder / "packed.apk"
    shutil.rmtree(unpacked / "build", ignore_errors=True)
    began = time.monotonic()
    command([
        "apktool", "-q", "b", "-f", "-p", str(folder / "frame"), "-o", str(folder / "loose.apk"), str(unpacked)])
    command(["zipalign", "-f", "4", str(folder / "loose.apk"), str(app)])
    sign(app, keys)
    command(["apksigner", "verify", str(app)])
    return time.monotonic() - began


def sign(app, keys):
    command(["apksigner", "sign", "--ks", str(keys), "--ks-pass", "pass:password", "--ks-key-alias", "app", str(app)])


def command(words, **settings):
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, **settings)
    if done.returncode != 0:
        raise CannotMeasure(f"{pathlib.Path(words[0]).name} ended with {done.returncode}: {done.stdout[-800:]!r}")
