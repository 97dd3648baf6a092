"""Closed by default: nothing is answered without a token where there are tokens."""

import pytest
from starlette.testclient import TestClient

from pricetrail.web.access import sessions
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.access.tries import MOST, MOST_COOKIES
from tests.web.conftest import MakeClient

TOKENS = {"team": "t0ken-of-the-team", "ops": "t0ken-of-the-ops"}
BEARER = {"authorization": "Bearer t0ken-of-the-team"}
WRONG = {"authorization": "Bearer wr0ng-token"}


@pytest.fixture
def closed(site_client: MakeClient) -> TestClient:
    return site_client(tokens=TOKENS)


def cookie(tokens: dict[str, str] = TOKENS) -> dict[str, str]:
    return {"cookie": f"{sessions.COOKIE}={sessions.begin(Tokens(tokens), 'team')}"}


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/sources", "/v1/models", "/v1/models/a/b:c", "/metrics", "/feed.atom"),
        *("/s/pipellm/v1/models", "/at/2026-03-01/v1/models", "/api/openapi.json", "/api/none"),
        "/readyz?sources=1",
    ],
)
def test_a_program_without_a_token_is_told_to_send_one(closed: TestClient, path: str) -> None:
    answer = closed.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="pricetrail"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Bearer TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "then"),
    [
        ("/", "%2F"),
        ("/catalog?at=2026-03-01&source=a%26b", "%2Fcatalog%3Fat%3D2026-03-01%26source%3Da%2526b"),
        ("/model/a%3Fb/c", "%2Fmodel%2Fa%253Fb%2Fc"),
        ("/model%2F..", "%2Fmodel%252F.."),
        ("/nowhere", "%2Fnowhere"),
        ("/static", "%2Fstatic"),
        ("/staticx/style.css", "%2Fstaticx%2Fstyle.css"),
        ("/login/", "%2Flogin%2F"),
        ("/%FF", "%2F%25EF%25BF%25BD"),
    ],
)
def test_a_person_without_a_token_is_led_to_the_login(
    closed: TestClient, path: str, then: str
) -> None:
    answer = closed.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next={then}"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/login", "/healthz", "/static/style.css", "/static/page.js"])
def test_what_one_needs_to_log_in_is_open(closed: TestClient, path: str) -> None:
    assert closed.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/static/../", "/static/..%2F", "/static/%2e%2e/", "//"])
def test_no_way_of_writing_a_path_leads_around_the_guard(closed: TestClient, path: str) -> None:
    assert closed.get(path).status_code in (303, 404)
    assert "Overview" not in closed.get(path).text.partition("<main")[2]


@pytest.mark.parametrize(
    "value",
    ["Bearer t0ken-of-the-team", "bearer t0ken-of-the-ops", "BEARER   t0ken-of-the-team "],
)
def test_each_holder_is_let_in_by_bearer(closed: TestClient, value: str) -> None:
    assert closed.get("/", headers={"authorization": value}).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        *("Bearer wr0ng-token", "Bearer t0ken-of-the-team,t0ken-of-the-ops", "Bearer ÿ"),
        *("Bearer team", "Bearer t0ken-of-the-team\tx"),
    ],
)
def test_a_wrong_token_is_refused(closed: TestClient, value: str) -> None:
    answer = closed.get("/", headers=[(b"authorization", value.encode("latin-1"))])
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic dDp0", "t0ken-of-the-team"])
def test_what_is_no_bearer_is_no_token_and_no_try(closed: TestClient, value: str) -> None:
    for _ in range(MOST + 1):
        assert closed.get("/metrics", headers={"authorization": value}).status_code == 401


def test_only_the_feed_takes_a_token_in_its_address(closed: TestClient) -> None:
    assert closed.get("/feed.atom?token=t0ken-of-the-team").status_code != 401
    assert closed.get("/feed.atom?token=wr0ng-token").status_code == 401
    assert closed.get("/api/v1/events?token=t0ken-of-the-team").status_code == 401
    assert closed.get("/?token=t0ken-of-the-team").status_code == 303


def test_a_session_lets_in_whatever_other_cookies_there_are(closed: TestClient) -> None:
    assert closed.get("/", headers=cookie()).status_code == 200
    crowded = {"cookie": f'bad"[]={{; x; {cookie()["cookie"]}; y=1'}
    assert closed.get("/", headers=crowded).status_code == 200


