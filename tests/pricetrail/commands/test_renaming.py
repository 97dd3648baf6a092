"""`pricetrail sources rename` and `remove`: what stays true, and what goes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.storage.database import Database
from tests.pricetrail.commands.polling import CONFIG, cut
from tests.pricetrail.commands.running import (
    URL,
    document,
    made_up_history,
    refused,
    run,
    shown,
)
from tests.support.histories import build, catalog, model, tokens

ROOT = Path(__file__).resolve().parents[3]


def another(name: str, *prompts: str, day: str = "2026-03-02") -> None:
    """A source's history, an hour between its versions."""
    database = Database(URL)
    polls = [
        (f"{day}T{10 + hour}:00:00Z", catalog(model("gpt-5", tokens(prompt, "0.5"))))
        for hour, prompt in enumerate(prompts)
    ]
    build(database, name, polls)
    database.close()


def ids() -> list[str]:
    return [one["data"]["id"] for one in document("events")["events"]]


def checked(bundle: str, head: str) -> bool:
    checker = ROOT / "docs" / "evidence-checker.py"
    with Path(bundle).open("rb") as stdin:
        command = [sys.executable, str(checker), head]
        done = subprocess.run(command, stdin=stdin, capture_output=True, check=False)
    return done.returncode == 0


def test_a_renamed_source_goes_on_and_proves_what_it_did() -> None:
    made_up_history()
    before, head = ids(), document("head")
    shown("evidence", "gpt-5", "-o", "before.json")
    renamed = document("sources", "rename", "s", "main")
    assert renamed == {"source": "main", "before": "s", "chain_name": "s"}
    assert ids() == before
    assert {one["data"]["source"] for one in document("events")["events"]} == {"main"}
    assert document("head") == {**head, "source": "main"}
    another("main", "7", "8")
    verified = document("verify", "--head", f"3:{head['head']}")
    assert (verified["ok"], verified["version"], verified["source"]) == (True, 5, "main")
    shown("evidence", "gpt-5", "-o", "after.json")
    newest = document("head")["head"]
    for bundle, saved in (("before.json", head["head"]), ("after.json", newest)):
        shown("evidence", "check", bundle, "--head", saved)
        assert checked(bundle, saved)
    assert json.loads(Path("after.json").read_bytes())["claim"]["source"] == "s"
    assert "it is called 'main' now" in refused(3, "models", "--source", "s")
    # And back: then nothing is left of it.
    assert document("sources", "rename", "main", "s")["chain_name"] == "s"
    assert document("verify")["ok"] is True


def test_a_new_source_under_a_former_name_is_another() -> None:
    made_up_history()
    shown("sources", "rename", "s", "main")
    before = ids()
    database = Database(URL)
    first = catalog(model("gpt-5", tokens("0.000003", "0.000015")), model("old"))
    last = catalog(model("gpt-5", tokens("0.0000025", "0.000015")), model("old"))
    build(database, "s", [("10:00", first), ("12:00", last)])
    database.close()
    # The very change that the other one saw in its second version.
    assert len(set(ids())) == len(before) + 1
    assert document("verify")["ok"] is True
    assert [one["source"] for one in document("head")["heads"]] == ["main", "s"]


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("nope", "main", 3, "no source 'nope' here; there are: s, t"),
        ("s", "t", 2, "there is a source 't' already, with 2 versions"),
        ("s", " ", 2, "is not a name"),
        ("s", "a\nb", 2, "is not a name"),
    ],
)
def test_a_name_that_cannot_be_is_refused(old: str, new: str, code: int, said: str) -> None:
    made_up_history()
    another("t", "1", "2")
    assert said in refused(code, "sources", "rename", old, new)


