"""Nothing of a text does anything in a page but be read (P5)."""

import random
import re
import time
import unittest
from html.parser import HTMLParser

import data  # noqa: F401
from eventapp import clean


class Lookout(HTMLParser):
    """Reads what came out as a browser would, and keeps what does not belong there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"open {tag}" for tag in self.open]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in clean.TAGS:
            self.wrong.append(tag)
        expected = [("href", None), ("rel", "noopener")] if tag == "a" else []
        if [name for name, _ in attributes] != [name for name, _ in expected]:
            self.wrong.append(f"{tag} {attributes}")
        for name, value in attributes:
            if name == "href" and not re.match(r"(?:https?://|mailto:)[^\s\"'<>]+$", value or "", re.IGNORECASE):
                self.wrong.append(f"{tag} {attributes}")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_comment(self, text: str) -> None:
        self.wrong.append(text)


class Clean(unittest.TestCase):
    def test_plain_text_becomes_paragraphs(self) -> None:
        cases = [
            ("a < b & c\n\nd\ne", "<p>a &lt; b &amp; c</p><p>d<br>e</p>"),
            ("  ", ""),
            (None, ""),
            (5, "<p>5</p>"),
            ("one\r\n\r\n\r\ntwo", "<p>one</p><p>two</p>"),
            ("\"x\" 'y'", "<p>&quot;x&quot; &#x27;y&#x27;</p>"),
        ]
        for text, expected in cases:
            with self.subTest(text):
                self.assertEqual(clean.html(text), expected)

    def test_html_keeps_what_descriptions_need(self) -> None:
        link = '<a href="https://x.org/?a=1&amp;b=2" rel="noopener">x</a>'
        cases = [
            ("<p>Hi <b>x</b> &amp; <i>y</i></p>", "<p>Hi <b>x</b> &amp; <i>y</i></p>"),
            ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            ('<a href="https://x.org/?a=1&b=2" target="_blank" onclick="x()">x</a>', f"<p>{link}</p>"),
            ("<a href='https://x.org/?a=1&amp;b=2'>x</a>", f"<p>{link}</p>"),
            ("<h1>T</h1><h3>S</h3>", "<h3>T</h3><h4>S</h4>"),
            ("<div>a</div><div>b</div>", "<p>a<br>b</p>"),
            ("<b>a\n\nb</b>", "<p><b>a<br><br>b</b></p>"),
            ("Q&A <b>x</b>", "<p>Q&amp;A <b>x</b></p>"),
            ("<pre>a\n b</pre>", "<pre>a\n b</pre>"),
            ("<P CLASS=x>a</P>", "<p>a</p>"),
            ("<p>&nbsp;</p><p>a</p>", "<p>a</p>"),
        ]
        for text, expected in cases:
            with self.subTest(text):
                self.assertEqual(clean.html(text), expected)

    def test_nothing_that_acts_gets_through(self) -> None:
        attacks = [
            "<script>alert(1)</script>",
            "<scr<script>ipt>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><p>x</p>",
            "<a href='javascript:alert(1)'>x</a>",
            "<a href='//evil.org'>x</a>",
            "<a href='java&#x0a;script:alert(1)'>x</a>",
            '<a href="&#106;avascript:alert(1)">x</a>',
            "<a href='data:text/html,x'>x</a>",
            "<p style='position:fixed'>x</p>",
            "<iframe src=https://x.org></iframe>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<noscript><p title='</noscript><img src=x>'>",
            "<p title='><script>alert(1)</script>'>x",
            "<a href='https://x.org/\"onmouseover=alert(1)'>x</a>",
            "<!--><img src=x>-->",
            "<form action=https://x.org><input name=q></form>",
            "<base href=https://x.org><a href=y>x</a>",
            "<b><i>x</b></i>",
            "<p>a<p>b",
            "</p></div><b>x",
            "<a href=https://a.b href=javascript:x>x</a>",
            "<a\nhref='https://a.b'\nid=x>x</a>",
            "<a href='https://x.org/&quot;&gt;&lt;script&gt;'>x</a>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<xmp><p>x</xmp>",
            "<textarea></p><img src=x></textarea>",
            "<p a='\"' b=\"'\">x</p>",
            "<template><p>x</template>",
            "<p/onclick=x>y</p>",
        ]
        for attack in attacks:
            with self.subTest(attack):
                self.assertEqual(Lookout(clean.html(attack)).wrong, [], clean.html(attack))

    def test_nothing_that_acts_gets_through_by_chance(self) -> None:
        source = random.Random(7)
        pieces = [
            "<",
            ">",
            '"',
            "'",
            "&",
            ";",
            "/",
            "=",
            " ",
            "\n",
            "a",
            "p",
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<a href=",
            "https://x.org",
            "javascript:x",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<svg",
            "<style>",
            "&#60;",
            "&lt;",
            "&quot;",
            "onload=x",
            "<ul>",
            "<li>",
            "</ul>",
            "<table>",
            "<td>",
            "\0",
            "<h2>",
            "</a>",
            "<br/>",
            "<div>",
            "</div>",
            "<pre>",
            "<title>",
        ]
        for _ in range(1500):
            text = "".join(source.choice(pieces) for _ in range(source.randint(1, 25)))
            self.assertEqual(Lookout(clean.html(text)).wrong, [], repr((text, clean.html(text))))

    def test_long_and_knotted_texts_are_bounded(self) -> None:
        for text in (
            "<b>" * 6000,
            "<p>x" * 5000,
            "<script>" * 2500,
            "<a href='https://x.org'>" * 800,
            "&lt;" * 9000,
            "<" * 20_000,
        ):
            with self.subTest(text[:12]):
                self.assertLess(len(clean.html(text)), 8 * clean.TEXT)
                self.assertEqual(Lookout(clean.html(text)).wrong, [])

    def test_blanks_within_a_text_cost_nothing(self) -> None:
        began = time.process_time()
        for blank in (" ", "\n", "<br>", "<p> </p>"):
            clean.html(f"<p>a{blank * (19_900 // len(blank))}b</p>")
        self.assertLess(time.process_time() - began, 1)

    def test_blanks_around_a_text_go(self) -> None:
        for blank in (" ", "\n", "<br>", "<p> </p>", "<br> <p></p>\n"):
            told = "<b>a</b> b" if "<p>" in blank else "<p><b>a</b> b</p>"
            self.assertEqual(clean.html(f"{blank}<b>a</b> b{blank}"), told, blank)
            self.assertEqual(clean.html(f"{blank}<p>a</p>{blank}"), "<p>a</p>", blank)

    def test_a_line_is_shown_as_typed(self) -> None:
        for text in (
            "Bread & Butter",
            "a < b > c",
            '"Mill\'s"',
            "@string/x",
            "<b>x</b>",
            "🎪🎈",
            "开放世界",
            "العالم",
            "C:\\n %1$s",
        ):
            with self.subTest(text):
                self.assertEqual(clean.line(text), text)

    def test_a_line_loses_what_disturbs_the_page(self) -> None:
        cases = [
            ("a\x00b\x1b[31mc\n d\t e", "ab[31mc d e"),
            ("\ud800x", "\N{REPLACEMENT CHARACTER}x"),
            ("a\u202ecod.exe", "acod.exe"),
            ("a\u202eb\u202cc", "abc"),
            ("\u2067x", "x"),
            ("\u2067x\u2069", "\u2067x\u2069"),
            ("x\u2069\u202cy", "xy"),
            ("\u202ba\u202c\u202a", "\u202ba\u202c"),
            ("\ufeffa\ufffe", "a"),
            ("👩\u200d👧", "👩\u200d👧"),
            (12, "12"),
            (None, ""),
        ]
        for text, expected in cases:
            with self.subTest(ascii(text)):
                self.assertEqual(clean.line(text), expected)

    def test_numbered_characters_disturb_no_more_than_typed_ones(self) -> None:
        self.assertEqual(
            clean.html("&#x202e;a<b>x</b>&#0;&#xd800;&#99999999;"), "<p>a<b>x</b>\N{REPLACEMENT CHARACTER}</p>"
        )
        self.assertEqual(clean.html("&#60;script&#62;x"), "<p>&lt;script&gt;x</p>")

    def test_a_cut_leaves_letters_whole(self) -> None:
        self.assertEqual(clean.line("x" * 400), "x" * (clean.LINE - 1) + "…")
        self.assertEqual(clean.line("e\u0301" * 10, 6), "e\u0301e\u0301…")
        self.assertTrue(clean.line("👩\u200d👩\u200d👧" * 9, 9).endswith("👧…"))

    def test_links_lead_to_the_web_or_to_a_person(self) -> None:
        for text in ("https://x.org/a?b=c#d", "mailto:a@x.org", "tel:+49123", "http://x.org"):
            self.assertEqual(clean.link(text), text)
        for text in (
            "javascript:x",
            "//x.org",
            "/x",
            "x",
            "https://",
            "https://x .org",
            "intent://x",
            "file:///x",
            5,
            None,
            "https://x\u202e.org",
            "tel:*%2306%23",
            "tel:*2767*3855%23",
            "tel:+49123;phone-context=x",
        ):
            self.assertEqual(clean.link(text), "")


if __name__ == "__main__":
    unittest.main()
