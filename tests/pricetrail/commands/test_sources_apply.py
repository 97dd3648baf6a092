"""`pricetrail sources apply`: the plan first, all or none, and a second time nothing."""

import base64
import json
import os
from pathlib import Path

import pytest

from pricetrail.settings.sealing import VARIABLE
from tests.pricetrail.commands.running import document, refused, run, shown

pytestmark = pytest.mark.usefixtures("configured")

FLEET = Path("fleet.csv")


def write(*rows: str, header: str = "name,api_key,schedule") -> None:
    FLEET.write_text("\n".join((header, *rows, "")), encoding="utf-8")


def kept() -> list[str]:
    listed = document("sources", "list")["sources"]
    return [one["name"] for one in listed if one["from"] == "database"]


def test_a_file_is_applied_once_and_again_there_is_nothing_to_do() -> None:
    write("a,env:KEY,0 * * * *", "b,env:KEY,")
    plan = shown("sources", "apply", "fleet.csv", "--dry-run")
    assert plan == "+ a\n+ b\n2 to add\n"
    assert not Path("pricetrail.db").exists()
    assert shown("sources", "apply", "fleet.csv", "--yes") == plan
    assert kept() == ["a", "b"]
    assert shown("sources", "apply", "fleet.csv") == "nothing to do: 2 sources as fleet.csv says\n"
    assert "database" in shown("sources", "list")


def test_a_change_and_a_prune_are_told_before_they_are_done() -> None:
    write("a,env:KEY,", "b,env:KEY,")
    shown("sources", "apply", "fleet.csv", "--yes")
    write("a,env:KEY,0 * * * *", "c,env:KEY,")
    told = document("sources", "apply", "fleet.csv", "--prune", "--dry-run")
    assert told == {
        "added": ["c"],
        "changed": [{"source": "a", "keys": ["schedule"]}],
        "unchanged": 0,
        "removed": ["b"],
        "applied": False,
    }
    code, out, err = run("sources", "apply", "fleet.csv", "--prune")
    assert (code, kept()) == (2, ["a", "b"])
    assert (
        out == "+ c\n~ a: schedule\n- b (its history stays)\n1 to add, 1 to change, 1 to remove\n"
    )
    assert err.endswith(
        "say --yes to do so (1 to add, 1 to change, 1 to remove): there is nobody to ask\n"
    )
    assert document("sources", "apply", "fleet.csv", "--prune", "--yes")["applied"]
    assert kept() == ["a", "c"]


def test_one_bad_row_keeps_all_back_and_every_problem_is_told() -> None:
    write("a,env:KEY,", "b,env:KEY,soon", "s,env:KEY,", "c,,", ",x,")
    code, out, err = run("sources", "apply", "fleet.csv", "--yes")
    assert (code, out, kept()) == (2, "", [])
    lines = [line.removeprefix("pricetrail: ") for line in err.splitlines()]
    told = [line for line in lines if line.startswith("fleet.csv:")]
    assert [line.split(": ")[:2] for line in told] == [
        ["fleet.csv:6", "name"],
        ["fleet.csv:3", "schedule"],
        ["fleet.csv:4", "is in pricetrail.toml already, which holds"],
        ["fleet.csv:5", "api_key"],
    ]


def test_toml_names_the_line_of_what_is_wrong() -> None:
    Path("f.toml").write_text('[sources.a]\napi_key = "env:KEY"\n\nhold = "x"\n', encoding="utf-8")
    assert refused(2, "sources", "apply", "f.toml").startswith(
        "pricetrail: f.toml:4: sources.a.hold: not a duration"
    )


def test_a_plain_key_is_encrypted_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a,sk-c4nary,")
    assert "set PRICETRAIL_SECRET_KEYS" in refused(2, "sources", "apply", "fleet.csv")
    monkeypatch.setenv(VARIABLE, base64.b64encode(os.urandom(32)).decode())
    said = "".join(map(str, run("sources", "apply", "fleet.csv", "--yes")))
    said += json.dumps(document("sources", "list"))
    assert "c4nary" not in said
    assert b"c4nary" not in Path("pricetrail.db").read_bytes()
    assert shown("sources", "apply", "fleet.csv").startswith("nothing to do")


def test_what_is_not_on_this_machine_is_noted() -> None:
    write(*(f"a{number},env:AWAY{number}," for number in range(5)))
    _, _, err = run("sources", "apply", "fleet.csv", "--dry-run")
    assert err == (
        "not to be had on this machine, but needed where it polls: env:AWAY0, env:AWAY1, env:AWAY2 "
        "and 2 more\n"
    )


def test_a_long_plan_is_counted() -> None:
    write(*(f"a{number},env:KEY," for number in range(1200)))
    lines = shown("sources", "apply", "fleet.csv", "--dry-run").splitlines()
    assert lines[-2:] == ["+ … and 1,180 more", "1,200 to add"]
    assert len(lines) == 22
