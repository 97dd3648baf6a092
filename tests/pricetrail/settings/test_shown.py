"""What is in force: every key, its value, where it is from, and no secret."""

from pathlib import Path

import pytest

from pricetrail.settings.loading import read
from pricetrail.settings.shown import HIDDEN, UNUSABLE, Entry, Shown
from pricetrail.settings.tables import raw_of

CANARY = "canary0b5e71"
TEXT = f"""
database_url = "postgresql://me:{CANARY}@db.internal/prices"
[web]
port = 9000
tokens = {{ team = "{CANARY}", ops = "file:ops.token" }}
[sources.a]
url = "https://me:{CANARY}@gw.example.com/v1/models?key={CANARY}#x"
api_key = "env:KEY"
proxy = "http://me:{CANARY}@10.0.0.1:3128"
ping = "https://hc.example.com/{CANARY}"
hold = "{CANARY}"
labels = {{ team = "search" }}
timezone = "env:TZ"
[sources.b]
api_key = "{CANARY}"
url = "http://[{CANARY}"
[webhooks.w]
url = "https://hooks.slack.com/services/{CANARY}"
format = "slack"
secrets = ["{CANARY}", "env:SECRET"]
min_percent = "{CANARY}"
"""


def shown(environ: dict[str, str], named: Path | None = None) -> dict[str, Entry]:
    settings = read(raw_of(named, environ), environ, frozenset())
    entries = list(Shown(settings, named, environ).entries())
    assert CANARY not in repr([entry.as_json() for entry in entries])
    return {entry.key: entry for entry in entries}


def test_every_key_is_told_with_its_place_and_no_secret() -> None:
    Path("pricetrail.toml").write_text(TEXT, encoding="utf-8")
    found = shown({"KEY": CANARY, "TZ": CANARY})
    values = {key: entry.value for key, entry in found.items() if entry.origin == "file"}
    assert values == {
        "database_url": "postgresql://db.internal/prices",
        "web.port": 9000,
        "web.tokens": {"team": HIDDEN, "ops": "file:ops.token"},
        "sources.a.url": "https://gw.example.com/v1/models",
        "sources.a.api_key": "env:KEY",
        "sources.a.proxy": "http://10.0.0.1:3128",
        "sources.a.ping": HIDDEN,
        "sources.a.hold": UNUSABLE,
        "sources.a.labels": {"team": "search"},
        "sources.a.timezone": "env:TZ",
        "sources.b.api_key": HIDDEN,
        "sources.b.url": UNUSABLE,
        "webhooks.w.url": HIDDEN,
        "webhooks.w.format": "slack",
        "webhooks.w.secrets": [HIDDEN, "env:SECRET"],
        "webhooks.w.min_percent": UNUSABLE,
    }
    assert found["web.port"].where == "pricetrail.toml:4"
    assert found["sources.b.schedule"] == Entry("sources.b.schedule", "*/15 * * * *", "default")
    assert found["webhooks.w.ordering"].value == "none"
    assert "model.updated" not in str(found["webhooks.w.events"].value)


@pytest.mark.parametrize(
    ("named", "environ", "place"),
    [
        (Path("p.toml"), {}, "--config"),
        (None, {"PRICETRAIL_CONFIG": "p.toml"}, "PRICETRAIL_CONFIG"),
        (None, {}, None),
    ],
)
def test_the_file_is_told_with_what_named_it(
    named: Path | None, environ: dict[str, str], place: str | None
) -> None:
    name = "pricetrail.toml" if place is None else "p.toml"
    Path(name).touch()
    found = shown(environ, named)["configuration"]
    assert (found.value, found.place) == (name, place)


def test_without_a_file_variables_are_told() -> None:
    found = shown(
        {
            "PIPELLM_API_KEY": CANARY,
            "PRICETRAIL_HOLD": "1h",
            "PRICETRAIL_PROXY": f"http://me:{CANARY}@10.0.0.1:1",
            "PRICETRAIL_LABELS": "team=search",
            "PRICETRAIL_DATABASE_URL": f"postgresql://me:{CANARY}@db/p",
            "PRICETRAIL_WEB_TOKEN": CANARY,
            "PRICETRAIL_WEB_PORT": "9000",
        }
    )
    given = {key: (it.value, it.place) for key, it in found.items() if it.origin == "environment"}
    assert given == {
        "database_url": ("postgresql://db/p", "PRICETRAIL_DATABASE_URL"),
        "web.port": ("9000", "PRICETRAIL_WEB_PORT"),
        "web.tokens": ({"environment": HIDDEN}, "PRICETRAIL_WEB_TOKEN"),
        "sources.pipellm.api_key": (HIDDEN, "PIPELLM_API_KEY"),
        "sources.pipellm.hold": ("1h", "PRICETRAIL_HOLD"),
        "sources.pipellm.proxy": ("http://10.0.0.1:1", "PRICETRAIL_PROXY"),
        "sources.pipellm.labels": ("team=search", "PRICETRAIL_LABELS"),
    }
    assert found["sources.pipellm.hold"].where == "PRICETRAIL_HOLD"
    assert found["configuration"].value is None


def test_of_an_address_that_is_none_nothing_is_shown() -> None:
    none = (f"u:{CANARY}@h/x", CANARY, f"h:{CANARY}", f"http://h:{CANARY}/", f"ftp://{CANARY}/")
    for key in ("url", "proxy"):
        for address in none:
            text = f'[sources.a]\napi_key = "env:KEY"\n{key} = "{address}"\n'
            Path("pricetrail.toml").write_text(text, encoding="utf-8")
            assert shown({"KEY": "x"})[f"sources.a.{key}"].value == UNUSABLE, address
