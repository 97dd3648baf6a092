"""Secrets in every setting, a gateway and a receiver that repeat them: found nowhere (fault 50)."""

import json
import signal
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from pricetrail.context import App
from pricetrail.jobs.polls import gateway as polls_gateway
from pricetrail.jobs.polls import pings
from pricetrail.serving import serving, web_settings
from tests.acceptance.everything import said_by_all
from tests.pricetrail.commands.running import run
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.histories import model, tokens
from tests.support.receivers import Receiver, receiving
from tests.support.secrets import notations, traces
from tests.support.sockets import RawServer, Script, answer, raw_server
from tests.web.addresses import filled, routes

pytestmark = pytest.mark.slow

KEY = "sk-canary-key/4b7d+1"
QUERY, PROXY = "canary-query-0b5e", "canary:proxy/91c2"
PATH, TOKEN = "canaryinthepath", "canary-token-77aa"
SECRET = "Q0FOQVJZLXdlYmhvb2stc2VjcmV0LTE3"
PASSWORD = "canary-password-31f0"
WORDS = {"QUERY": QUERY, "PATH": PATH, "TOKEN": TOKEN, "SECRET": SECRET}
WEB = "canary-web-token-5d3f"
CANARIES = (KEY, QUERY, PROXY, PATH, TOKEN, SECRET, PASSWORD, WEB)

CONFIG = """
database_url = "env:DATABASE"

[sources.s]
url = "{gateway}?token={QUERY}"
api_key = "env:KEY"
failing_after = 1
schedule = "every 10s"
ping = "{receiver}/{PATH}?token={TOKEN}"

[sources.behind]
url = "{gateway}?token={QUERY}"
api_key = "file:key"
auth = "x-api-key"
proxy = "http://me:canary%3Aproxy%2F91c2@127.0.0.1:{port}"
ping = "http://canary:{TOKEN}@127.0.0.1:1/{PATH}"

[web]
port = 0
tokens = {{ team = "env:WEB" }}

[webhooks.json]
url = "{receiver}/{PATH}?token={TOKEN}"
secrets = ["whsec_{SECRET}"]
allow_private = true

[webhooks.slack]
url = "{receiver}/services/{PATH}/{TOKEN}"
format = "slack"
allow_private = true

[webhooks.discord]
url = "{receiver}/api/webhooks/{PATH}/{TOKEN}"
format = "discord"
allow_private = true
"""


# What each source's gateway is told, or the proxy before it.
KNOWN = {"s": (KEY, QUERY), "behind": (KEY, QUERY, PROXY)}


def listing(*models: dict[str, Any], **root: Any) -> Script:
    body = json.dumps({"object": "list", "data": models, "total": len(models)} | root)
    # What `json` escapes once more was an escape of JSON to begin with.
    return answer(body.replace(r"\\u00", r"\u00").encode(), etag=f'"{KEY}"', server=KEY)


def repeating(source: str, change: str = "") -> Script:
    """A catalog that says secrets in many notations: in ids, names, fields and prices."""
    words = [word for secret in KNOWN[source] for word in notations(secret)[::3]]
    models = [
        model(f"m{place:02}/{word}", tokens("0.000003", word), display_name=f"{word}{change}")
        | {word: [word, {word: word}]}
        for place, word in enumerate(words)
    ]
    models[0]["pricing"] = tokens("0.000003", "0.000015", **{KEY + change: {KEY: "0.01"}})
    return listing(*models)


def refusals() -> Iterator[Script]:
    """Answers without a catalog that say the key wherever an answer can."""
    for status in ("302 Found", "401 No", "429 Slow", "500 Oops", "404 No"):
        yield answer(KEY.encode(), f"{status} {KEY}", location=f"https://{KEY}/", retry_after=KEY)
    yield answer(b"<html>" + KEY.encode(), content_type=f"text/{KEY}")
    yield answer(b"no " + KEY.encode() * 9, content_type="x" * 45 + KEY)
    yield answer(b"{}", content_encoding=KEY)
    for body in (
        {"object": KEY},
        {"object": "list", "data": KEY},
        {"object": "list", "total": KEY},
    ):
        yield answer(json.dumps(body).encode())
    yield answer(f'{{"{KEY}":1,"{KEY}":2}}'.encode())
    yield answer(f'{{"object":"list","data":[{{"id":"{KEY * 40}"}}]}}'.encode())
    yield answer(f'{{"object":"list","data":[{KEY}]}}'.encode())
    yield listing(model(KEY), model(KEY))
    yield listing(model(KEY), total=KEY)


def repeats(handler: BaseHTTPRequestHandler) -> None:
    """A receiver's answer: part of the address it was called by, alone or in JSON."""
    body = PATH if "services" in handler.path else json.dumps({"code": PATH, "message": TOKEN})
    handler.send_response(400, f"{PATH} {TOKEN} {SECRET}")
    handler.send_header("Retry-After", TOKEN)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body.encode())


