"""The forms of this server, and nobody else's."""

import pytest

from tests.web.conftest import MakeClient

TOKEN = "t0ken-of-the-team"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X-ANY"])
@pytest.mark.parametrize("path", ["/", "/api/v1/events", "/static/style.css", "/metrics"])
def test_nothing_else_is_taken(site_client: MakeClient, method: str, path: str) -> None:
    answer = site_client(tokens={"team": TOKEN}).request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_form_takes_only_posts(site_client: MakeClient) -> None:
    answer = site_client().put("/login")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "", "origin": "http://127.0.0.1"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:81"}, 403),
        ({"origin": "http://127.0.0.1.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "https://prices.example.org"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"origin": "http://127.0.0.1"}, 303),
        ({}, 303),
    ],
)
def test_another_site_cannot_log_one_in(
    site_client: MakeClient, headers: dict[str, str], status: int
) -> None:
    answer = site_client(tokens={"team": TOKEN}).post(
        "/login", data={"token": TOKEN}, headers=headers
    )
    assert answer.status_code == status
    assert ("set-cookie" in answer.headers) is (status == 303)


def test_a_body_that_is_too_large_is_refused(site_client: MakeClient) -> None:
    client = site_client(tokens={"team": TOKEN})
    told = client.post("/login", data={"token": "x" * 20_000})
    assert told.status_code == 413
    assert "16 KiB" in told.text
    assert told.headers["content-type"].startswith("text/html")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    untold = client.post("/login", content=iter([b"token=", b"x" * 20_000]), headers=headers)
    assert untold.status_code == 413
    assert "content-length" not in untold.request.headers


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\nnonsense"),
        ("application/x-www-form-urlencoded", b"token=%ff%00&token=\xff&next=%00"),
        ("application/json", b"{"),
        ("", b"\xff"),
    ],
)
def test_a_body_that_is_no_form_is_nobodys_login(
    site_client: MakeClient, kind: str, body: bytes
) -> None:
    client = site_client(tokens={"team": TOKEN})
    answer = client.post("/login", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 401)