def test_the_configuration_is_not_forgotten(gateway: Gateway) -> None:
    made_up_history()
    text = CONFIG.format(gateway=gateway.url, receiver="http://127.0.0.1:9")
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    assert "rename it there before the next poll" in run("sources", "rename", "s", "main")[2]
    [listed, new] = document("sources", "list")["sources"]
    assert (listed["name"], listed["configured"]) == ("main", False)
    assert (new["name"], new["configured"], new["version"]) == ("s", True, 0)
    told = shown("sources", "list")
    assert "not in the configuration" in told
    assert "not polled yet" in told


def test_the_one_that_is_configured_is_meant_where_there_are_several(gateway: Gateway) -> None:
    made_up_history()
    another("former", "1", "2")
    assert "there are several sources" in refused(2, "models")
    text = CONFIG.format(gateway=gateway.url, receiver="http://127.0.0.1:9")
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    assert document("snapshots")["snapshots"][-1]["version"] == 3
    assert document("price", "gpt-5")["source"] == "s"
    assert document("price", "gpt-5", "--source", "former")["source"] == "former"
    Path("pricetrail.toml").write_text(text.replace("sources.s]", "sources.x]"), encoding="utf-8")
    assert "there are several sources" in refused(2, "models")


def test_without_a_source_all_are_verified_and_every_head_is_printed() -> None:
    made_up_history()
    another("t", "1", "2")
    heads = document("head")["heads"]
    assert [(one["source"], one["version"]) for one in heads] == [("s", 3), ("t", 2)]
    lines = shown("head").splitlines()
    assert lines == [f"{one['source']} {one['version']}:{one['head']}" for one in heads]
    found = document("verify")
    assert (found["ok"], [one["source"] for one in found["sources"]]) == (True, ["s", "t"])
    said = shown("verify")
    assert "s: 3 versions" in said
    assert "t: 2 versions" in said
    # A head finds its source, named or not.
    bare = lines[1].split()[1]
    for given in (lines[1], bare, bare.removeprefix("2:"), bare.replace("sha256:", "")[:18]):
        assert document("verify", "--head", given)["source"] == "t"
    assert "no source has the head" in refused(1, "verify", "--head", "sha256:" + "ab" * 32)
    assert "and --source says s" in refused(2, "verify", "--head", lines[1], "--source", "s")
    database = Database(URL)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE snapshot SET models = 9 WHERE source_id = 2")
    database.close()
    code, out, err = run("verify", "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)
    assert [one["ok"] for one in json.loads(out)["sources"]] == [True, False]
    assert err.startswith("pricetrail: t: ")


def test_what_is_removed_is_gone_and_the_rest_is_as_it_was(gateway: Gateway) -> None:
    made_up_history()
    another("t", "1", "2")
    before = document("events", "--source", "s")
    assert "say --yes" in refused(2, "sources", "remove", "t")
    removed = document("sources", "remove", "t", "--yes")
    assert (removed["source"], removed["removed"]["versions"]) == ("t", 2)
    assert (removed["removed"]["events"], removed["removed"]["models"]) == (1, 1)
    assert "no source 't' here" in refused(3, "sources", "remove", "t", "--yes")
    assert document("events") == before
    assert document("verify")["ok"] is True
    shown("sources", "remove", "s", "--yes")
    assert "nothing recorded yet" in refused(3, "models")


@pytest.mark.usefixtures("configured")
def test_what_is_owed_of_a_removed_source_is_not_sent(gateway: Gateway) -> None:
    shown("poll")
    cut(gateway)
    name = document("events")["events"][0]["data"]["id"]
    shown("webhooks", "resume", "billing")
    _, out, err = run("sources", "remove", "s", "--yes")
    assert "2 versions of 12 models, 1 event, 2 polls, 1 message" in out
    assert "is still in the configuration" in err
    assert document("deliveries", "list")["deliveries"] == []
    # It begins anew: the same change has the same id, and is owed again.
    gateway.catalog = [model(f"m-{n:02}") for n in range(12)]
    shown("poll")
    assert cut(gateway)["deliveries"]["delivered"] == 1
    assert document("events")["events"][0]["data"]["id"] == name
