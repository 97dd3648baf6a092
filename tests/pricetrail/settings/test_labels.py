"""The labels of sources, as webhooks filter by them."""

from pathlib import Path

from pricetrail.settings.files import Raw
from pricetrail.settings.labels import labels_of
from pricetrail.settings.loading import load


def test_labels_are_read_without_the_rest_of_a_source() -> None:
    tables = {
        "sources": {
            "a": {"api_key": "env:MISSING", "labels": {"team": "env:TEAM"}},
            "b": {"labels": {"team": "env:MISSING"}},
            "c": {"labels": "team"},
            "d": {"labels": {"team": 5}},
            "g": {"labels": "team=search,env=prod"},
            "e": "no table",
            "f": {},
        }
    }
    raw = Raw("x.toml", tables, Path(), from_file=True)
    nobody: dict[str, str] = {}
    assert labels_of(raw, {"TEAM": "search"}) == {
        "a": {"team": "search"},
        **dict.fromkeys(("b", "c", "d", "f"), nobody),
        "g": {"team": "search", "env": "prod"},
    }
    empty: list[dict[str, object]] = [{}, {"sources": []}]
    for none in empty:
        assert labels_of(Raw("x.toml", none, Path(), from_file=True), {}) == {}


def test_whoever_only_delivers_filters_by_them_too() -> None:
    path = Path("pricetrail.toml")
    path.write_text(
        '[sources.s]\napi_key = "env:MISSING"\nlabels = { team = "search" }\n'
        '[webhooks.w]\nurl = "https://hooks.example.com/x"\nsources = ["team=search"]\n',
        encoding="utf-8",
    )
    assert load(path, {}).webhooks["w"].labels == {"s": {"team": "search"}}
