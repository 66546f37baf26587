"""Several targets from one submission, a log in colours, and how busy it is: on a service with two recipes."""
import re

from playwright.sync_api import expect

from journey import number
from kiln import Kiln, until
from looks import check

PAIR = """
id: pair
title: A pair of cups
summary: Two cups from one lump of clay, a large and a small one.
order: 2
fields:
  - {name: email, type: email, label: Your address, required: true, private: true}
  - name: size
    type: multichoice
    label: Size
    required: true
    default: [large, small]
    choices: [{value: large, label: Large cup}, {value: small, label: Small cup}]
  - {name: flaw, type: choice, label: Which one cracks, default: none, choices: [{value: none, label: None}, {value: small, label: The small one}, {value: both, label: Both}]}
  - {name: seconds, type: number, label: Seconds in the fire, default: 2, min: 0, max: 60, integer: true}
build:
  script: build.sh
  uses: [size, flaw, seconds]
  targets: size
  limits: {time: 60s, memory: 256 MiB, output: 16 MiB}
watch:
  phases:
    - {match: '^==> 30 ', label: On the wheel, percent: 30}
  errors: ['^error: (.*)']
artifacts:
  - {match: '*.txt', content_type: text/plain, max_bytes: 1 MiB}
retention: 1h
"""

SAMPLER = """
id: sampler
title: A sampler of glazes
summary: Every glaze of the workshop on one tile.
order: 1
fields:
  - {name: email, type: email, label: Your address, required: true, private: true}
  - {name: seconds, type: number, label: Seconds in the fire, default: 1, min: 0, max: 60, integer: true}
build:
  script: build.sh
  uses: [seconds]
  reuse: 1h
  limits: {time: 60s, memory: 256 MiB, output: 16 MiB}
watch:
  errors: ['error: (.*)']
artifacts:
  - {match: '*.txt', content_type: text/plain, max_bytes: 1 MiB}
retention: 1h
"""

PAIR_BUILD = r"""#!/bin/sh
set -eu
f=$KILN_INPUTS/fields
target=$(cat "$KILN_INPUTS/target")
echo "==> 30 turning the $target cup"
i=0
while [ "$i" -lt "$(($(cat "$f/seconds") * 5))" ]; do sleep 0.2; i=$((i + 1)); echo "turn $i"; done
case $(cat "$f/flaw") in "$target"|both)
    printf '\033[33mwarning: the clay is dry\033[0m\nturning on\n\033[1;31merror: the %s cup <b>cracked</b>\033[0m\nsweeping up\n' "$target" >&2
    exit 1;;
esac
echo "a $target cup" > "$KILN_OUT/$target.txt"
"""

SAMPLER_BUILD = r"""#!/bin/sh
set -eu
esc=$(printf '\033')
for i in 0 1 2 3 4 5 6 7; do
    printf '%s[3%smglaze %s%s[0m %s[9%smbright %s%s[0m ' "$esc" "$i" "$i" "$esc" "$esc" "$i" "$i" "$esc"
    printf '%s[4%smon it %s%s[0m %s[10%smon bright %s%s[0m\n' "$esc" "$i" "$i" "$esc" "$esc" "$i" "$i" "$esc"
done
printf '%s[1mbold%s[0m %s[2mfaint%s[0m %s[3mitalic%s[0m %s[4munder%s[0m %s[9mstruck%s[0m %s[7mreversed%s[0m\n' \
    "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc"
printf '%s[38;5;208morange%s[0m %s[38;2;20;120;20mgrass%s[0m %s[8mhidden%s[0m <script>alert(1)</script> %s]0;title%s\\ %s[2J&amp;\n' \
    "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc" "$esc"
# Every sequence that dice can make of these pieces; the seed is fixed.
awk -v esc="$esc" 'BEGIN { srand(11); n = split("[|]|m|;|0|1|7|31|38;5;|48;2;|9|<i>|\"|&| |ü|[0;1;32m|[44m|[0m|[97;101m|J|K", p, "|")
    for (line = 0; line < 150; line++) { out = ""
        for (k = 0; k < 12; k++) out = out (rand() < .3 ? esc : "") p[int(rand() * n) + 1]
        print "dice " line " " out } }'
i=0
while [ "$i" -lt "$(($(cat "$KILN_INPUTS/fields/seconds") * 5))" ]; do sleep 0.2; i=$((i + 1)); printf '%s[32mok%s[0m step %s\n' "$esc" "$esc" "$i"; done
echo "$(cat "$KILN_INPUTS/fields/seconds") seconds" > "$KILN_OUT/glazes.txt"
"""


