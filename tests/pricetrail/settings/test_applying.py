"""Plans: what a file would change of the kept sources, or everything that is wrong with it."""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pricetrail.settings.applying import Plan, Planner
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCES
from pricetrail.settings.sealing import VARIABLE
from pricetrail.settings.source_files import Listed
from pricetrail.settings.where import Where

RAW = Raw("f.toml", {}, Path(), from_file=True)
ENVIRON = {"KEY": "sk-1"}
SEALING = {VARIABLE: base64.b64encode(os.urandom(32)).decode()}


def planned(
    tables: Mapping[str, Mapping[str, Any]],
    kept: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] = ENVIRON,
    prune: bool = False,
) -> Plan:
    listed = [Listed(Where(RAW, SOURCES, name), table) for name, table in tables.items()]
    planner = Planner(Path(), environ, frozenset({"own"}), "pricetrail.toml")
    return planner.plan(listed, kept or {}, prune=prune)


def stored(plan: Plan) -> dict[str, str]:
    return {one.name: one.settings for one in plan.added}


def test_a_second_time_there_is_nothing_to_do() -> None:
    tables = {"a": {"api_key": "env:KEY", "hold": "1h"}, "b": {"api_key": "env:KEY"}}
    first = planned(tables)
    assert (len(first.added), first.unchanged, first.missing) == (2, 0, ())
    again = planned(tables, stored(first))
    assert again.is_empty
    assert again.unchanged == 2


def test_a_change_names_its_keys_and_the_rest_is_dropped_only_if_asked() -> None:
    kept = stored(planned({"a": {"api_key": "env:KEY", "hold": "1h"}, "b": {"api_key": "env:KEY"}}))
    tables = {"a": {"api_key": "env:KEY", "schedule": "0 * * * *"}}
    plan = planned(tables, kept)
    [changed] = plan.changed
    assert (changed.change.name, changed.keys, plan.dropped) == ("a", ("hold", "schedule"), ())
    assert planned(tables, kept, prune=True).dropped == ("b",)


def test_a_secret_is_encrypted_and_its_address_told_without_it() -> None:
    table = {"api_key": "sk-2", "url": "https://gw.example/v1/models?token=t0ken"}
    plan = planned({"a": table}, environ=SEALING)
    [one] = plan.added
    assert one.url == "https://gw.example/v1/models"
    assert not any(secret in one.settings for secret in ("sk-2", "t0ken"))
    assert planned({"a": table}, stored(plan), environ=SEALING).is_empty


def test_everything_that_is_wrong_is_told_at_once() -> None:
    tables = {
        "own": {"api_key": "env:KEY"},
        "a": {"api_key": "env:KEY", "hold": "soon", "shedule": "x"},
        "b": {"url": "https://gw.example"},
        **{name: {"api_key": "sk-plain"} for name in "cde"},
    }
    with pytest.raises(SettingsError) as caught:
        planned(tables)
    lines = caught.value.lines
    assert [line.partition(": ")[2].partition(": ")[0] for line in lines] == [
        *("sources.own", "sources.a.hold", "sources.a.shedule", "sources.b.api_key"),
        "sources.c.api_key",
    ]
    assert lines[0].endswith("is in pricetrail.toml already, which holds: leave it out here")
    # Of what has one cause, and one remedy, the first is told.
    assert lines[-1].endswith("(and so in 2 more)")
    assert "sk-plain" not in str(caught.value)


def test_a_secret_may_be_elsewhere_than_on_this_machine() -> None:
    tables = {
        "a": {"api_key": "env:AWAY", "url": "file:away", "ping": "env:AWAY", "proxy": "env:P"},
        "b": {"api_key": "env:AWAY", "hold": "env:AWAY"},
    }
    plan = planned({"a": tables["a"]})
    assert [one.url for one in plan.added] == [None]
    assert plan.missing == ("env:AWAY", "file:away", "env:P")
    # What is no secret has to be known.
    with pytest.raises(SettingsError, match="hold: the environment variable AWAY is not set"):
        planned({"b": tables["b"]})


def test_what_is_kept_and_cannot_be_read_is_written_anew() -> None:
    plan = planned({"a": {"api_key": "env:KEY"}}, {"a": "[broken"})
    assert [one.keys for one in plan.changed] == [("api_key",)]
