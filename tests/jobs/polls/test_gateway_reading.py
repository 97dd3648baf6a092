"""What a gateway's answer holds, and that nothing of ours is in it (faults 7 to 10, 24, 26, 84)."""

import gzip
import json
import tracemalloc
from collections.abc import Mapping

import pytest

from pricetrail.catalog.catalogs import read
from pricetrail.catalog.errors import CatalogError
from pricetrail.demo.gateway import Gateway, Reply
from pricetrail.jobs.polls.gateway import ATTEMPTS, GatewayError, fetch
from tests.jobs.fetching import CATALOG, KEY, OK, get, refusal, source
from tests.support.secrets import escaped, notations, traces
from tests.support.sockets import answer, drips, raw_server, says

pytestmark = pytest.mark.slow

# Bodies that are no catalog (faults 7, 8, 9, 10)


def test_html_with_200_is_refused_with_what_came() -> None:
    page = answer(b"\n <!doctype html><title>Log in</title>", content_type="text/html")
    with raw_server(page) as server:
        error = refusal(server.url())
    assert "HTML (text/html)" in str(error)
    assert not error.retry


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream", ""])
def test_json_of_any_content_type_is_taken(kind: str) -> None:
    with raw_server(answer(CATALOG, content_type=kind)) as server:
        assert get(server.url()).body == CATALOG


def test_one_leading_byte_order_mark_passes() -> None:
    with raw_server(answer(b"\xef\xbb\xbf" + CATALOG)) as server:
        assert get(server.url()).body == b"\xef\xbb\xbf" + CATALOG


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"", "an empty answer"), (b"  \n", "an empty answer"), (b"busy " + KEY.encode(), "not JSON")],
)
def test_what_cannot_be_json_is_refused(body: bytes, said: str) -> None:
    with raw_server(answer(body)) as server:
        assert said in str(refusal(server.url()))


def test_a_body_shorter_than_its_length_is_truncated_and_tried_again() -> None:
    with raw_server(answer(CATALOG[:10], content_length="37")) as server:
        error = refusal(server.url())
        assert "truncated" in str(error)
        assert len(server.requests) == ATTEMPTS


