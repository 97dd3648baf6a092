"""A gateway that repeats what it was given: nothing of it leaves the client (fault 84)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.jobs.polls.gateway import GatewayError, fetch
from pricetrail.jobs.source_secrets import masker_of, shown_url
from tests.jobs.fetching import KEY, get, refusal, source
from tests.support.secrets import notations, traces
from tests.support.sockets import answer, raw_server

TOLD = notations(KEY)


def catalog(word: str) -> bytes:
    """A catalog that says a word wherever it can."""
    model: dict[str, Any] = {"id": f"a/{word}", "display_name": word, word: [word], "pricing": {}}
    return json.dumps({"object": word, "data": [model], "total": word}).encode()


@pytest.mark.parametrize("word", TOLD)
def test_a_key_inside_a_catalog_is_masked_and_the_catalog_is_read(word: str) -> None:
    with raw_server(answer(catalog(word))) as server:
        body = get(server.url()).body
    assert body is not None
    found = json.loads(body)
    assert traces(KEY, body.decode()) == []
    assert "***" in found["object"]
    assert "***" in found["data"][0]["id"]


def test_a_key_in_escapes_of_json_itself_is_masked() -> None:
    for word in (KEY, TOLD[4], TOLD[5]):
        body = f'{{"object":"{word}","data":[{{"id":"a\\n{word}\\u0041"}}]}}'
        with raw_server(answer(body.encode())) as server:
            found = get(server.url()).body
        assert json.loads(found or b"") == {"object": "***", "data": [{"id": "a\n***A"}]}


@pytest.mark.parametrize("word", TOLD)
@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/WORD; charset=WORD"},
        {"content_encoding": "WORD"},
        {"content_type": "x" * 48 + "WORD"},
        {"etag": '"WORD"'},
    ],
)
def test_a_key_in_a_header_is_neither_told_nor_kept(word: str, headers: dict[str, str]) -> None:
    given = {name: value.replace("WORD", word) for name, value in headers.items()}
    for body in (b"no json " + word.encode() * 30, catalog(word)):
        with raw_server(answer(body, **given)) as server:
            try:
                found = fetch(source(server.url()))
            except GatewayError as error:
                told = str(error)
            else:
                told = f"{found.etag} {found.body!r}"
        assert traces(KEY, told) == []
        # Nor a part of it that was cut to fit.
        assert KEY[:9] not in told


@pytest.mark.parametrize("status", ["302 Found", "401 No", "404 No", "429 Slow", "500 No"])
def test_a_key_in_a_refusal_is_not_told(status: str) -> None:
    for word in TOLD:
        refused = answer(
            word.encode(), f"{status} {word}", location=f"https://{word}/", retry_after=word
        )
        with raw_server(refused) as server:
            assert (
                traces(KEY, str(refusal(server.url(), deadline=source("http://a").deadline))) == []
            )


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#?"), max_size=20
    )
)
def test_of_an_address_neither_query_nor_user_is_shown(rest: str) -> None:
    shown = shown_url(f"https://user:canary@gateway.example/v1/models?canary={rest}#canary")
    assert shown == "https://gateway.example/v1/models"
