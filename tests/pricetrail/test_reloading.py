"""A configuration that is read again: all of it comes into force, or nothing."""

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pricetrail.catalog.aliases import Aliases
from pricetrail.context import App
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.stopping import Stop
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.reloading import Reload, Reloads
from pricetrail.serving import serving, web_settings
from pricetrail.settings.loading import load
from pricetrail.settings.problems import Problem
from pricetrail.settings.rereading import configured
from pricetrail.settings.whole import Needs
from pricetrail.storage.outbox import kept_webhooks
from tests.pricetrail.commands.running import made_up_history

GOOD = """
[web]
port = 0
tokens = { team = "t0ken-of-the-team" }
[sources.a]
api_key = "k"
[sources.b]
api_key = "k"
[webhooks.w]
url = "https://receiver.example/w"
[webhooks.x]
url = "https://receiver.example/x"
"""
OTHER = (
    GOOD.replace('"k"\n[sources.b]', '"k2"\nlabels = {}\n[sources.c]')
    .replace("receiver.example/w", "receiver.example/w?s3cret")
    .replace("webhooks.x", "webhooks.y")
    .replace("t0ken-of-the-team", "s3cret-of-the-team")
)


class Told(Supervisor):
    """Keeps what systemd would be told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def reloading(self) -> None:
        self.told.append("reloading")

    def reloaded(self, status: str) -> None:
        self.told.append(status)


@pytest.fixture
def made(caplog: pytest.LogCaptureFixture) -> Iterator[Reload]:
    """What a service without a page has, by the good configuration, with a fault that is over."""
    caplog.set_level(logging.INFO, "pricetrail.service")
    made_up_history()
    Path("pricetrail.toml").write_text(GOOD, encoding="utf-8")
    app = App()
    app.database()
    in_force = InForce(configured(load(None, os.environ), os.environ))
    needs = Needs(polls=True, page=False, given={})
    faults = [Problem("pricetrail.toml", "webhooks.x.url", "was wrong")]
    yield Reload(app, in_force, needs, from_file=True, supervisor=Told(), faults=faults)
    app.close()


def reloaded(
    made: Reload, text: str, caplog: pytest.LogCaptureFixture
) -> list[tuple[str, str, dict[str, Any]]]:
    """What is logged of a reload."""
    caplog.clear()
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    made()
    assert "s3cret" not in caplog.text
    return [(it.levelname, it.getMessage(), vars(it)["fields"]) for it in caplog.records]


def test_a_good_one_comes_into_force_and_its_changes_are_named(
    made: Reload, caplog: pytest.LogCaptureFixture
) -> None:
    before = made.in_force.now
    [(level, line, fields)] = reloaded(made, OTHER, caplog)
    assert (level, line) == (
        "INFO",
        (
            "configuration reloaded: 1 source added: c; 1 source changed: a; 1 source removed: b; "
            "1 webhook added: y; 1 webhook changed: w; 1 webhook removed: x"
        ),
    )
    assert fields == {
        "sources_added": ["c"],
        "sources_changed": ["a"],
        "sources_removed": ["b"],
        "webhooks_added": ["y"],
        "webhooks_changed": ["w"],
        "webhooks_removed": ["x"],
        "web_changed": [],
        "aliases_changed": False,
    }
    now = made.in_force.now
    assert (list(now.sources), now.sources["a"].api_key) == (["a", "c"], "k2")
    # Whoever began with the one before goes on with it.
    assert (list(before.sources), before.sources["a"].api_key) == (["a", "b"], "k")
    assert made.faults == []
    [(_, line, _)] = reloaded(made, OTHER, caplog)
    assert line == "configuration reloaded: nothing changed"


def test_other_aliases_come_into_force_and_are_named(
    made: Reload, caplog: pytest.LogCaptureFixture
) -> None:
    [(_, line, fields)] = reloaded(made, GOOD + '[aliases]\na = ["b"]\n', caplog)
    assert line.endswith("aliases changed")
    assert fields["aliases_changed"] is True
    assert made.aliases == made.in_force.now.webhooks["w"].aliases == Aliases((("a", "b"),))
    [problem, *_] = reloaded(made, GOOD + "[aliases]\na = []\n", caplog)
    assert "not reloaded" in problem[1]
    assert made.aliases == Aliases((("a", "b"),))


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[sources", ["pricetrail.toml: line 1"]),
        ("", ["no source is configured"]),
        (
            OTHER + 'retries = 3\n[sources.d]\nschedule = "often"\n[web.colour]\n',
            ["webhooks.y.retries", "sources.d.api_key", "sources.d.schedule", "web.colour"],
        ),
        (OTHER + 'sources = ["nobody"]\n', ["webhooks.y.sources"]),
        (OTHER + 'secrets = ["file:gone"]\n', ["webhooks.y.secrets"]),
        (OTHER.replace('"k2"', '"env:NOT_SET"'), ["sources.a.api_key"]),
        ("database_url = 7\n" + OTHER, ["database_url"]),
    ],
)
def test_any_problem_keeps_all_of_the_one_before(
    made: Reload, text: str, problems: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = made.in_force.now
    (level, line, _), *each = reloaded(made, text, caplog)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    assert level == "ERROR"
    assert line == f"configuration not reloaded, the one before stays in force: {count}"
    told = [said for _, said, _ in each]
    assert len(told) == len(problems)
    for problem in problems:
        assert any(problem in said for said in told), told
    assert made.in_force.now is before
    assert len(made.faults) == 1
    assert isinstance(made.supervisor, Told)
    assert made.supervisor.told == ["reloading", "polling 2 sources"]


def test_what_nobody_expected_keeps_the_one_before_as_well(
    made: Reload, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("s3cret")

    monkeypatch.setattr("pricetrail.reloading.configured", broken)
    before = made.in_force.now
    assert "unexpected RuntimeError" in reloaded(made, OTHER, caplog)[1][1]
    assert made.in_force.now is before


def test_a_file_that_is_gone_is_no_reason_to_go_by_the_environment(
    made: Reload, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELLM_API_KEY", "k")
    before = made.in_force.now
    Path("pricetrail.toml").unlink()
    made()
    assert "the configuration file is not there any more" in caplog.text
    assert made.in_force.now is before
    made.from_file = False
    made()
    assert list(made.in_force.now.sources) == ["pipellm"]


def test_another_database_takes_a_restart(made: Reload, caplog: pytest.LogCaptureFixture) -> None:
    text = 'database_url = "sqlite:///other.db"\n' + OTHER
    _, (level, line, fields) = reloaded(made, text, caplog)
    assert (level, line) == ("WARNING", "not reloaded, as it takes a restart: database_url")
    assert fields == {"restart": ["database_url"]}
    assert not Path("other.db").exists()
    assert "c" in made.in_force.now.sources


def test_the_page_follows_and_keeps_its_address(
    made: Reload, caplog: pytest.LogCaptureFixture
) -> None:
    made.needs = Needs(polls=True, page=True, given={"root_path": "/p"})
    made.web = web_settings(made.app, None, None, "/p")
    with serving(made.app, made.web) as made.page:
        page = made.page
        text = OTHER.replace("port = 0", 'port = 9\nhost = "::1"\nallowed_hosts = ["p.example"]')
        (_, line, fields), (_, restart, _) = reloaded(made, text, caplog)
        assert line.endswith("; web: tokens, allowed_hosts")
        assert fields["web_changed"] == ["tokens", "allowed_hosts"]
        assert restart.endswith(": web.host, web.port")
        assert page.site.tokens.holder("s3cret-of-the-team") == "team"
        assert page.site.hosts.answers_to("p.example")
        assert [hook.name for hook in page.site.webhooks] == ["w", "y"]
        assert list(page.site.configured or ()) == ["a", "c"]
        # As if others could reach it: without a token nobody may be let in.
        page.bound = "0.0.0.0"
        before = made.in_force.now, page.site
        assert "no token is set" in reloaded(made, GOOD.replace("tokens", "#"), caplog)[1][1]
        assert (made.in_force.now, page.site) == before


def test_who_asks_while_one_is_under_way_gets_another_one(
    made: Reload, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, stopping = threading.Semaphore(0), threading.Semaphore(0), Stop()

    def slow(_reload: Reload) -> None:
        begun.release()
        assert go_on.acquire(timeout=20)

    monkeypatch.setattr(Reload, "__call__", slow)
    with Reloads(made, stopping) as reloads:
        for _ in range(3):
            reloads.ask()
            assert begun.acquire(timeout=20)
            reloads.ask()
            go_on.release()
            assert begun.acquire(timeout=20)
            go_on.release()
        # Nothing is begun once it is to end.
        stopping.set()
        reloads.ask()
    assert not begun.acquire(timeout=0.05)


def keep(made: Reload, name: str, text: str | None) -> None:
    with made.app.database().write() as transaction:
        kept_webhooks.forget(transaction, name)
        if text is not None:
            assert kept_webhooks.add(transaction, name, text)


def looked(made: Reload, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    made.look()
    return [it.getMessage() for it in caplog.records]


def test_webhooks_of_the_database_come_into_force_and_go(
    made: Reload, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.base, made.faults = made.app.configuration, []
    assert looked(made, caplog) == []
    before = made.in_force.now
    monkeypatch.setenv("U", "https://receiver.example/k")
    keep(made, "k", '{"url":"env:U"}')
    assert looked(made, caplog) == ["in the database: 1 webhook added: k"]
    # One of the configuration's name is the configuration's.
    keep(made, "w", '{"url":"env:NOT_SET"}')
    assert looked(made, caplog) == []
    now = made.in_force.now
    assert (list(now.webhooks), now.webhooks["k"].url) == (
        ["w", "x", "k"],
        "https://receiver.example/k",
    )
    assert now.sources is before.sources
    Path("hook.url").write_text("https://receiver.example/one", encoding="utf-8")
    keep(made, "k", '{"models":["a*"],"url":"file:hook.url"}')
    assert looked(made, caplog) == ["in the database: 1 webhook changed: k"]
    # Its files are followed, as the configuration's are.
    Path("hook.url").write_text("https://receiver.example/two", encoding="utf-8")
    found = made.in_force.now.find_webhook("k")
    assert found is not None
    assert found.url == "https://receiver.example/two"
    keep(made, "k", None)
    assert looked(made, caplog) == ["in the database: 1 webhook removed: k"]
    assert list(made.in_force.now.webhooks) == ["w", "x"]


def test_a_faulty_one_of_the_database_is_told_until_it_is_mended(
    made: Reload, caplog: pytest.LogCaptureFixture
) -> None:
    made.base, made.faults = made.app.configuration, []
    keep(made, "k", '{"url":"env:NOT_SET"}')
    fault, added = looked(made, caplog)
    assert fault.startswith("webhook k in the database: url: the environment variable NOT_SET")
    assert added == "in the database: 1 webhook added: k"
    assert made.in_force.now.webhooks["k"].faults == (fault,)
    # A reload goes on all the same, and says nothing twice.
    [(_, line, _)] = reloaded(made, OTHER, caplog)
    assert line.startswith("configuration reloaded")
    assert [str(fault) for fault in made.faults] == [fault]
    assert "k" in made.in_force.now.webhooks
    keep(made, "k", None)
    looked(made, caplog)
    assert made.faults == []
