"""Words of the data sets: sentences in several scripts, put together from a seed."""
from __future__ import annotations

import random

GERMAN = (
    "Wie freie Werkzeuge den Alltag kleiner Vereine tragen", "Größe ist nicht alles: Karten für unterwegs",
    "Löten, Stricken, Übersetzen", "Straßen zählen mit offenen Daten", "Ein Archiv, das länger hält als wir",
    "Fahrpläne für alle", "Bäume, die sich selbst vermessen",
)
FRENCH = (
    "L’été des bibliothèques ouvertes", "Où vont nos données ?", "Réparer, raconter, recommencer",
    "La traduction à plusieurs voix", "Écrire des cartes à la main", "Ce que l’école apprend du jardin",
)
HINDI = (
    "खुले मानक और छोटे शहर", "अपनी भाषा में सॉफ़्टवेयर", "पुस्तकालय सबके लिए", "मानचित्र जो लोग बनाते हैं",
    "बिजली, पानी और आँकड़े",
)
ENGLISH = (
    "Fixing things that were meant to be thrown away", "A year of small releases", "Maps drawn by their readers",
    "What the night bus taught us about queues", "Letters, fonts and the people between them",
)
CHINESE = (
    "开放数据与城市交通", "小型团队的软件发布", "社区图书馆的未来", "用手绘制的地图", "面向所有人的字体设计", "旧电脑的新生活",
)
ARABIC = (
    "البيانات المفتوحة والمدينة", "خرائط يرسمها الناس", "البرمجيات الحرة في المدارس", "مكتبات بلا جدران",
    "إصلاح ما كان سيُرمى", "كتابة واضحة للجميع",
)

FIRST = {
    "latin": ("Ada", "Björn", "Chloé", "Dörte", "Émile", "Fatma", "Grace", "Håkon", "Ines", "Jörg", "Łukasz", "Zoë"),
    "hindi": ("आशा", "रवि", "मीना", "विजय", "सुनीता", "अर्जुन"),
    "chinese": ("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋"),
    "arabic": ("ليلى", "عمر", "سارة", "يوسف", "مريم", "خالد", "نور", "هدى"),
}
LAST = {
    "latin": ("Ackermann", "Brontë", "Çelik", "D’Angelo", "Ekström", "Fischer-Weiß", "Gauß", "Höß", "Nuñez", "O’Neill"),
    "hindi": ("शर्मा", "वर्मा", "पटेल", "राव", "गुप्ता"),
    "chinese": ("王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"),
    "arabic": ("الخطيب", "حداد", "منصور", "الزهراني", "صباغ", "نجار"),
}
CITIES = ("Berlin", "Lyon", "नई दिल्ली", "Zürich", "Kraków", "新加坡", "القاهرة", "Århus")
COMPANIES = ("Repair & Sons", "Müller <Maps>", "Ateliers d’été", "Open \"Desk\"", "खुला घर", "城市实验室", "مختبر المدينة")


def title(rng: random.Random, languages: tuple[tuple[str, ...], ...], number: int) -> str:
    """A title that no other session of the set has."""
    return f"{rng.choice(rng.choice(languages))} ({number})"


def name(rng: random.Random, scripts: tuple[str, ...], number: int) -> str:
    """A person's name; some share theirs with another person, as people do."""
    script = rng.choice(scripts)
    first, last = rng.choice(FIRST[script]), rng.choice(LAST[script])
    whole = last + first if script == "chinese" else f"{first} {last}"
    return whole if number % 7 else f"{whole} {number}"


def paragraphs(rng: random.Random, languages: tuple[tuple[str, ...], ...], count: int) -> str:
    """A description as the export's editors leave it: HTML, some of which no app should run."""
    parts = [f"<p>{rng.choice(rng.choice(languages))}. <strong>{rng.choice(rng.choice(languages))}</strong>.</p>"]
    for number in range(count - 1):
        sentence = ". ".join(rng.choice(rng.choice(languages)) for _ in range(rng.randrange(2, 7)))
        if number % 4 == 1:
            parts.append(f"<ul><li>{sentence}</li><li>{rng.choice(rng.choice(languages))}</li></ul>")
        elif number % 4 == 3:
            parts.append(f'<p onclick="steal()">{sentence} <a href="https://example.org/read?a=1&amp;b=2">…</a></p>')
        else:
            parts.append(f"<p>{sentence}.</p>")
    if rng.random() < 0.1:
        parts.append("<script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">")
    return "".join(parts)
