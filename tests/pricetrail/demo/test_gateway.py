"""The local gateway speaks PipeLLM's protocol; asked with the standard library alone."""

import http.client
import json
import socket
import threading
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from pricetrail.demo.gateway import Gateway, Reply

MODELS: list[dict[str, Any]] = [
    {"id": "b", "price": "0.0000030"},
    {"id": "a", "price": Decimal("0.10")},
]
METHODS = ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def ask(
    gateway: Gateway,
    method: str = "GET",
    path: str = "/v1/models",
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, body; with the gateway's key unless headers are given."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(urlsplit(gateway.url).netloc, timeout=10)
    try:
        connection.request(method, path, body, given or {"x-api-key": gateway.key})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_key_gets_the_models_sorted_and_counted_with_every_digit() -> None:
    with Gateway(MODELS, key="k") as gateway:
        status, headers, body = ask(gateway, Authorization="Bearer k")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert body == (
        b'{"object":"list","data":[{"id":"a","price":0.10},{"id":"b","price":"0.0000030"}],"total":2}'
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic k"},
        {"Authorization": "k"},
        {"Authorization": "Bearer "},
        {"x_api_key": "K"},
        {"x_api_key": "k\u00e9"},
        {"Accept": "*/*"},
    ],
)
def test_without_the_key_there_is_a_401_in_json(headers: dict[str, Any]) -> None:
    with Gateway(MODELS, key="k") as gateway:
        status, answered, body = ask(gateway, **headers)
    assert (status, answered["content-type"]) == (401, "application/json")
    assert json.loads(body)["error"]["type"] == "invalid_api_key"
    assert "etag" not in answered


@pytest.mark.parametrize("headers", [{"Authorization": "bearer k"}, {"x_api_key": "k"}])
def test_either_header_may_carry_the_key(headers: dict[str, Any]) -> None:
    with Gateway(key="k") as gateway:
        assert ask(gateway, **headers)[2] == b'{"object":"list","data":[],"total":0}'


@pytest.mark.parametrize("method", METHODS)
def test_there_is_only_get(method: str) -> None:
    with Gateway(MODELS) as gateway:
        status, headers, body = ask(gateway, method, body=b"x" if method == "POST" else None)
    assert (status, headers["allow"]) == (405, "GET")
    assert (body == b"") == (method == "HEAD")


@pytest.mark.parametrize("path", ["/", "/v1/models/a", "/v1/chat/completions", "/v1/modelsx"])
def test_there_is_only_the_list(path: str) -> None:
    with Gateway(MODELS) as gateway:
        status, _, body = ask(gateway, path=path)
    assert status == 404
    assert json.loads(body)["error"]["message"] == "there is only GET /v1/models"


def test_a_query_changes_nothing() -> None:
    with Gateway(MODELS) as gateway:
        assert ask(gateway, path="/v1/models?limit=1")[2] == ask(gateway)[2]


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', " {} "])
def test_a_known_etag_is_answered_with_304_and_no_body(shape: str) -> None:
    with Gateway(MODELS) as gateway:
        etag = ask(gateway)[1]["etag"]
        status, headers, body = ask(
            gateway, x_api_key=gateway.key, If_None_Match=shape.format(etag)
        )
    assert (status, headers["etag"], body) == (304, etag, b"")
    assert etag.startswith('"')


def test_an_etag_is_good_for_one_catalog_and_comes_back_with_it() -> None:
    with Gateway(MODELS) as gateway:
        etag = ask(gateway)[1]["etag"]
        gateway.catalog = [{"id": "c"}]
        status, headers, _ = ask(gateway, x_api_key=gateway.key, If_None_Match=etag)
        gateway.catalog = MODELS
        assert (status, ask(gateway)[1]["etag"]) == (200, etag)
    assert headers["etag"] != etag


def test_a_reply_of_its_own_is_given_byte_for_byte() -> None:
    with Gateway(MODELS) as gateway:
        gateway.reply = Reply(b"\xff<oops>", 503, "text/html")
        status, headers, body = ask(gateway)
        gateway.catalog = []
        again = ask(gateway)[0]
    assert (status, headers["content-type"], body) == (503, "text/html", b"\xff<oops>")
    assert again == 200


def test_what_is_no_http_is_refused_in_json() -> None:
    with (
        Gateway(MODELS) as gateway,
        socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port or 0), 10) as raw,
    ):
        raw.sendall(b"BREW /pot HTTP/1.1\r\n\r\n")
        said = b"".join(iter(lambda: raw.recv(65536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    assert b" 501 " in head
    assert json.loads(body)["error"]["type"] == "bad_request"


def test_it_counts_every_request() -> None:
    with Gateway(MODELS) as gateway:
        ask(gateway)
        ask(gateway, path="/")
        ask(gateway, "POST")
        assert gateway.requests == 3


def test_the_catalog_may_change_while_it_is_read() -> None:
    catalogs = [[{"id": f"{letter}{n}"} for n in range(200)] for letter in "ab"]
    with Gateway(catalogs[0]) as gateway:
        stop = threading.Event()

        def move() -> None:
            while not stop.is_set():
                for catalog in catalogs:
                    gateway.catalog = catalog

        mover = threading.Thread(target=move)
        mover.start()
        bodies = [ask(gateway)[2] for _ in range(30)]
        stop.set()
        mover.join()
    for body in bodies:
        assert len({model["id"][0] for model in json.loads(body)["data"]}) == 1


def test_what_is_served_is_a_copy() -> None:
    model = {"id": "a"}
    with Gateway([model]) as gateway:
        model["id"] = "b"
        gateway.catalog.clear()
        assert b'"a"' in ask(gateway)[2]