def workshop(kiln):
    for name, recipe, build in (("pair", PAIR, PAIR_BUILD), ("sampler", SAMPLER, SAMPLER_BUILD)):
        folder = kiln.folder / "recipes" / name
        folder.mkdir(parents=True)
        (folder / "recipe.yml").write_text(recipe)
        (folder / "build.sh").write_text(build)
        (folder / "build.sh").chmod(0o755)


def with_workshop(test):
    """Each test has a service of its own: mails and the list of recipes are its."""
    def run(desk):
        kiln = Kiln(recipes=False)
        kiln.recipes = kiln.folder / "recipes"
        workshop(kiln)
        try:
            kiln.start()
            test(desk, kiln)
        except Exception:
            print(kiln.log())
            raise
        finally:
            kiln.end()
    run.__doc__ = test.__doc__
    run.__name__ = test.__name__
    return run


def order(page, kiln, recipe, **values):
    page.goto(f"{kiln.url}/recipes/{recipe}")
    page.get_by_label("Your address").fill("ada@example.org")
    for label, value in values.items():
        field = page.get_by_label(label.replace("_", " "))
        field.select_option(value) if field.evaluate("e => e.matches('select')") else field.fill(value)
    page.get_by_role("button", name="Build", exact=True).click()
    page.wait_for_url("**/builds/*")


def mailed(kiln, build):
    return until("the mail is out", lambda: (
        lambda b: b if b["deliveries"] and b["deliveries"][0]["status"] == "accepted" else None)(kiln.build(build)))


@with_workshop
def test_matrix(desk, kiln):
    """two targets: one page, live to the end, one mail"""
    page = desk.page()
    order(page, kiln, "pair", Seconds_in_the_fire="4", Which_one_cracks="small")
    loads = []
    page.on("load", lambda: loads.append(page.url))
    targets = page.locator(".target")
    expect(targets).to_have_count(2)
    expect(targets.nth(0)).to_contain_text("Large cup")
    expect(targets.nth(1).locator(".chip")).to_have_text("Building")
    expect(targets.nth(1)).to_contain_text("On the wheel")
    expect(page.locator("[data-show=timeline]")).to_contain_text("Small cup: 30%: On the wheel")
    check(desk, page, "matrix-live-desk-light")
    assert not loads, "it was reloaded while it was live"
    lead = page.url
    targets.nth(1).get_by_role("link", name="Its own page").click()
    page.wait_for_url(lambda url: url != lead)
    expect(page.locator("h1")).to_contain_text("Small cup")
    expect(page.locator("[data-show=log]")).to_contain_text("turn 3")
    page.get_by_role("link", name="All that were asked for together").click()
    page.wait_for_url(lead)
    expect(page.locator(".intro .chip")).to_have_text("Ready in part")
    expect(page.locator(".status .lead")).to_contain_text("1 of 2 is ready")
    expect(targets.nth(0).locator(".download")).to_contain_text("large.txt")
    expect(targets.nth(1)).to_contain_text("the small cup <b>cracked</b>")
    expect(targets.nth(1).locator("mark")).to_have_text("error: the small cup <b>cracked</b>")
    check(desk, page, "matrix-desk-light")
    build = mailed(kiln, number(page))
    assert [target["state"] for target in build["targets"]] == ["succeeded", "failed"]
    expect(page.locator(".status")).to_contain_text("The mail was sent")
    assert len(kiln.mails()) == 1, "one mail for both"
    mail = kiln.mails()[0].replace("=\n", "")
    assert "large.txt" in mail and build["targets"][1]["id"] in mail and "sweeping up" in mail
    looks(desk, page, "matrix")


