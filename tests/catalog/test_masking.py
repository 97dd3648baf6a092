"""Secrets taken out of what others say, whatever notation they say them in."""

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricetrail.catalog.masking import MASK, Masker
from tests.support.secrets import notations, traces

pytestmark = pytest.mark.slow

keys = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60
).filter(lambda key: not set('"*%&') & set(key) and any(one.isalpha() for one in key))


@given(keys)
@example("nkey-0123456789")
@example("u002f+/+/+/+/=")
@example("a/b/c/d\\e\\f")
def test_no_notation_of_a_key_stays(key: str) -> None:
    masker = Masker([key])
    for written in notations(key):
        text = f"before ({written}) after"
        masked = masker.text(text)
        assert MASK in masked, written
        assert traces(key, masked) == []
        assert (masked.startswith("before ("), masked.endswith(") after")) == (True, True)


@given(keys, st.lists(st.text(max_size=20), max_size=5))
@example("nkey-0123456789", ["\n", "\\"])
@example("/key-0123456789", ["\\"])
def test_json_stays_json_and_what_is_no_key_stays_as_it_was(key: str, others: list[str]) -> None:
    masker = Masker([key])
    others = [one for one in others if key not in one]
    told: dict[str, Any] = {"a": key, "b": f"x{key}y", "others": others, key: 1}
    for body in (json.dumps(told), json.dumps(told, ensure_ascii=False).replace("/", r"\/")):
        found = json.loads(masker.mask(body.encode("utf-8", "surrogatepass")))
        assert found == {"a": MASK, "b": f"x{MASK}y", "others": others, MASK: 1}


@given(st.binary(max_size=300))
def test_bytes_without_a_secret_stay_as_they_are(data: bytes) -> None:
    assert Masker(["sk-canary-1234567890"]).mask(data) == data


def test_notations_of_one_key_stay_apart() -> None:
    """So that two ids that hold it differently do not become one."""
    key = "sk-canary-1234567890"
    masker = Masker([key])
    forms = (key, "%73%6b" + key[2:], key.encode().hex(), notations(key)[18])
    assert len({masker.text(form) for form in forms}) == 4


@pytest.mark.parametrize("secret", ["", "-", "gpt-5", "1234567", "display"])
def test_what_is_too_short_to_be_told_from_a_word_is_left(secret: str) -> None:
    text = '{"id":"gpt-5","display_name":"1234567-"}'
    assert Masker([secret]).text(text) == text


@pytest.mark.parametrize("key", ["sk-1234", "k3y-00"])
def test_a_short_key_that_is_no_word_is_masked_as_well(key: str) -> None:
    for written in notations(key):
        assert traces(key, Masker([key]).text(f"({written})")) == [], written


def test_digits_are_not_taken_out_of_longer_numbers() -> None:
    masker = Masker(["00000025"])
    assert masker.text('"0.00000025"') == '"0.00000025"'
    assert masker.text("the key 00000025 is unknown") == "the key *** is unknown"


def test_a_secret_that_is_part_of_another_leaves_no_rest() -> None:
    assert Masker(["canary-12345", "canary-12345-longer"]).text("canary-12345-longer") == MASK
    assert Masker(["x-canary-12345", "a-x-canary-12345"]).text("a-x-canary-12345") == MASK


def test_all_notations_are_found_in_one_text() -> None:
    key = "sk-canary-1234567890"
    for written in (notations(key), [key, key.encode().hex()], _in_base64(key)):
        assert traces(key, Masker([key]).text(" ".join(written))) == []


def _in_base64(key: str) -> list[str]:
    return [base64.b64encode(b" " * before + key.encode()).decode() for before in range(3)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        # A line break, and then something that is not the key.
        ("\\nkey-0123456789", "\\nkey-0123456789"),
        ('{"a":"\\nkey-0123456789"}', '{"a":"\\nkey-0123456789"}'),
        # A backslash, and then the key.
        ("\\\\nkey-0123456789", "\\\\***"),
        ("\\" * 101 + "nkey-0123456789", "\\" * 101 + "***"),
        ("\\Xkey-0123456789", "\\***"),
        # Halves of characters, which stay.
        ("\ud800 nkey-0123456789", "\ud800 ***"),
        ("\\ud800 nkey", "\\ud800 nkey"),
    ],
)
def test_a_letter_of_an_escape_is_none_of_the_key(text: str, masked: str) -> None:
    assert Masker(["nkey-0123456789", "Xkey-0123456789"]).text(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("1sk-canary-12345678901.2", "1***.2"),
        ("&#115;k-canary-12345678901", "***(encoded)"),
        ("c2stY2FuYXJ5LTEyMzQ1Njc4OTAx", "***(base64)"),
    ],
)
def test_nothing_but_the_key_goes_and_all_of_it(text: str, masked: str) -> None:
    assert Masker(["sk-canary-12345678901"]).text(text) == masked


def test_an_escaped_secret_is_found_beside_escapes_of_all_kinds() -> None:
    masked = Masker(["sk-canary-1234567890"]).text("\\n % &#38; %73k-canary-1234567890")
    assert masked == "\\n % &#38; ***(encoded)"


@pytest.mark.parametrize(
    "filler", ["\\", "%25", "25", "&#0", "0", "\\\\u", "s", "sk-canary-12345678"]
)
def test_no_filler_makes_a_body_that_takes_hours(filler: str) -> None:
    key = "sk-canary-1234567890"
    body = f"{key} %{filler * (500_000 // len(filler))}".encode()
    assert Masker([key]).mask(body) == body.replace(key.encode(), b"***")