@pytest.fixture
def gateway() -> Iterator[RawServer]:
    with raw_server(repeating("s")) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        found.always = repeats
        yield found


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database, on Postgres with a password that its server does not ask for."""
    if database_url.startswith("postgresql"):
        database_url += f"&password={PASSWORD}"
    monkeypatch.setenv("DATABASE", database_url)
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.setenv("WEB", WEB)
    return database_url


def found(text: str) -> list[str]:
    return [trace for canary in CANARIES for trace in traces(canary, text)]


def rows(url: str) -> str:
    """Every column of every table, as the database has it."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).read_bytes().decode("latin-1")
    address = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        told = [
            str(connection.execute(f'SELECT * FROM "{table}"').fetchall())
            for (table,) in tables.fetchall()
        ]
    assert len(told) > 10
    return "\n".join(told)


def configure(gateway: RawServer, receiver: Receiver) -> None:
    Path("key").write_text(KEY + "\n", encoding="utf-8")
    text = CONFIG.format(gateway=gateway.url(), port=gateway.port, receiver=receiver.url, **WORDS)
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def said(*arguments: str) -> str:
    _, out, err = run("--log-level", "debug", *arguments)
    assert found(out + err) == [], arguments
    return out + err


def test_no_canary_is_found_anywhere(
    gateway: RawServer, receiver: Receiver, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It asks again as often as ever, and does not wait for seconds before it does.
    monkeypatch.setattr(polls_gateway, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(pings, "_PAUSE", 0.01)
    configure(gateway, receiver)
    for source in KNOWN:
        # What is said of a refusal is the same whatever keeps it: on a server once.
        refused = refusals() if source == "behind" or url.startswith("sqlite") else ()
        for answers, outcome in (
            (repeating(source), "changed"),
            (repeating(source, "!"), "changed"),
            (listing(model("m1"), model("m2")), "quarantined"),
            *((refusal, "failed") for refusal in refused),
        ):
            gateway.scripts = [answers]
            assert outcome in said("poll", source)
    said("deliver")
    for name in ("json", "slack", "discord"):
        said("webhooks", "test", name)
        said("webhooks", "preview", name)
    said("doctor", "--offline")
    said("config", "check")
    said("config", "show", "--json")
    assert len(receiver.requests) > 5
    for request in receiver.requests:
        assert found(request.body.decode()) == []
    for source in KNOWN:
        listed = json.loads(run("models", "--json", "--source", source)[1])["data"]
        assert len(listed) > 40
        for version in ("1", "2"):
            assert "***" in said("snapshots", "show", version, "--raw", "--source", source)
        for what in ("prices", "events", "snapshots", "observations"):
            said("export", what, "--source", source)
    for command, told in said_by_all(listed[0]["id"], "behind"):
        assert found(told) == [], command
    for address, told in served_by_all(listed[0]["id"], "behind"):
        assert found(told) == [], address
    assert found(rows(url)) == []


def served_by_all(name: str, source: str) -> Iterator[tuple[str, str]]:
    """Every page and address, by one who has a token and by one who has not, and all of it."""
    app = App()
    bearer = {"Authorization": f"Bearer {WEB}"}
    with (
        serving(app, web_settings(app, None, None, None), metrics_prices=True) as page,
        httpx.Client(base_url=page.address, timeout=60) as client,
    ):
        addresses = [
            filled(route, value) + f"?source={source}"
            for route in routes()
            for value in ((quote(name, safe=""), "1", "nothing") if "{" in route.path else ("",))
        ]
        for address in (*addresses, "/nowhere", "/?at=never", "/api/openapi.json"):
            yield address, _whole(client.get(address, headers=bearer))
        for address in addresses[:3]:
            yield address, _whole(client.get(address))
        yield "feed", _whole(client.get("/feed.atom", params={"token": WEB}))
        yield "wrong", _whole(client.get("/metrics", headers={"Authorization": f"Bearer {WEB}x"}))
        yield "no name", _whole(client.get("/", headers={**bearer, "Host": "elsewhere.example"}))
        yield "no login", _whole(client.post("/login", data={"token": f"{WEB}x", "next": "/"}))
        yield "login", _whole(client.post("/login", data={"token": WEB, "next": "/"}))
        yield "session", _whole(client.get("/"))
    app.close()


def _whole(answer: httpx.Response) -> str:
    assert answer.status_code < 500, (answer.url.path, answer.text[-500:])
    return f"{answer.headers}\n{answer.text}"


def test_a_service_logs_no_canary(gateway: RawServer, receiver: Receiver, url: str) -> None:
    configure(gateway, receiver)
    gateway.scripts = [repeating("s"), *refusals()]
    with Forked(COMMAND_LINE, "--log-level", "debug", "run", "--web") as process:
        for _ in range(600):
            if len(gateway.requests) >= 2:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        printed, logged = process.communicate()
    assert len(gateway.requests) >= 2
    assert "GET" in {request.method for request in receiver.requests}
    assert "source s" in logged or "s:" in logged or "poll" in logged, logged
    assert found(printed + logged) == []
    assert found(rows(url)) == []