@with_workshop
def test_matrix_cancel(desk, kiln):
    """two targets are cancelled together"""
    page = desk.page()
    order(page, kiln, "pair", Seconds_in_the_fire="50")
    expect(page.locator(".target .chip").nth(1)).to_have_text("Building")
    page.get_by_role("button", name="Cancel all").click()
    expect(page.locator(".intro .chip")).to_have_text("Cancelled")
    expect(page.locator(".target .chip.cancelled")).to_have_count(2)


@with_workshop
def test_colors(desk, kiln):
    """a log in colours is the same streamed and loaded, and nothing of it is markup (P5)"""
    page = desk.page()
    order(page, kiln, "sampler", Seconds_in_the_fire="3")
    log = page.locator("[data-show=log]")
    expect(log).to_contain_text("step 6")
    expect(log.locator("span.f2").last).to_have_text("ok")
    expect(log).to_contain_text("<script>alert(1)</script>")
    before = page.evaluate(LINES)
    page.reload()
    after = page.evaluate(LINES)
    # The last line may have been under way.
    whole = min(170, len(before) - 1)
    assert after[:whole] == before[:whole], [pair for pair in zip(before, after) if pair[0] != pair[1]][:3]
    assert len(before) > 150 and any("<span" in line for line in before)
    names = page.evaluate("[...document.querySelectorAll('.log *')].map(e => `${e.localName} ${e.className}`)")
    wrong = [name for name in names if not re.fullmatch(r"span ([bdius]|[fg]\d\d?)( ([bdius]|[fg]\d\d?))*", name)]
    assert not wrong, wrong[:5]
    expect(page.locator(".chip.succeeded")).to_be_visible()
    first = number(page)
    order(page, kiln, "sampler", Seconds_in_the_fire="3")
    assert number(page) != first
    expect(page.locator(".chip.succeeded")).to_be_visible()
    expect(page.locator(".lead").first).to_contain_text("The same was asked for before; its result was given out.")
    expect(page.get_by_role("button", name="Build again, afresh")).to_be_visible()
    desk.shot(page, "reused-desk-light")
    page.goto(f"{kiln.url}/builds/{first}")
    looks(desk, page, "colours")


# The log's lines as the page holds them, markup included.
LINES = "document.querySelector('[data-show=log]').innerHTML.split('\\n')"


@with_workshop
def test_failure(desk, kiln):
    """a failure shows its line with the lines around it, in the log's colours"""
    page = desk.page()
    order(page, kiln, "pair", Seconds_in_the_fire="0", Which_one_cracks="both")
    expect(page.locator(".intro .chip")).to_have_text("Failed")
    page.get_by_role("link", name="Its own page").first.click()
    expect(page.locator("h1")).to_contain_text("Small cup")
    fault = page.locator(".fault")
    expect(page.locator(".lead").first).to_contain_text("The build itself failed")
    expect(fault.locator(".error-line")).to_have_text("the small cup <b>cracked</b>")
    expect(fault.locator("mark")).to_have_text("error: the small cup <b>cracked</b>")
    expect(fault.locator(".context")).to_contain_text("sweeping up")
    expect(page.locator("[data-show=log] span.b.f1")).to_have_text("error: the small cup <b>cracked</b>")
    looks(desk, page, "fault")
    text = page.request.get(page.url + "/log").text()
    colored = page.request.get(page.url + "/log?ansi=1").text()
    assert "\x1b" not in text and "\x1b[0;1;31m" in colored


@with_workshop
def test_lists(desk, kiln):
    """the list of recipes and how busy it is"""
    page = desk.page()
    page.goto(kiln.url + "/")
    expect(page.locator(".recipe")).to_have_count(2)
    looks(desk, page, "recipes")
    page.get_by_role("link", name="How busy it is").click()
    expect(page.locator("main")).to_contain_text("This machine")
    looks(desk, page, "status")


def looks(desk, page, name):
    """The page where it stands, in every size and scheme."""
    for mark, width in (("desk", 1440), ("phone", 390)):
        for scheme in ("light", "dark"):
            other = desk.page(desk.context(width, 900 if width > 800 else 844, color_scheme=scheme))
            other.goto(page.url)
            other.evaluate("document.querySelector('[data-show=log]')?.scrollTo(0, 0)")
            check(desk, other, f"{name}-{mark}-{scheme}")
            other.context.close()
