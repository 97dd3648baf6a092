"""The gateway client against bodies that are no catalog (faults 7 to 10)."""

import gzip
import tracemalloc

import pytest

from pricetrail.catalog.catalogs import read
from pricetrail.catalog.errors import CatalogError
from pricetrail.jobs.polls.gateway import ATTEMPTS
from tests.jobs.fetching import CATALOG, KEY, OK, get, refusal
from tests.support.sockets import answer, drips, raw_server, says

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
