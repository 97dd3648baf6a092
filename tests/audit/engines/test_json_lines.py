"""JSON lines by DuckDB: as the streaming audit reads them, however odd a line is."""

import gzip
import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.engines.bills import EngineBill
from pricetrail.audit.engines.json_lines import JsonLines
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.spans import Span
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.reading import Reading
from tests.audit.engines.asked import ROWS
from tests.audit.engines.test_audits import (  # noqa: F401 - `pricer` is a fixture
    FEW,
    OPTIONS,
    SPANS,
    WAYS,
    both,
    pricer,
    tables,
)
from tests.pricetrail.commands.audits import run, usage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")
# What a line may be beside one that is plain; `{}` is where its own members stand.
_ODD = (
    *("{{{}}}",) * 40,
    "{{{}}}",
    " {{ {} }}\t",
    '{{{},"completion_tokens":7}}',
    '{{{},"unheard_of":7}}',
    '{{{},"unheard_of":{{"a":1}}}}',
    '{{{},"unheard_of":["a"]}}',
    "{{{},}}",
    '{{{},"team":NaN}}',
    '{{{},"completion_tok\\u0065ns":5}}',
    '{{{},"team":"\\ud800"}}',
    '{{{},"team":"a\\u0000b,}}: nan"}}',
    "{{{}",
    "{{{}}}{{}}",
    "[1]",
    "null",
    "",
    "  ",
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Lines of members that are texts, numbers, words of JSON, or left out."""
    names, rows = draw(tables())
    text = "\n".join(draw(line(names, row)) for row in rows) + draw(st.sampled_from(("\n", "")))
    # One that begins with a list is a document.
    return f"null\n{text}" if text.lstrip().startswith("[") else text


@st.composite
def line(draw: st.DrawFn, names: list[str], cells: list[str]) -> str:
    members = []
    for name, cell in zip(names, cells, strict=True):
        how = draw(st.sampled_from("nnnnntttwo"))
        value = json.dumps(cell, ensure_ascii=draw(st.booleans()))
        if how == "n" and _NUMBER.fullmatch(cell):
            value = cell
        if how == "w" and cell in ("true", "false", ""):
            value = cell or "null"
        if how != "o" or name in ("time", "model", "completion_tokens"):
            members.append(f"{json.dumps(name)}:{value}")
    return draw(st.sampled_from(_ODD)).format(",".join(members))


@FEW
@given(text=lines(), options=OPTIONS, span=SPANS, ways=WAYS)
def test_they_are_audited_alike(
    tmp_path: Path,
    pricer: Pricer,  # noqa: F811 - the fixture
    text: str,
    options: ReadingOptions,
    span: Span,
    ways: str | None,
) -> None:
    path = tmp_path / "it's [1]*.jsonl"
    path.write_text(text, encoding="utf-8")
    try:
        audit(pricer, AuditRequest.read(path, options, span=replace(span), group_by=ways))
    except UsageFileError:
        with pytest.raises(UsageFileError), closing(RowSpools(lines=False)) as spools:
            EngineBill("duckdb", [path], options, replace(span), ways).audit(pricer, spools)
        return
    ours, theirs = both(pricer, path, options, span, ways)
    assert theirs == ours


_PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", ["usage.jsonl", "usage.ndjson.gz", "usage.jsonl.zst"])
def test_the_command_reads_them(name: str) -> None:
    table = Path(usage("plain.csv", *ROWS)).read_text(encoding="utf-8").splitlines()
    names, rows = table[0].split(","), [one.split(",") for one in table[1:]]
    # Lines are numbered from one in both.
    text = "\n" + "".join(f"{json.dumps(dict(zip(names, row, strict=True)))}\n" for row in rows)
    Path(name).write_bytes(_PACKED[Path(name).suffix if name.count(".") > 1 else ""](text.encode()))
    said = [
        run("audit", file, "--engine", "duckdb", "--json", "--totals").stdout.replace(file, "F")
        for file in (name, "plain.csv")
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"time":"2026-03-01T00:00:00Z","model":"a","prompt_tokens":1}]', "is one JSON document"),
        ('{"model":"a","usage":{"prompt_tokens":1}}\n', "has a nested column, 'usage'"),
        ('{"time":"2026-03-01","model":"a","prompt_tokens":1}\r\n{}\n', "in several ways"),
        ('{"time":"2026-03-01","model":"a","prompt_tokens":1,"cost":2}\n', "has costs of its own"),
        ('{"a":1}\n', "unknown column"),
    ],
)
def test_what_is_read_in_another_way_is_refused(text: str, why: str) -> None:
    Path("usage.jsonl").write_text(text, encoding="utf-8", newline="")
    assert why in run("audit", "usage.jsonl", "--engine", "duckdb", code=2).stderr


def test_members_are_those_of_the_first_lines_that_are_objects(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a":1}\n[1]\n{"a":2,"b\'c":3\n{"b\'c":3}\n', encoding="utf-8")
    assert JsonLines(path, Reading(path, ReadingOptions())).members == ("b'c", "a")
