"""Lint of the Dutch writing guide: plain words, short sentences, neutral subjects, the same facts in both parts of an email."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bs4 import BeautifulSoup, Tag

from shared.programme.policy import REVEALING_TERMS

AVOID = re.compile(
    r"\b(aangaande|betreffende|inzake|omtrent|middels|door middel van|conform|dient te|dienen te|indien|reeds|tevens|eveneens|"
    r"derhalve|bijgevolg|teneinde|echter|gelieve|u wordt verzocht|met betrekking tot|ten behoeve van|desbetreffende|verstrekken|"
    r"bewerkstelligen|doelgroep|kansarm\w*|zwak|zwakke|hulpbehoevend\w*|minderbedeeld\w*|cliënt\w*|ondanks|nagelaten|verzuimd|"
    r"te laat|matchscore|score|percentage|algoritme|geschikt|ongeschikt|dringend|u|uw)\b",
    re.IGNORECASE,
)
PASSIVE = re.compile(r"\b(wordt|worden|werd|werden)\b", re.IGNORECASE)
PARTICIPLE = re.compile(r"\b(ge\w{2,}(?:d|t|en)|(?:be|ver|ont|her)\w{2,}(?:d|t))\b", re.IGNORECASE)
DAYS = "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
MONTHS = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
DATE = re.compile(rf"\b(?:(?:{DAYS}) )?\d{{1,2}} (?:{MONTHS})(?: \d{{4}})?(?: om \d{{2}}\.\d{{2}} uur)?")
PHONE = re.compile(r"\+\d[\d ]{7,}")
URL = re.compile(r"https?://\S+")
VAGUE_LINK_TEXTS = {"klik hier", "hier", "link", "lees meer", "klik", "deze link", ""}
MAX_SENTENCE_WORDS, MAX_AVERAGE_WORDS, MAX_PARAGRAPH_SENTENCES = 25, 15.0, 3
WITHOUT_PAGE = ("calendar_cancelled", "unreachable_expert", "unreachable_organisation")
"""Emails whose reader has nothing to open: a person who left, or the team that is to call."""
MAX_SUBJECT_LENGTH, MAX_LINE_LENGTH = 50, 78
NO_SECONDMENT = "leent niemand uit"
"""What every proposal states (R060)."""


class EmailText(NamedTuple):
    """A rendered email; `names` are those that must appear in both parts."""

    template: str
    subject: str
    html: str
    text: str
    names: tuple[str, ...] = ()


def email_faults(email: EmailText) -> list[str]:
    """Return a description of each fault of an email; empty for a good one."""
    soup = BeautifulSoup(email.html, "html.parser")
    return [
        *_subject(email),
        *page_faults(email.html),
        *_one_button(email, soup),
        *_both_parts(email, soup),
        *_lines(email.text),
        *_own_rules(email),
    ]


def page_faults(html: str) -> list[str]:
    """Return a description of each fault of a page, or of an email's HTML part."""
    soup = BeautifulSoup(html, "html.parser")
    paragraphs = list(_paragraphs(soup))
    return [*_frame(soup), *_sentences(paragraphs), *_words(paragraphs), *_passives(paragraphs), *_link_texts(soup)]


def _frame(soup: BeautifulSoup) -> Iterator[str]:
    root = soup.find("html")
    if not isinstance(root, Tag) or root.get("lang") not in ("nl-BE", "nl-NL"):
        yield "lang is not set"
    if len(soup.find_all("h1")) != 1:
        yield "not exactly one main heading"
    if not PHONE.search(soup.get_text()):
        yield "no telephone number"


def _paragraphs(soup: BeautifulSoup) -> Iterator[str]:
    for tag in soup.find_all(["p", "li", "h1", "h2", "h3", "label", "legend", "dt", "dd"]):
        if not tag.find(["p", "li"]) and (text := _plain(tag.get_text(" "))):
            yield text


def _plain(text: str) -> str:
    return re.sub(r"\s+([.,?!])", r"\1", re.sub(r"\s+", " ", text)).strip()


def sentences(paragraph: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?:])\s+", paragraph) if re.search(r"\w", part)]


def _sentences(paragraphs: Iterable[str]) -> Iterator[str]:
    lengths = []
    for paragraph in paragraphs:
        found = sentences(paragraph)
        lengths += [len(sentence.split()) for sentence in found]
        yield from (
            f"a sentence of more than {MAX_SENTENCE_WORDS} words: {one}" for one in found if len(one.split()) > MAX_SENTENCE_WORDS
        )
        if len(re.findall(r"[.!?](?:\s|$)", paragraph)) > MAX_PARAGRAPH_SENTENCES:
            yield f"a paragraph of more than {MAX_PARAGRAPH_SENTENCES} sentences: {paragraph}"
    if lengths and sum(lengths) / len(lengths) > MAX_AVERAGE_WORDS:
        yield f"sentences of {sum(lengths) / len(lengths):.1f} words on average"


def _words(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from (f"avoid {found[0]!r}: {paragraph}" for found in AVOID.finditer(paragraph))
        if "%" in paragraph:
            yield f"a percentage: {paragraph}"


def _passives(paragraphs: Iterable[str]) -> Iterator[str]:
    found = [bool(PASSIVE.search(one) and PARTICIPLE.search(one)) for text in paragraphs for one in sentences(text)]
    if any(sum(found[start : start + 5]) > 1 for start in range(len(found))):
        yield "the passive more than once in five sentences"


def _link_texts(soup: BeautifulSoup) -> Iterator[str]:
    for link in soup.find_all(["a", "button"]):
        if _plain(link.get_text()).lower().rstrip(".") in VAGUE_LINK_TEXTS:
            yield f"a vague link text: {link.get_text()!r}"


def _subject(email: EmailText) -> Iterator[str]:
    if len(email.subject) > MAX_SUBJECT_LENGTH:
        yield f"a subject of {len(email.subject)} characters: {email.subject}"
    if REVEALING_TERMS.search(email.subject) or AVOID.search(email.subject):
        yield f"a revealing subject: {email.subject}"
    yield from (f"a name in the subject: {name}" for name in email.names if name in email.subject)


def _one_button(email: EmailText, soup: BeautifulSoup) -> Iterator[str]:
    expected = 0 if email.template in WITHOUT_PAGE else 1
    if (count := len(soup.select("a.button"))) != expected:
        yield f"{count} buttons"


def _both_parts(email: EmailText, soup: BeautifulSoup) -> Iterator[str]:
    body = soup.find("body")
    html, text = _plain(body.get_text(" ") if isinstance(body, Tag) else ""), _plain(email.text)
    in_html, in_text = set(DATE.findall(html)), set(DATE.findall(text))
    yield from (f"a date in one part only: {one}" for one in in_html ^ in_text)
    links = {str(link["href"]) for link in soup.find_all("a") if str(link["href"]).startswith("http")}
    yield from (f"a link in one part only: {one}" for one in links ^ set(URL.findall(text)))
    yield from (f"a name in one part only: {name}" for name in email.names if (name in html) != (name in text))
    if not PHONE.search(text):
        yield "no telephone number in the text part"


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if len(line) > MAX_LINE_LENGTH and not URL.search(line):
            yield f"a line of {len(line)} characters: {line}"


def _own_rules(email: EmailText) -> Iterator[str]:
    if email.template.startswith("proposal"):
        for part, text in (("HTML", BeautifulSoup(email.html, "html.parser").get_text()), ("text", email.text)):
            if NO_SECONDMENT not in _plain(text):
                yield f"the {part} part of a proposal lacks {NO_SECONDMENT!r}"
