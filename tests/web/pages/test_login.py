"""The login of the page."""

import pytest
from starlette.testclient import TestClient

from pricetrail.web.access import sessions
from pricetrail.web.access.tries import MOST
from tests.support.html import read
from tests.web.conftest import MakeClient

TOKEN = "t0ken-of-the-team"


@pytest.fixture
def client(site_client: MakeClient) -> TestClient:
    return site_client(tokens={"team": TOKEN})


def test_the_login_asks_for_a_token(client: TestClient) -> None:
    answer = client.get("/login?next=/catalog")
    page = read(answer.text)
    assert page.headings == ["h1 Log in"]
    assert page.fields == {"next": "/catalog", "token": ""}
    assert page.main.one("input", name="token").get("type") == "password"
    assert answer.headers["cache-control"] == "no-store"
    # Whoever has no token yet can open nothing else.
    assert set(page.links.values()) <= {"#main", "/"}


def test_a_token_begins_a_session_and_leads_back(client: TestClient) -> None:
    answer = client.post("/login", data={"token": f" {TOKEN}\n", "next": "/catalog?at=2026-03-01"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/catalog?at=2026-03-01"
    assert answer.headers["cache-control"] == "no-store"
    said = answer.headers["set-cookie"]
    assert said.startswith(f"{sessions.COOKIE}=")
    assert TOKEN not in said
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/;", f"Max-Age={sessions.LASTS}"):
        assert attribute in said
    assert "Secure" not in said
    assert client.get("/").status_code == 200


def test_behind_a_proxy_with_https_the_cookie_is_secure_and_below_the_root_path(
    site_client: MakeClient,
) -> None:
    client = site_client(tokens={"team": TOKEN}, root_path="/prices")
    client.base_url = client.base_url.copy_with(scheme="https")
    answer = client.post("/login", data={"token": TOKEN, "next": "/catalog"})
    assert answer.headers["location"] == "/prices/catalog"
    assert "Path=/prices;" in answer.headers["set-cookie"]
    assert answer.headers["set-cookie"].endswith("; Secure")


def test_a_wrong_token_is_told_and_not_repeated(client: TestClient) -> None:
    answer = client.post("/login", data={"token": "wr0ng-token", "next": "/catalog"})
    page = read(answer.text)
    assert answer.status_code == 401
    assert page.one(role="alert").text == "Unknown token."
    assert page.fields == {"next": "/catalog", "token": ""}
    assert "wr0ng-token" not in answer.text


def test_whoever_guesses_is_told_how_long_to_wait(client: TestClient) -> None:
    for _ in range(MOST):
        client.post("/login", data={"token": "wr0ng-token"})
    answer = client.post("/login", data={"token": TOKEN})
    assert answer.status_code == 429
    assert "set-cookie" not in answer.headers
    wait = answer.headers["retry-after"]
    assert read(answer.text).one(role="alert").text.endswith(f"try again in {wait} seconds.")


def test_logging_out_ends_the_session_of_this_browser(client: TestClient) -> None:
    client.post("/login", data={"token": TOKEN})
    assert client.get("/").status_code == 200
    copied = {"cookie": f"{sessions.COOKIE}={client.cookies[sessions.COOKIE]}"}
    answer = client.post("/logout")
    assert answer.headers["location"] == "/login"
    assert client.get("/").status_code == 303
    # As docs/web.md says: a copy ends with its token alone.
    assert client.get("/", headers=copied).status_code == 200


@pytest.mark.parametrize(
    "then",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "/\r\nx-evil: 1", "javascript:alert(1)", "evil.example", ""),
        *("/a\\..\\evil", " //evil.example", "/\x00", "/\u2028/evil", "/\x7f"),
    ],
)
def test_the_way_back_never_leads_elsewhere(client: TestClient, then: str) -> None:
    answer = client.post("/login", data={"token": TOKEN, "next": then})
    assert answer.headers["location"] == "/"
    assert "x-evil" not in answer.headers
    asked = read(client.get("/login", params={"next": then.replace("\x00", "\x01")}).text)
    assert asked.fields["next"] == "/"


@pytest.mark.parametrize("then", ["/%09/evil", "/%2f%2fevil", "/.//evil", "/@evil", "/ä?b=ü"])
def test_a_way_back_that_looks_odd_is_still_a_path_here(client: TestClient, then: str) -> None:
    location = client.post("/login", data={"token": TOKEN, "next": then}).headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert location.isascii()
    assert "\t" not in location


def test_a_hostile_way_back_is_inert_in_the_form(client: TestClient) -> None:
    hostile = '/"><script>alert(1)</script>'
    page = read(client.get("/login", params={"next": hostile}).text)
    assert page.fields["next"] == hostile
    assert page.main.all("script") == []


def test_without_tokens_there_is_nothing_to_log_in_to(site_client: MakeClient) -> None:
    answer = site_client().get("/login?next=/catalog")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/catalog"
