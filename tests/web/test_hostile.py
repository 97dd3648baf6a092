"""Whatever is in an address, it is answered; and names are inert (fault 35)."""

from itertools import cycle, islice
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.web.access.addresses import for_programs
from tests.support.histories import build, catalog, failed, model, tokens
from tests.support.html import read
from tests.web.addresses import filled, names, routes
from tests.web.conftest import MakeClient

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
HOSTILE = (
    SCRIPT,
    "99999999999999999999999",
    "-1",
    "1e400",
    "NaN",
    "\x1b[2J\r\nset-cookie: a=1",
    "\udcff\ud800",
    "\u202e\ufffe\U0010ffff",
    "../../../../etc/passwd",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999+14:00",
    "*[[a-z]{9,}**" * 40,
    "' OR 1=1 --",
    "x" * 3000,
    "",
    " ",
    "/",
    "%",
    "latest~99999999999999999999",
)


def hostile(database: Database) -> None:
    """Two versions whose names are markup, escapes and controls."""
    bad = [
        model(SCRIPT, tokens("0.000003", "0.000015")),
        model("=cmd|' /C calc'!A0", display_name=SCRIPT, type_target=SCRIPT),
        model("\u202eevil\x1b[31m", tokens("1e-7", "2"), **{SCRIPT: SCRIPT}),
        model("javascript:alert(1)"),
    ]
    dearer = model(SCRIPT, tokens("0.000004", "0.000015", **{SCRIPT: {"x": "0.1"}}))
    build(database, "a", [("10:00", catalog(*bad)), ("11:00", catalog(dearer, *bad[1:3]))])
    build(database, SCRIPT, [("10:00", catalog(model("a")))])
    failed(database, SCRIPT, "11:00", f"\x1b[2J\u202e{SCRIPT}")
    build(database, SCRIPT, [("13:00", catalog(model("a")))])


def encoded(value: str) -> str:
    return quote(value, safe="", errors="surrogatepass")


@pytest.fixture
def hostile_url(sqlite_url: str) -> str:
    database = Database(sqlite_url)
    hostile(database)
    database.close()
    return sqlite_url


def ask_every_parameter(client: TestClient, at_once: int) -> None:
    """Of each parameter of each address so many values, others each time."""
    parameters = [(route, name) for route in routes() for name in ("", *names(route))]
    assert len(parameters) > 50
    values = cycle(map(encoded, HOSTILE))
    for route, name in parameters:
        for value in islice(values, at_once):
            path = filled(route, "a" if name else value)
            address = f"{path}?{name}={value}" if name else path
            answer = client.get(address)
            assert answer.status_code < 500, (address, answer.text[-500:])
            assert "set-cookie" not in answer.headers


def test_no_value_is_a_fault_of_ours(site_client: MakeClient, hostile_url: str) -> None:
    """One value each; tests/faults tries many more."""
    ask_every_parameter(site_client(hostile_url), 1)


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31T23:59:59.999999Z"])
def test_the_ends_of_time_are_times(site_client: MakeClient, hostile_url: str, moment: str) -> None:
    client = site_client(hostile_url)
    for route in routes():
        for name in {"at", "since", "until", "then", "a", "from"} & set(names(route)):
            answer = client.get(f"{filled(route, 'a')}?source=a&{name}={moment}")
            assert answer.status_code < 500, answer.url


def test_names_are_inert_on_every_page(site_client: MakeClient, hostile_url: str) -> None:
    client = site_client(hostile_url)
    ids = ("a", encoded(SCRIPT), encoded("javascript:alert(1)"), "1")
    shown = 0
    for route in routes():
        if for_programs(route.path):
            continue
        for value in ids if "{" in route.path else ("",):
            for source in ("a", encoded(SCRIPT)):
                answer = client.get(f"{filled(route, value)}?source={source}")
                shown += answer.status_code == 200 and "alert(1)" in answer.text
                if answer.headers.get("content-type", "").startswith("text/html"):
                    inert(answer.text)
    assert shown > 5


def inert(text: str) -> None:
    """Nothing in a page was made by a name that is in it."""
    page = read(text)
    (script,) = page.all("script")
    assert (script.get("src") or "").startswith("/static/page.js")
    assert script.text == ""
    for element in page.all():
        assert element.tag != "img"
        assert not any(name.startswith("on") or name == "style" for name in element.attributes)
        for name in ("href", "src", "action", "formaction"):
            assert (element.get(name) or "/").startswith(("/", "#", "?")), element.attributes
            assert not (element.get(name) or "").startswith("//")
    assert "\x1b" not in text
    assert "\u202e" not in text
