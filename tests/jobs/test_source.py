"""What a source refuses: the error names the setting and never prints its value (fault 49)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects.registry import AS_SERVED
from pricetrail.catalog.errors import exit_code
from pricetrail.jobs.source import Source, SourceError

KEY = "sk-canary-1234567890"


def source(**settings: Any) -> Source:
    base = {"name": "pipellm", "url": "https://api.example.com/v1/models", "api_key": KEY}
    return Source(**base | settings)


def refused(key: str, value: Any) -> str:
    """What is said about one setting."""
    with pytest.raises(SourceError) as caught:
        source(**{key: value})
    error = caught.value
    assert (error.key, exit_code(error)) == (key, 2)
    assert str(error) == f"{key}: {error.problem}"
    assert KEY not in str(error)
    return error.problem


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "is empty"),
        (f"{KEY}\n", "begins or ends with a space or newline"),
        (f" {KEY}", "begins or ends with a space or newline"),
        (f"{KEY}\r\nX-Evil: 1", "holds a newline, space or control character"),
        (f"{KEY} {KEY}", "holds a newline, space or control character"),
        (f"{KEY}\x00", "holds a newline, space or control character"),
        (f"{KEY}é", "not ASCII"),
        (f"{KEY}\u200b", "not ASCII"),
        ("\n", "holds a newline"),
    ],
)
def test_a_key_that_cannot_be_a_header_is_refused_at_start(value: str, said: str) -> None:
    assert said in refused("api_key", value)


@given(st.text(min_size=1))
def test_any_key_is_either_a_header_or_refused_without_being_printed(text: str) -> None:
    key = f"canary{text}"
    if all("!" <= character <= "~" for character in key):
        assert source(api_key=key).api_key == key
    else:
        assert "canary" not in refused("api_key", key)


def test_neither_repr_nor_fingerprint_tells_the_key_or_the_proxy() -> None:
    made = source(proxy="http://user:hunter2@proxy.internal:3128")
    assert KEY not in repr(made)
    assert "hunter2" not in repr(made)
    assert KEY not in made.fingerprint
    assert len(made.fingerprint) == 32


def test_the_fingerprint_is_the_keys_alone() -> None:
    assert source().fingerprint == source(url="https://other.example/v1").fingerprint
    assert source().fingerprint != source(api_key=KEY + "1").fingerprint


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "no URL may hold"),
        ("api.pipellm.ai/v1/models", "begins with http:// or https://"),
        ("ftp://host/secret", "begins with http:// or https://"),
        ("https:///secret", "names a host"),
        ("https://host/a secret", "percent-encode"),
        ("https://host/\nsecret", "percent-encode"),
        ("https://host/sécret", "percent-encode"),
        ("https://host\\@secret/", "percent-encode"),
        ("https://[::1/secret", "brackets"),
        ("https://host:99999/secret", "port"),
        ("https://host:0/secret", "port 0"),
        ("https://user:secret@host/", "user name or password"),
        ("https://secret@host/", "user name or password"),
        ("https://host/#secret", "#fragment"),
        ("http://api.pipellm.ai/secret", "would show the key: write https://"),
        ("http://93.184.216.34/secret", "would show the key"),
        ("http://[2606:2800:220:1::1]/secret", "would show the key"),
        ("http://[::ffff:8.8.8.8]/secret", "would show the key"),
        ("http://134744072/secret", "would show the key"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(value: str, said: str) -> None:
    problem = refused("url", value)
    assert said in problem
    assert "secret" not in problem


@pytest.mark.parametrize(
    "url",
    [
        "https://api.pipellm.ai/v1/models?region=eu",
        "https://[2606:2800:220:1::1]:8443/v1",
        "http://localhost:8000/v1/models",
        "http://127.0.0.1/v1",
        "http://10.1.2.3/v1",
        "http://[fe80::1%25eth0]/v1",
        "http://gateway/v1",
        "http://gateway.prices.svc/v1",
        "http://gateway.internal./v1",
    ],
)
def test_https_anywhere_and_http_in_private_are_taken(url: str) -> None:
    assert source(url=url).url == url


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", "", "1 to 100 characters"),
        ("name", "a\nb", "1 to 100 characters"),
        ("name", " a", "1 to 100 characters"),
        ("name", "x" * 101, "1 to 100 characters"),
        ("auth", "basic", 'write "bearer", "x-api-key" or "none"'),
        ("max_price_ratio", Decimal(1), "must be a number above 1"),
        ("max_price_ratio", Decimal("Infinity"), "must be a number above 1"),
        ("ignore", ("/pricing/text",), "prices, which cannot be ignored"),
        ("ignore", ("/created_at", "created_at"), "is not a JSON Pointer"),
        ("proxy", "socks5://secret:1080", "begins with http:// or https://"),
        ("proxy", "http://proxy.internal/path", "without a path"),
        ("confirm_removals", 0, "at least 1"),
        ("max_body", 0, "at least 1"),
        ("max_models", -1, "at least 1"),
        ("failing_after", 0, "at least 1"),
        ("remind_every", timedelta(seconds=-1), "cannot be negative"),
        ("labels", {"a-b": "x"}, "letters, digits and _"),
        ("labels", {"team": ""}, "1 to 100 characters"),
        ("ping", "hc-ping.example/x", "not a complete address"),
        ("ping", "https://a..b/x", "cannot be looked up"),
        ("ping", f"https://{'a' * 64}.example/x", "cannot be looked up"),
        ("max_removed_percent", Decimal(101), "from 0 to 100"),
        ("max_repriced_percent", Decimal(-1), "from 0 to 100"),
        ("max_removed_percent", Decimal("NaN"), "from 0 to 100"),
        ("hold", timedelta(seconds=-1), "cannot be negative"),
        ("deadline", timedelta(0), "above zero and at most a day"),
        ("deadline", timedelta(days=2), "above zero and at most a day"),
        ("timezone", "Mars/Olympus", "not a known time zone"),
        ("schedule", "every 1s", "at least 10 s"),
        ("schedule", "61 * * * *", "minute"),
        ("schedule", "0 0 30 2 *", "never comes"),
    ],
)
def test_every_other_setting_is_checked(key: str, value: Any, said: str) -> None:
    problem = refused(key, value)
    assert said in problem
    assert "secret" not in problem


def test_a_public_list_has_no_key() -> None:
    assert source(auth="none", api_key="").api_key == ""
    with pytest.raises(SourceError, match="never sent"):
        source(auth="none")


def test_the_defaults_are_the_documented_ones() -> None:
    made = source()
    assert (made.auth, made.schedule, made.timezone) == ("bearer", "*/15 * * * *", "UTC")
    assert (made.max_body, made.max_models) == (16 * 1024 * 1024, 50_000)
    assert (made.deadline, made.hold) == (timedelta(seconds=60), timedelta(0))
    assert (made.confirm_removals, made.failing_after) == (1, 3)
    assert made.max_removed_percent == made.max_repriced_percent == Decimal(30)


@pytest.mark.parametrize(
    ("more", "key", "why"),
    [
        ({"dialect": "open-router"}, "dialect", "did you mean openrouter"),
        ({"dialect": "zzzz"}, "dialect", "write one of pipellm, openrouter"),
        ({"dialect": "openrouter", "keep": ("architecture",)}, "keep", "field 1 is not a JSON"),
        ({"dialect": "openrouter", "keep": ("/a", "/pricing/x")}, "keep", "field 2 is one of"),
    ],
)
def test_a_dialect_or_a_field_that_there_is_not_is_refused(
    more: dict[str, Any], key: str, why: str
) -> None:
    with pytest.raises(SourceError, match=why) as refusal:
        Source(name="s", url="https://example.com", api_key="k", **more)
    assert refusal.value.key == key


def test_how_its_lists_are_read_is_the_dialect_and_what_is_kept() -> None:
    assert source(keep=("/b", "/a")).read_by == AS_SERVED
    assert source(keep=("/b", "/a"), dialect="groq").read_by.keep == ("/a", "/b")
