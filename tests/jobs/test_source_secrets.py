"""What of a source is secret, and how its address is told without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.jobs.source_secrets import masker_of, safe_url
from tests.jobs.fetching import source


@pytest.mark.parametrize(
    ("query", "secrets", "words"),
    [
        ("token=canary-in-the-query", ["canary-in-the-query"], []),
        ("t=c4nary-in-the-query", ["c4nary-in-the-query"], []),
        ("accessToken=canaryaccess&X-Sig=canarysigned", ["canaryaccess", "canarysigned"], []),
        (
            "author=anthropic&tokenizer=byte-pairs",
            ["author=anthropic"],
            ["anthropic/", "byte-pairs"],
        ),
        ("api_key=canary%2Fslash%3D1", ["canary/slash=1", "canary%2Fslash%3D1"], []),
        ("key=canary%25percent+x", ["canary%percent x", "canary%25percent%20x"], []),
        ("c4nary-without-a-name&a=b", ["c4nary-without-a-name"], []),
        ("category=structured_outputs", ["category=structured_outputs"], ["structured_outputs"]),
        ("api-version=2024-10-21-preview", ["api-version=2024-10-21-preview"], ["2024-10-21"]),
    ],
)
def test_secrets_of_the_address_are_masked_and_words_of_a_filter_are_not(
    query: str, secrets: list[str], words: list[str]
) -> None:
    asked = source(f"https://gateway.example/v1/models?{query}")
    text = " ".join([*secrets, *words])
    masked = masker_of(asked).text(text)
    assert not any(one in masked for one in secrets)
    assert all(one in masked for one in words)


def test_a_proxys_password_is_masked() -> None:
    asked = source("https://gateway.example/", proxy="http://user:canary%2Fpass@10.0.0.1:3128")
    assert masker_of(asked).text("canary/pass user:canary/pass") == "*** ***"


@given(
    st.text(
        st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#?"), max_size=20
    )
)
def test_of_an_address_neither_query_nor_user_is_shown(rest: str) -> None:
    shown = safe_url(f"https://user:canary@gateway.example/v1/models?canary={rest}#canary")
    assert shown == "https://gateway.example/v1/models"
