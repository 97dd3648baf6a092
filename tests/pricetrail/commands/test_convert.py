"""What a native list becomes, as JSON and for people; no database is needed."""

import gzip
import json
import lzma
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.cli import main
from tests.pricetrail.commands.running import refused, run, shown
from tests.support.dialects import entry, native, spoken

LIST = native(
    entry("a/b:c", "2.5", odd="x" * 200),
    entry("free", "0"),
    entry("odd", "2.9999999999999996", odd=[1]),
    {"name": "none", "in": "-1", "odd": {"deep": True}},
    *(entry(f"m{n}", "1", odd=n) for n in range(3)),
)
LISTED = {"a/b:c": "0.0000025", "free": "0", "odd": "0.000003", "none": "-1", "m0": "0.000001"}


@pytest.fixture(autouse=True)
def dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken(monkeypatch)


def observations() -> bytes:
    lines = [
        dumps({"observed_at": f"2026-03-0{day}T00:00:00Z", "payload": loads(body)})
        for day, body in ((1, native(entry("older"))), (2, LIST))
    ]
    return "\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.json", LIST),
        ("list.json.gz", gzip.compress(LIST)),
        ("array.json", dumps(loads(LIST)["models"]).encode()),
        ("pretty.json", json.dumps(json.loads(LIST), indent=1).encode()),
        ("envelope.json", b'{"payload": ' + LIST + b"}"),
        ("lines.jsonl.xz", lzma.compress(observations())),
        ("lines.jsonl", observations()),
    ],
)
def test_a_list_in_any_file_becomes_the_unified_list(name: str, content: bytes) -> None:
    Path(name).write_bytes(content)
    code, out, err = run("convert", "--dialect", "xai", name, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["object"], found["total"]) == ("list", 7)
    prompts = {one["id"]: one["pricing"]["text"]["prompt"] for one in found["data"]}
    if name != "pretty.json":
        # Elsewhere the noise of a float went through Python's own JSON.
        assert {model: prompts[model] for model in LISTED} == LISTED
    assert "not understood (in the body alone): 1 field" in err
    assert not Path("pricetrail.db").exists()


def test_it_is_read_from_standard_input_too() -> None:
    result = CliRunner().invoke(main, ["convert", "--dialect", "xai", "-", "--json"], input=LIST)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["total"] == 7


def test_people_see_prices_and_what_was_not_taken_as_it_is() -> None:
    Path("list.json").write_bytes(LIST)
    text = shown("convert", "--dialect", "xai", "list.json")
    assert "7 models, read by xai/1" in text
    assert "a/b:c" in text
    assert "$2.50" in text
    head, _, rest = text.partition("\nnot understood (in the body alone): 1 field\n")
    assert rest.startswith('- /odd "xxxxxxxx')
    assert "  in a/b:c, odd and 4 more\n  nobody knows it\n" in rest
    assert '\nflagged (kept as text, no amount): 1 field\n~ /in "-1"\n  in none\n' in rest
    assert "snapped (a float's noise was cut off): 1 field\n~ /in 2.9999999999999996\n" in rest
    assert len(max(text.splitlines(), key=len)) < 300
    assert "not understood" not in head


def test_all_of_it_names_every_model() -> None:
    Path("list.json").write_bytes(LIST)
    text = shown("convert", "--dialect", "xai", "list.json", "--all")
    for line in ("- /odd [1]  odd", '- /odd {"deep":true}  none', "- /odd 2  m2"):
        assert line in text.splitlines()


def test_fields_are_kept_where_that_is_asked_for() -> None:
    Path("list.json").write_bytes(native(entry("a", limits={"in": Decimal("1.5")}), entry("b")))
    text = shown("convert", "--dialect", "xai", "list.json", "--keep", "/limits/in", "--json")
    assert [one.get("limits") for one in json.loads(text)["data"]] == [{"in": 1.5}, None]
    assert "field 1 is not a JSON Pointer" in refused(
        2, "convert", "--dialect", "xai", "list.json", "--keep", "limits"
    )


def test_pipellm_s_own_list_is_one_as_well() -> None:
    Path("l.json").write_text('{"object":"list","data":[{"id":"a","pricing":{"x":"1"}}],"total":1}')
    assert json.loads(shown("convert", "--dialect", "pipellm", "l.json", "--json"))["total"] == 1
    assert "every native field" in shown("convert", "--dialect", "pipellm", "l.json")


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (b"", 3, "empty"),
        (b"\n \n", 3, "empty"),
        (b"<html>", 2, "begins with '<html>'"),
        (b'{"other": []}', 2, "no list of the dialect xai: no list of this dialect"),
        (b"[3]", 2, "not a list as xai writes it"),
        (b"[", 2, "not valid JSON"),
        (b"\xff", 2, "not UTF-8"),
        (native(entry("a"), entry("a")), 2, "listed twice"),
        (b'{"payload": 3, "observed_at": "2026-03-01"}', 2, "not an object"),
        (b'{"payload": {}, "observed_at": "2026-03-01"}\n{"payload": ', 2, "f:2: not valid JSON"),
    ],
)
def test_what_is_no_list_says_what_it_is(content: bytes, code: int, why: str) -> None:
    Path("f").write_bytes(content)
    assert why in refused(code, "convert", "--dialect", "xai", "f")


def test_a_list_without_a_model_is_nothing_to_answer_from() -> None:
    Path("f").write_bytes(native())
    code, out, err = run("convert", "--dialect", "xai", "f", "--json")
    assert (code, json.loads(out)["total"]) == (3, 0)
    assert "f lists no model" in err


def test_what_is_missing_or_misspelt_is_named() -> None:
    assert "cannot read nowhere" in refused(2, "convert", "--dialect", "xai", "nowhere")
    Path("f").write_bytes(LIST)
    assert "did you mean deepinfra" in run("convert", "--dialect", "depinfra", "f")[2]
    assert "--dialect" in run("convert", "f")[2]