def test_a_session_of_a_token_that_was_changed_leads_to_the_login(closed: TestClient) -> None:
    old = cookie({"team": "an0ther-token"})
    assert closed.get("/", headers=old).status_code == 303


def test_whoever_guesses_waits_and_others_do_not(closed: TestClient) -> None:
    for _ in range(MOST):
        assert closed.get("/metrics", headers=WRONG).status_code == 401
    answer = closed.get("/metrics", headers=BEARER)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert closed.get("/", headers=cookie()).status_code == 200
    assert closed.post("/login", data={"token": TOKENS["team"]}).status_code == 429


def test_a_forwarded_address_is_no_way_around(closed: TestClient) -> None:
    """Only uvicorn reads it, and of the proxies that are named."""
    for number in range(MOST):
        closed.get("/metrics", headers={**WRONG, "x-forwarded-for": f"10.0.0.{number}"})
    answer = closed.get("/metrics", headers={**WRONG, "x-forwarded-for": "10.0.1.1"})
    assert answer.status_code == 429


def test_right_tokens_never_run_out(closed: TestClient) -> None:
    for _ in range(3 * MOST):
        assert closed.get("/healthz", headers=BEARER).status_code == 200
        assert closed.get("/api/none", headers=BEARER).status_code == 404


def test_a_name_that_is_not_this_servers_is_refused(site_client: MakeClient) -> None:
    client = site_client()
    for headers in ([("host", "evil.example")], [("host", "127.0.0.1"), ("host", "127.0.0.1")]):
        answer = client.get("/", headers=headers)
        assert answer.status_code == 400
        assert "web.allowed_hosts" in answer.json()["detail"]
    forwarded = {"host": "evil.example", "x-forwarded-host": "127.0.0.1", "forwarded": "host=::1"}
    assert client.get("/healthz", headers=forwarded).status_code == 400
    honest = {"x-forwarded-host": "evil.example"}
    page = client.get("/", headers=honest)
    assert page.status_code == 200
    assert "evil.example" not in page.text


@pytest.mark.parametrize("path", ["/%00", "/?source=%00", "/catalog?x=a%00b", "/api/v1/%00"])
def test_nul_is_refused_before_a_database_sees_it(site_client: MakeClient, path: str) -> None:
    assert site_client().get(path).status_code == 400


def test_an_address_without_end_is_refused(site_client: MakeClient) -> None:
    client = site_client()
    for address in ("/" + "a" * 9000, "/?source=" + "a" * 9000):
        assert client.get(address).status_code == 414
    assert client.get("/?source=" + "a" * 8000).status_code in (200, 404)


def test_a_root_path_is_the_same_page_with_its_own_links(site_client: MakeClient) -> None:
    client = site_client(tokens=TOKENS, root_path="/prices")
    # One proxy takes the prefix away, the other leaves it.
    for way in ("/", "/prices/", "/prices"):
        asked = client.get(way)
        assert asked.headers["location"] == "/prices/login?next=%2F"
        page = client.get(way, headers=BEARER)
        assert page.status_code == 200
        assert 'href="/prices/static/style.css' in page.text
        assert 'href="/catalog' not in page.text
    for way in ("/static/style.css", "/prices/static/style.css", "/prices/healthz"):
        assert client.get(way).status_code == 200
    schema = client.get("/prices/api/openapi.json", headers=BEARER).json()
    assert schema["servers"] == [{"url": "/prices"}]


def test_whoever_guesses_by_cookies_is_believed_no_more(closed: TestClient) -> None:
    """A cookie is signed with what follows from a token: it can be made of a guess."""
    for number in range(MOST_COOKIES):
        guess = cookie({"team": f"a-guess-{number}"})
        assert closed.get("/", headers=guess).status_code == 303
    assert closed.get("/", headers=cookie()).status_code == 303
    assert closed.get("/", headers=BEARER).status_code == 200
    assert closed.post("/login", data={"token": TOKENS["team"]}).status_code == 303


def test_a_good_cookie_is_no_try(closed: TestClient) -> None:
    for _ in range(MOST_COOKIES + 1):
        assert closed.get("/nowhere", headers=cookie()).status_code == 404
