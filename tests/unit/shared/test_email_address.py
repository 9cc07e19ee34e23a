"""One rule for e-mail addresses: plain, deliverable in ASCII, or refused with advice."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.programme.email_address import is_plain, normalise, validated

ATOMS = st.text(st.sampled_from("abzAZ09.+-_'"), min_size=1, max_size=8)
ADDRESSES = st.builds("{}@{}".format, ATOMS, st.text(st.sampled_from("abz09.-"), min_size=1, max_size=12).map("{}.example".format))


@pytest.mark.parametrize(
    "address",
    [
        "foo<bar@huis.example", "a,b@huis.example", "a;b@huis.example", "a:b@huis.example", "Jan<jan@huis.example>",
        "Jan <jan@huis.example>", "<jan@huis.example>", "mailto:jan@huis.example", "jan@huis..example", ".jan@huis.example",
        "jan.@huis.example", "jan@.huis.example", "jan@huis.example.", "jan@huis", "jan@", "@huis.example", "jan", "", " ",
        '"jan"@huis.example', '"a b"@huis.example', '"a@b"@huis.example', "jan@[127.0.0.1]", "jan(x)@huis.example",
        "jan@huis.example,piet@huis.example", "jan@huis.example piet@huis.example", "jan@huis.example\n",
        "jan@huis.example\r\nBcc: x",
        " jan@huis.example", "jan @huis.example", "jan\u200b@huis.example", "jan@huis\u200b.example", "jan@hu\u00adis.example",
        "jan@huis.example\u2028", "\u202ejan@huis.example", "jan\x7f@huis.example", "jan\x00@huis.example", "jan@huis\x85.example",
        "jörg@huis.example", "ян@huis.example", "jan@-huis.example", "jan@huis-.example", "jan@hu_is.example", "jan@huis.local",
        "jan@localhost", "jan@huis.test", "jan@huis.invalid", "a@b@huis.example", "jan@huis.1",
        "a" * 65 + "@huis.example", "jan@" + "a" * 64 + ".example", "jan@" + "abc." * 70 + "example",
        "jan@huis.example?cc=x@y.example",
        "jan%huis.example@", "a\\b@huis.example", "jan@huis。。example", "jan\t@huis.example",
    ],
)  # fmt: skip
def test_anything_but_a_plain_address_is_refused_with_advice_that_quotes_nothing(address: str) -> None:
    with pytest.raises(ValueError) as refused:
        normalise(address)

    assert len(str(refused.value)) > 30
    assert "jan" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "travels_as"),
    [
        ("jan@huis.example", "jan@huis.example"),
        ("Jan.de-Wit+werk@Huis.Example", "Jan.de-Wit+werk@huis.example"),
        ("info@straße.example", "info@xn--strae-oqa.example"),
        ("info@xn--strae-oqa.example", "info@xn--strae-oqa.example"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("o'brien@huis.example", "o'brien@huis.example"),
    ],
)
def test_domain_names_travel_in_lower_case_and_punycode(address: str, travels_as: str) -> None:
    assert normalise(address) == travels_as
    assert normalise(travels_as) == travels_as


@given(ADDRESSES)
@example("jan@huis.test")
@example("jan@a--b.example")
@example("jan@xn--a.example")
def test_the_fast_check_accepts_only_what_the_library_returns_unchanged(address: str) -> None:
    if is_plain(address):
        assert validated(address) == address


@given(
    st.text(max_size=12).map("{}@huis.example".format) | st.text(max_size=12).map("jan@{}.example".format) | st.text(max_size=20)
)
def test_whatever_is_accepted_is_ascii_and_one_address(address: str) -> None:
    try:
        travels_as = normalise(address)
    except ValueError:
        return
    assert travels_as.isascii() and travels_as.isprintable()
    assert not set(travels_as) & set(' ,;:<>()[]"\\')
    assert travels_as.count("@") == 1
    assert normalise(travels_as) == travels_as
