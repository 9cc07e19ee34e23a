"""The lint of the Dutch writing guide: a good email passes, and each seeded fault is found."""

import pytest

from tests.support import dutch_lint
from tests.support.dutch_lint import EmailText

HTML = """<html lang="nl-BE"><body><h1>Wil je kennismaken?</h1>
<p>Laat het weten tot en met dinsdag 3 maart 2027. {extra}</p><a class="button" href="https://a.example/x">Bekijk het voorstel</a>
<p>Buurthuis Een brengt mensen samen en leent niemand uit.</p><p>Bel Bemiddelaar Een: +32 2 000 00 01.</p></body></html>"""
TEXT = """Laat het weten tot en met dinsdag 3 maart 2027.

Bekijk het voorstel:
https://a.example/x

Buurthuis Een brengt mensen samen en leent niemand uit.
Bel Bemiddelaar Een: +32 2 000 00 01.
"""
GOOD = EmailText("proposal_expert", "Een voorstel voor je", HTML.format(extra=""), TEXT, ("Buurthuis Een",))


def test_good_email_has_no_fault() -> None:
    assert dutch_lint.email_faults(GOOD) == []


@pytest.mark.parametrize(
    ("seeded", "fault"),
    [
        (GOOD._replace(subject="Een voorstel over werken als ervaringsdeskundige"), "a revealing subject"),
        (GOOD._replace(subject="x" * 51), "a subject of 51"),
        (GOOD._replace(subject="Nieuws van Buurthuis Een"), "a name in the subject"),
        (GOOD._replace(html=HTML.format(extra="Indien je wilt.")), "avoid 'Indien'"),
        (GOOD._replace(html=HTML.format(extra="Je bent te laat.")), "avoid 'te laat'"),
        (GOOD._replace(html=HTML.format(extra="Dit past voor 80%.")), "a percentage"),
        (GOOD._replace(html=HTML.format(extra="En dan " + "nog een " * 12 + "woord.")), "a sentence of more than"),
        (GOOD._replace(html=HTML.format(extra="Twee. Drie. Vier.")), "a paragraph of more"),
        (GOOD._replace(html=HTML.format(extra="Het wordt gemaakt. Het wordt verteld.")), "the passive"),
        (GOOD._replace(html=HTML.format(extra='<a href="https://a.example/x">Klik hier</a>')), "a vague link text"),
        (GOOD._replace(html=HTML.format(extra='<a href="https://a.example/y">De regels</a>')), "a link in one part only"),
        (GOOD._replace(html=HTML.format(extra="Of woensdag 4 maart.")), "a date in one part only"),
        (GOOD._replace(html=HTML.replace("Buurthuis Een", "Het huis")), "a name in one part only"),
        (GOOD._replace(html=HTML.format(extra='<a class="button" href="https://a.example/x">Ja</a>')), "2 buttons"),
        (GOOD._replace(html=HTML.replace("+32 2 000 00 01", "ons")), "no telephone number"),
        (GOOD._replace(text=TEXT.replace("+32 2 000 00 01", "ons")), "no telephone number in the text"),
        (GOOD._replace(html=HTML.replace(' lang="nl-BE"', "")), "lang is not set"),
        (GOOD._replace(html=HTML.replace("h1", "p")), "not exactly one main heading"),
        (GOOD._replace(html=HTML.replace("leent niemand uit", "zoekt mee")), "lacks 'leent niemand uit'"),
        (GOOD._replace(text=TEXT + "woord " * 20), "a line of"),
    ],
)
def test_seeded_fault_is_found(seeded: EmailText, fault: str) -> None:
    assert any(found.startswith(fault) or fault in found for found in dutch_lint.email_faults(seeded))
