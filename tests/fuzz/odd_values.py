"""Values that no field expects, for fields, addresses and names. Pure."""

from random import Random
from typing import Any

ODD_TEXTS = (
    "", " ", "\xa0", "\u200b", "\u2060\ufeff", "\x00", "\x07", "\x7f", "\x85", "\r\n", "a\nb", "a\u2028b", "\u202egnirts",
    "\ud800", "\U0001f600" * 20, "e\u0301" * 40, "x" * 121, "x" * 5000, "<script>alert(1)</script>", "{{ 7 * 7 }}", "{% raise %}",
    "%s%n%d", "'; DROP TABLE x; --", "../../etc/passwd", "https://voorbeeld.example/x", "www.voorbeeld.example", "=1+1", "null",
    "NaN", "-0", "9" * 30, "1e400", "2027-02-30", "0000-00-00", "9999-12-31", "2027-04-12T25:61:61Z", "25:99", "Factory",
    "localtime", "Europe/Nergens", "BEGIN:VCALENDAR", "Bcc: x", "\u0130\u0131\u017f\u212a", "\ufdfd", "\U0010ffff",
    "\u0661\u0662",
)  # fmt: skip
ODD_ADDRESSES = (
    "a,b@huis.example", "a;b@huis.example", "a:b@huis.example", "Jan<jan@huis.example>", "foo<bar@huis.example",
    "mailto:jan@huis.example", "jan@huis..example", "jan\u200b@huis.example", "jan\x7f@huis.example", "j\xf6rg@huis.example",
    "info@stra\xdfe.example", '"jan smit"@huis.example', "jan@[127.0.0.1]", "jan@localhost", "jan", "@huis.example",
    "jan@huis.example.", " jan@huis.example ", "jan@huis.example\r\nBcc: all@huis.example", "JAN@HUIS.EXAMPLE",
    "jan+kaart@huis.example", f"{'x' * 64}@huis.example", f"{'x' * 65}@huis.example", f"jan@{'x' * 63}.example",
    f"jan@{'x' * 64}.example", "jan@xn--strae-oqa.example", "jan@-huis.example", "jan(kaart)@huis.example",
    "jan@huis.example,piet@huis.example", "jan@huis.example piet@huis.example", "jan@\u3002example", "-@huis.example",
)  # fmt: skip
ODD_NUMBERS = (0, -1, 1, 2.0, 1.5, -0.0, 10**9, 2**31, 2**63, 2**64, 10**40, 1e308, 5e-324)


def odd_text(random: Random) -> str:
    """Return a text that is unusual in content, length or both."""
    text = random.choice((*ODD_TEXTS, *ODD_ADDRESSES))
    return text if random.random() < 0.7 else _mixed(random, text)


def _mixed(random: Random, text: str) -> str:
    """Put the text next to random characters of the whole of Unicode."""
    others = "".join(
        chr(random.choice((random.randrange(0x80), random.randrange(0x3000), random.randrange(0x110000)))) for _ in range(5)
    )
    return f"{others}{text}" if random.random() < 0.5 else f"{text}{others}"


def odd_value(random: Random, depth: int = 2) -> Any:
    """Return an odd JSON value."""
    kind = random.randrange(9 if depth else 5)
    if kind < 3:
        return odd_text(random)
    if kind < 5:
        return random.choice((None, True, False, *ODD_NUMBERS))
    inner = [odd_value(random, depth - 1) for _ in range(random.choice((0, 1, 2, 30)))]
    return inner if kind < 7 else {f"{odd_text(random)[:40]}{nth}": value for nth, value in enumerate(inner)}
