"""A `kiln serve` for the browser tests: a child process with folders of its own."""
import json, os, pathlib, random, shutil, signal, socket, subprocess, tempfile, time, urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXECUTABLE = os.environ.get("TEST_EXECUTABLE", str(ROOT / ".build/debug/kiln"))

RECIPE = """
id: tile
title: A tile of your own
summary: A small file that says what you wrote on it, burnt while you watch.
order: 1
fields:
  - {name: email, type: email, label: Your address, help: The link is sent there., group: You, required: true, private: true, placeholder: you@example.org}
  - {name: name, type: text, label: Name, help: "Up to 20 characters, of any script.", group: Your tile, required: true, min_length: 1, max_length: 20}
  - {name: homepage, type: url, label: Homepage, group: Your tile, placeholder: "https://example.org/"}
  - {name: glaze, type: choice, label: Glaze, group: Looks, default: matt, choices: [{value: matt, label: Matt}, {value: shiny, label: Shiny}]}
  - {name: colours, type: multichoice, label: Colours, group: Looks, choices: [{value: red, label: Red, help: As the clay.}, {value: blue, label: Blue, help: As the sky.}]}
  - {name: fired, type: toggle, label: Fire it twice, group: Looks}
  - {name: rim, type: text, label: Rim, group: Looks, input: color, default: "#2f5d62"}
  - name: wallpaper
    type: image
    label: Picture
    help: It is pressed into the tile.
    group: Looks
    accept: [image/png, image/jpeg, image/webp]
    max_bytes: 8 MiB
    image: {max_pixels: 50000000, width: 320, height: 200, fit: cover, format: png}
  - {name: essay, type: text, label: On its back, group: Looks, multiline: true, max_length: 2000}
  - {name: seconds, type: number, label: Seconds in the fire, group: Looks, default: 2, min: 0, max: 60, integer: true}
build:
  script: build.sh
  uses: [name, homepage, glaze, colours, fired, rim, wallpaper, essay, seconds]
  limits: {time: 60s, memory: 256 MiB, output: 16 MiB}
watch:
  phases:
    - {match: '^==> 20 ', label: Mixing the clay, percent: 20}
    - {match: '^==> 70 ', label: Firing the tile, percent: 70}
  errors: ['^error: (.*)']
artifacts:
  - {match: tile.txt, content_type: text/plain, max_bytes: 1 MiB}
verify: {script: verify.sh, picture: seen.png, limits: {time: 60s}}
retention: 1h
"""

BUILD = r"""#!/bin/sh
set -eu
f=$KILN_INPUTS/fields
echo "==> 20 mixing the clay"
i=0
while [ "$i" -lt "$(($(cat "$f/seconds") * 5))" ]; do sleep 0.2; i=$((i + 1)); echo "turn $i of the wheel"; done
if [ "$(cat "$f/name")" = Cracked ]; then echo "error: the tile cracked in the fire" >&2; exit 1; fi
echo "==> 70 firing"
{ for x in "$f"/*; do printf '%s: ' "${x##*/}"; cat "$x"; echo; done; } > "$KILN_OUT/tile.txt"
if [ -e "$KILN_INPUTS/files/wallpaper" ]; then cp "$KILN_INPUTS/files/wallpaper" "$KILN_WORK/seen.png"; echo "picture: yes" >> "$KILN_OUT/tile.txt"; fi
"""

VERIFY = r"""#!/bin/sh
set -eu
echo "knocking on it"
grep -q '^name: ' "$KILN_ARTIFACTS/tile.txt"
cp "$KILN_INPUTS/files/wallpaper" "$KILN_OUT/seen.png" 2>/dev/null || cp "$KILN_RECIPE_DIR/seen.png" "$KILN_OUT/seen.png"
"""


def until(what, look, limit=60):
    """Asks again and again until there is an answer; every wait has an end."""
    deadline = time.monotonic() + limit
    while True:
        try:
            value = look()
        except OSError:
            value = None
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.02)


def free_port():
    """Below the range from which the kernel gives ports to clients, so that it stays free over a restart."""
    for port in random.sample(range(20000, 32000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no free port")


class Kiln:
    """`picture` for the tests' own recipe, or a folder of recipes (`False`: one that the caller fills)."""

    def __init__(self, picture=None, recipes=None, settings=None):
        self.settings = settings or {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kiln-browser-"))
        self.recipes = recipes or self.folder / "recipes"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        if recipes is None:
            self.write_recipe(picture)

    def write_recipe(self, picture):
        recipe = self.folder / "recipes/tile"
        recipe.mkdir(parents=True)
        (recipe / "recipe.yml").write_text(RECIPE)
        for name, text in (("build.sh", BUILD), ("verify.sh", VERIFY)):
            (recipe / name).write_text(text)
            (recipe / name).chmod(0o755)
        shutil.copy(picture, recipe / "seen.png")

    def start(self, **more):
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
        here = {
            "KILN_SERVER_HOST": "127.0.0.1", "KILN_SERVER_PORT": str(self.port), "KILN_SERVER_PUBLIC_URL": self.url,
            "KILN_DATA_DIRECTORY": str(self.folder / "data"), "KILN_UPLOADS_DIRECTORY": str(self.folder / "uploads"),
            "KILN_RECIPES_DIRECTORY": str(self.recipes), "KILN_TEMPLATES_DIRECTORY": str(ROOT / "templates"),
            "KILN_PUBLIC_DIRECTORY": str(ROOT / "public"), "KILN_MAIL_SERVICE": "maildir",
            "KILN_MAIL_MAILDIR_DIRECTORY": str(self.folder / "mail"), "KILN_QUEUE_WORKERS": "2",
            "KILN_LIMITS_PER_SOURCE_PER_HOUR": "0", "KILN_LIMITS_PER_ADDRESS_PER_HOUR": "0", "KILN_STOP_TIME": "10s",
        }
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(
            [EXECUTABLE, "serve"], env=kept | here | self.settings | more, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log,
            start_new_session=True)
        log.close()
        until("the server is ready", self._ready)

    def _ready(self):
        assert self.process.poll() is None, self.log()
        with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
            return answer.status == 200

    def stop(self, number=signal.SIGTERM):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    def end(self):
        """Ends the server, and the supervisors of its runs by the numbers that they left."""
        self.stop(signal.SIGKILL)
        for started in self.folder.glob("data/runs/*/started.json"):
            number = json.loads(started.read_text()).get("supervisor", 0)
            try:
                if str(self.folder) in pathlib.Path(f"/proc/{number}/cmdline").read_text():
                    os.kill(number, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")[-4000:]

    def build(self, number):
        request = urllib.request.Request(f"{self.url}/api/v1/builds/{number}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def mails(self):
        return [path.read_text() for path in sorted(self.folder.glob("mail/new/*"))]
