"""`config check` and `config show`, as one types them."""

import json
from pathlib import Path

from tests.pricetrail.commands.running import document, made_up_history, run, shown

CANARY = "canary0b5e71"


def written(text: str) -> None:
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def test_a_good_file_is_counted() -> None:
    written(
        "[sources.a]\napi_key = 'k'\n[sources.b]\napi_key = 'k'\n"
        "[webhooks.w]\nurl = 'https://h.example.com/'\n"
    )
    assert shown("config", "check") == "ok: 2 sources, 1 webhook\n"
    assert document("config", "check") == {
        "ok": True,
        "configuration": "pricetrail.toml",
        "sources": 2,
        "webhooks": 1,
        "errors": [],
        "warnings": [],
    }
    assert shown("config", "show").startswith("key  ")


def test_problems_are_lines_and_the_exit_code_is_2() -> None:
    written(
        f"[sources.a]\napi_key = 'env:NOT_SET'\nhold = '{CANARY}'\n"
        f"[webhooks.w]\nurl = 'https://hooks.slack.com/{CANARY}'\nmodels = []\n"
    )
    code, out, err = run("config", "check")
    assert code == 2
    assert out.splitlines() == [
        (
            "error: pricetrail.toml:2: sources.a.api_key: the environment variable NOT_SET is not "
            "set: set it, or write file:PATH"
        ),
        "error: pricetrail.toml:3: sources.a.hold: not a duration: write 90s, 15m, 1h or 2d",
        (
            "error: pricetrail.toml:4: webhooks.w.format: is missing, and this address is one for "
            'slack: write format = "slack"'
        ),
        (
            "warning: pricetrail.toml:6: webhooks.w.models: is empty, which means every model: "
            "leave it out, or fill it"
        ),
    ]
    assert err == "pricetrail: pricetrail.toml: 3 errors and 1 warning\n"
    code, out, _ = run("config", "check", "--json")
    assert code == 2
    assert [it["key"] for it in json.loads(out)["errors"]] == [
        *("sources.a.api_key", "sources.a.hold", "webhooks.w.format")
    ]
    code, out, err = run("config", "show", "--json")
    assert code == 2
    entries = {it["key"]: it for it in json.loads(out)["settings"]}
    assert entries["sources.a.api_key"] == {
        "key": "sources.a.api_key",
        "value": "env:NOT_SET",
        "from": "file",
        "place": "pricetrail.toml",
        "line": 2,
    }
    assert len(err.splitlines()) == 2
    assert CANARY not in out + err


def test_a_warning_is_no_failure() -> None:
    written("[webhooks.w]\nurl = 'https://h.example.com/'\nfields = ['txt.*']\n")
    code, out, err = run("config", "check")
    assert (code, err) == (0, "")
    assert out.splitlines()[1] == "ok: 0 sources, 1 webhook"


def test_a_filter_is_looked_at_before_it_is_tried() -> None:
    made_up_history()
    hook = "[webhooks.w]\nurl = 'env:NOT_SET'\n"
    written(f"{hook}directions = ['increase']\nmodels = ['gtp-*']\n")
    for command in ("preview", "backtest"):
        code, _, err = run("webhooks", command, "w")
        assert code == 0
        assert "warning: pricetrail.toml: webhooks.w.models: 'gtp-*' matches nothing known" in err
        assert "note: pricetrail.toml: webhooks.w.directions: judges prices that changed" in err
    written(f"{hook}sources = ['nosuch']\n")
    for command in ("preview", "backtest"):
        code, out, err = run("webhooks", command, "w")
        assert (code, out) == (2, "")
        assert "webhooks.w.sources: 'nosuch' is neither a source nor a label" in err
