"""Secrets, a gateway and a receiver that repeat them, and where they might be found."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg

from pricetrail.context import App
from pricetrail.serving import serving, web_settings
from tests.support.histories import model, tokens
from tests.support.secrets import notations, traces
from tests.support.sockets import Script, answer
from tests.web.addresses import filled, routes

KEY = "sk-canary-key/4b7d+1"
QUERY, PROXY = "canary-query-0b5e", "canary:proxy/91c2"
PATH, TOKEN = "canaryinthepath", "canary-token-77aa"
SECRET = "Q0FOQVJZLXdlYmhvb2stc2VjcmV0LTE3"
PASSWORD = "canary-password-31f0"
WORDS = {"QUERY": QUERY, "PATH": PATH, "TOKEN": TOKEN, "SECRET": SECRET}
WEB = "canary-web-token-5d3f"
CANARIES = (KEY, QUERY, PROXY, PATH, TOKEN, SECRET, PASSWORD, WEB)

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


def titles(process: int) -> str:
    """What `ps` shows of a process, of its threads, and of the processes that it began."""
    folder = Path(f"/proc/{process}")
    told = [(folder / "cmdline").read_bytes().decode()]
    for thread in (folder / "task").iterdir():
        told.append((thread / "comm").read_text())
        told += [titles(int(child)) for child in (thread / "children").read_text().split()]
    return "\n".join(told)


def at_work(url: str) -> str:
    """What a Postgres shows of its sessions to whoever may look: their names and statements."""
    if url.startswith("sqlite"):
        return ""
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        sessions = connection.execute("SELECT * FROM pg_stat_activity").fetchall()
    assert sessions
    return str(sessions)