def test_a_truncated_chunked_body_is_refused() -> None:
    cut = says(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n25\r\n{"object"')
    with raw_server(cut) as server:
        assert "truncated" in str(refusal(server.url()))


def test_a_body_cut_off_without_a_length_is_for_the_parser_to_refuse() -> None:
    with raw_server(answer(CATALOG[:-5], content_length="")) as server:
        body = get(server.url()).body
    assert body == CATALOG[:-5]
    with pytest.raises(CatalogError, match="not valid JSON"):
        read(body)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip", "GZIP"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with raw_server(answer(gzip.compress(CATALOG), content_encoding=encoding)) as server:
        error = refusal(server.url())
    assert f"compressed ({encoding}) though `identity` was asked for" in str(error)


def test_identity_is_no_encoding() -> None:
    with raw_server(answer(CATALOG, content_encoding="Identity")) as server:
        assert get(server.url()).body == CATALOG


def test_a_gzip_bomb_is_never_inflated() -> None:
    bomb = gzip.compress(gzip.compress(b" " * 50_000_000))
    assert len(bomb) < 1_000
    with raw_server(answer(bomb, content_encoding="gzip, gzip")) as server:
        tracemalloc.start()
        try:
            refusal(server.url())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10_000_000


def test_a_gzip_bomb_without_its_header_is_bytes_that_are_no_json() -> None:
    with raw_server(answer(gzip.compress(b" " * 1_000_000))) as server:
        assert "not JSON" in str(refusal(server.url()))


def test_a_body_at_the_cap_is_taken_and_one_byte_more_is_not() -> None:
    with raw_server(OK) as server:
        assert get(server.url(), max_body=len(CATALOG)).body == CATALOG
        error = refusal(server.url(), max_body=len(CATALOG) - 1)
    assert "larger than 36 bytes: raise max_body" in str(error)
    assert not error.retry


def test_an_honest_length_over_the_cap_is_refused_before_the_body() -> None:
    promise = says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    with raw_server(promise) as server:
        assert "larger than 1 MiB" in str(refusal(server.url(), max_body=1024 * 1024))


def test_an_endless_body_is_stopped_at_the_cap() -> None:
    endless = drips(b"HTTP/1.1 200 OK\r\n\r\n{", b" " * 65536)
    with raw_server(endless) as server:
        assert "larger than 100000 bytes" in str(refusal(server.url(), max_body=100_000))
        assert len(server.requests) == 1


def test_no_more_is_read_than_the_length_says() -> None:
    with raw_server(answer(CATALOG, content_length="10")) as server:
        assert get(server.url()).body == CATALOG[:10]


@pytest.mark.parametrize("length", ["-5", "abc", "37, 38"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with raw_server(answer(CATALOG, content_length=length)) as server:
        assert "is not HTTP" in str(refusal(server.url()))


def test_a_length_of_thousands_of_digits_is_refused() -> None:
    with raw_server(answer(CATALOG, content_length="1" * 5000)) as server:
        error = refusal(server.url())
    assert "larger than 16 MiB" in str(error) or "is not HTTP" in str(error)


def test_megabytes_of_headers_are_refused() -> None:
    flood = drips(b"HTTP/1.1 200 OK\r\n", b"x-filler: " + b"y" * 60_000 + b"\r\n")
    with raw_server(flood) as server:
        assert "is not HTTP" in str(refusal(server.url()))


def test_a_reply_of_the_gateway_may_be_anything() -> None:
    with Gateway(key=KEY) as gateway:
        gateway.reply = Reply(b"<html>", content_type="text/html")
        assert "HTML" in str(refusal(gateway.url))


# ETags (fault 26)


def test_a_known_etag_is_sent_back_and_304_is_believed() -> None:
    with Gateway([{"id": "a"}], key=KEY) as gateway:
        first = get(gateway.url)
        second = get(gateway.url, first.etag)
        gateway.catalog = [{"id": "b"}]
        third = get(gateway.url, first.etag)
    assert (second.status, second.not_modified, second.body, second.etag) == (
        304,
        True,
        None,
        first.etag,
    )
    assert third.body is not None
    assert b'"b"' in third.body
    assert third.etag != first.etag


def test_304_to_a_question_without_etag_is_refused() -> None:
    with raw_server(answer(status="304 Not Modified", content_length="")) as server:
        assert "304 though nothing was known" in str(refusal(server.url()))
        assert len(server.requests) == 1


def test_304_about_another_version_is_refused() -> None:
    other = answer(status="304 Not Modified", content_length="", etag='"other"')
    with raw_server(other) as server:
        assert "another version" in str(refusal(server.url(), '"mine"'))


def test_the_same_etag_with_another_body_is_a_body() -> None:
    with raw_server(answer(CATALOG, etag='"mine"')) as server:
        found = get(server.url(), '"mine"')
    assert (found.status, found.body, found.not_modified) == (200, CATALOG, False)


@pytest.mark.parametrize("etag", ["has space", "é", '"' + "x" * 600 + '"'])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    with raw_server(answer(CATALOG, etag=etag)) as server:
        assert get(server.url()).etag is None


# Redirects (fault 24)


@pytest.mark.parametrize("auth", ["bearer", "x-api-key"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_fails_and_nobody_else_gets_the_key(auth: str, status: str) -> None:
    with raw_server(OK) as other, raw_server(answer(status=status, location=other.url())) as server:
        error = refusal(server.url(), auth=auth)
        assert "redirect" in str(error)
        assert error.status == int(status[:3])
        assert len(server.requests) == 1
        assert other.requests == []


# Secrets (fault 84)


TOLD = list(dict.fromkeys(notations(KEY)))
_PACKED = next(place for place, word in enumerate(TOLD) if word.startswith("c2st"))
# Where it stands is the point: every notation but base64, and some of each kind of that.
SOME = [*TOLD[:_PACKED], *TOLD[_PACKED::6]]


def catalog(word: str) -> bytes:
    """A catalog that says a word wherever it can."""
    model: Mapping[str, object] = {
        "id": f"a/{word}",
        "display_name": word,
        word: [word],
        "pricing": {},
    }
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
    for word in (KEY, escaped(KEY), escaped(KEY, upper=True)):
        body = f'{{"object":"{word}","data":[{{"id":"a\\n{word}\\u0041"}}]}}'
        with raw_server(answer(body.encode())) as server:
            found = get(server.url()).body
        assert json.loads(found or b"") == {"object": "***", "data": [{"id": "a\n***A"}]}


@pytest.mark.parametrize("word", SOME)
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
    for word in SOME:
        refused = answer(
            word.encode(), f"{status} {word}", location=f"https://{word}/", retry_after=word
        )
        with raw_server(refused) as server:
            assert (
                traces(KEY, str(refusal(server.url(), deadline=source("http://a").deadline))) == []
            )
