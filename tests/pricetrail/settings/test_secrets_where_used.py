"""A command needs only the secrets that it uses; what polls goes on with what is sound."""

import json
import re
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import CHEAP, document, made_up_history, refused, run, shown
from tests.support.histories import catalog, model
from tests.support.receivers import Receiver, receiving

pytestmark = pytest.mark.slow

CONFIG = """
[sources.s]
api_key = "env:NOT_SET"
url = "env:NOT_SET"
ignore = ["/created"]
[webhooks.chat]
url = "file:not-there"
format = "slack"
models = ["gpt-*"]
[webhooks.billing]
url = "https://billing.example/"
secrets = ["env:NOT_SET_EITHER"]
"""


def written(text: str) -> None:
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def test_commands_that_neither_poll_nor_deliver_need_no_secret() -> None:
    written(CONFIG)
    made_up_history()
    [event, *_] = document("events")["events"]
    fates = document("explain", event["data"]["id"])["webhooks"]
    assert {fate["webhook"] for fate in fates} == {"chat", "billing"}
    line = {"observed_at": "2026-03-02T10:00:00Z", "payload": catalog(model("gpt-5"))}
    Path("seen.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert "observations" in shown("import", "seen.jsonl", "--source", "other", "--notify")
    assert "chat" in shown("webhooks", "list")
    assert shown("webhooks", "preview", "chat")
    assert "messages" in shown("webhooks", "backtest", "chat")


READING = """
models; price gpt-5; history gpt-5; compare; diff 1 2; events; snapshots; coverage; head; verify
evidence gpt-5 --at 2026-03-01T12:30:00Z -o bundle.json; export prices -o prices.csv; sources list
sources pause s; quarantine list; deliveries list; silence list; webhooks list
config show; db current; db backup copy.db
"""


@pytest.mark.parametrize("fault", ["", "min_percent = 'x'\n", "[web]\nprot = 1\n"])
def test_questions_are_answered_whatever_is_wrong_elsewhere(fault: str) -> None:
    written(CONFIG + fault)
    made_up_history()
    for command in filter(None, re.split(r"[;\n]\s*", READING)):
        code, _, problem = run(*command.split())
        assert code == (2 if fault and command == "config show" else 0), (command, problem)
        for written_file in ("bundle.json", "prices.csv", "copy.db"):
            Path(written_file).unlink(missing_ok=True)


def test_what_delivers_needs_the_webhooks_secrets_alone() -> None:
    written(CONFIG)
    made_up_history()
    code, _, said = run("deliver")
    assert code == 1
    assert [line.split(": ")[2] for line in said.splitlines()] == [
        "webhooks.chat.url",
        "webhooks.billing.secrets",
    ]
    assert "cannot read not-there" in refused(2, "webhooks", "test", "chat")
    assert "NOT_SET_EITHER is not set" in refused(2, "webhooks", "test", "billing")
    written('[sources.s]\napi_key = "env:NOT_SET"\n')
    shown("deliver")


def test_a_poll_without_any_sound_source_makes_no_database() -> None:
    written(CONFIG)
    code, out, said = run("poll")
    assert (code, out) == (2, "")
    assert len(said.splitlines()) == 4
    assert not Path("pricetrail.db").exists()


@pytest.mark.parametrize("key", ['url = "env:NOT_SET"', 'url = "{url}"\nmin_percent = "1%"'])
def test_a_faulty_webhook_is_owed_what_the_others_get(key: str) -> None:
    models = [model(f"m-{number:02}") for number in range(12)]
    with Gateway(models) as gateway, receiving() as receiver:
        faulty = key.replace("{url}", f"{receiver.url}/faulty")
        config = _config(gateway, receiver, faulty)
        written(config)
        code, _, said = run("poll")
        assert code == 1, said
        assert said.splitlines()[-1].startswith("pricetrail: pricetrail.toml: webhooks.faulty.")
        gateway.catalog = [model("m-00", CHEAP), *models[1:], model("new")]
        assert run("poll")[0] == 1
        assert [it.path for it in receiver.requests] == ["/hook/sound"] * 2
        states = {it["name"]: it["waiting"] for it in document("webhooks", "list")["webhooks"]}
        assert states == {"sound": 0, "faulty": 2}
        written(config.replace(faulty, f'url = "{receiver.url}/mended"'))
        shown("poll")
        assert [it.path for it in receiver.requests][2:] == ["/hook/mended"] * 2


def _config(gateway: Gateway, receiver: Receiver, faulty: str) -> str:
    return f"""
[sources.s]
url = "{gateway.url}"
api_key = "demo-key"
[webhooks.sound]
url = "{receiver.url}/sound"
allow_private = true
[webhooks.faulty]
{faulty}
allow_private = true
"""


def test_a_faulty_source_leaves_the_others_alone() -> None:
    with Gateway([model("a")]) as gateway:
        sound = f'[sources.{{}}]\nurl = "{gateway.url}"\napi_key = "demo-key"\n'
        broken = '[sources.broken]\napi_key = "env:NOT_SET"\nhold = "soon"\n'
        written(sound.format("a") + broken + sound.format("z"))
        code, out, said = run("poll", "--json")
        assert code == 2
        assert [it["source"] for it in json.loads(out)["polls"]] == ["a", "z"]
        assert [line.split(": ")[2] for line in said.splitlines()[-2:]] == [
            "sources.broken.api_key",
            "sources.broken.hold",
        ]
        assert document("poll", "a")["polls"][0]["outcome"] == "unchanged"
        assert run("poll", "broken")[0] == 2
        assert "no source 'nosuch' is configured" in refused(2, "poll", "nosuch")


def test_a_failed_poll_and_a_faulty_webhook_are_both_told() -> None:
    written(
        '[sources.s]\nurl = "http://127.0.0.1:9/"\napi_key = "k"\ndeadline = "1s"\n'
        '[webhooks.w]\nurl = "env:NOT_SET"\nsources = ["s", "nosuch"]\n'
    )
    code, _, said = run("poll")
    assert code == 1
    assert "webhooks.w.url: the environment variable NOT_SET is not set" in said
    assert "webhooks.w.sources: 'nosuch' is neither a source nor a label of one" in said
    assert said.splitlines()[-1].startswith("pricetrail: s: ")


@pytest.mark.parametrize("command", ["poll", "deliver", "models", "webhooks list", "run"])
def test_a_file_that_cannot_be_parsed_stops_all(command: str) -> None:
    written("[sources.s]\napi_key = 'k'\n[sources.s]\n")
    said = refused(2, *command.split())
    assert said.startswith("pricetrail: pricetrail.toml: line 3, column 11: not TOML: a table")


def test_where_the_database_may_be_misspelt_nothing_begins_a_second_history() -> None:
    written('databse_url = "sqlite:///prices.db"\n[sources.s]\napi_key = "k"\n')
    for command in ("poll", "models", "deliver"):
        assert "databse_url: unknown key; did you mean database_url?" in refused(2, command)
    assert list(Path().glob("*.db")) == []
