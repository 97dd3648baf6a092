"""Files of many sources: TOML and CSV say the same, and what is wrong names its line."""

from pathlib import Path

import pytest

from pricetrail.settings.errors import SettingsError
from pricetrail.settings.source_files import SourceFile, read

TOML = """
[sources.a]
api_key = "env:A"
labels = { team = "x" }
keep = ["/p", "/q"]

[sources.b]
api_key = "env:B"
"""
CSV = 'name,api_key,labels.team,keep\na,env:A,x,"[""/p"", ""/q""]"\nb,env:B,,\n'


def found(tmp_path: Path, name: str, text: str) -> SourceFile:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read(file, tmp_path)


def problems(tmp_path: Path, name: str, text: str) -> list[str]:
    file = found(tmp_path, name, text)
    return [
        str(problem).removeprefix(f"{tmp_path}/") for problem in file.located(list(file.problems))
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.toml", TOML),
        ("f.csv", CSV),
        ("f.CSV", "\ufeff" + CSV.replace(",", ";").replace('""; ""', '"", ""')),
        ("f.tsv", 'name\tapi_key\tlabels.team\tkeep\na\tenv:A\tx\t["/p", "/q"]\n\nb\tenv:B\n'),
    ],
)
def test_each_way_of_writing_lists_the_same(tmp_path: Path, name: str, text: str) -> None:
    if name == "f.tsv":
        text = text.replace('["/p", "/q"]', '"[""/p"", ""/q""]"')
    file = found(tmp_path, name, text)
    assert not file.problems
    assert {one.where.name: dict(one.table) for one in file.sources} == {
        "a": {"api_key": "env:A", "labels": {"team": "x"}, "keep": ["/p", "/q"]},
        "b": {"api_key": "env:B"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f.csv:1: has no column `name`"),
        ("url\nx\n", "f.csv:1: has no column `name`"),
        ("name,name\na,b\n", "f.csv:1: name: is there twice"),
        ("name,shedule\n", "f.csv:1: shedule: unknown column; did you mean schedule?"),
        ("name,labels\n", "labels: unknown column; write a column for each, such as labels.team"),
        ("name\n\n", "f.csv: lists no source"),
        ("name,url\na,b,c\n", "f.csv:2: has more cells than there are columns"),
        ("name,url\n,b\n", "f.csv:2: name: is missing"),
        ("name,url\na,b\n\na,b\n", "f.csv:4: name: is on line 2 already"),
    ],
)
def test_what_is_wrong_with_a_table_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(problems(tmp_path, "f.csv", text))


def test_a_row_may_go_over_several_lines(tmp_path: Path) -> None:
    text = 'name,url\n"a\nb",x\nc,y\nc,z\n'
    assert problems(tmp_path, "f.csv", text) == ["f.csv:5: name: is on line 4 already"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sources: write tables [sources.NAME]"),
        ("[webhooks.a]\n[sources.a]\n", "f.toml: webhooks: unknown key; there are: sources"),
        ("[sources.b]\n[sources]\na = 1\n", "f.toml:3: sources.a: write a table [sources.a]"),
    ],
)
def test_what_is_wrong_with_toml_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(problems(tmp_path, "f.toml", text))


@pytest.mark.parametrize(("name", "text"), [("f.toml", "[sources"), ("f.csv", 'name\n"a" b\n')])
def test_what_cannot_be_read_at_all_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=r"f\.(toml|csv)"):
        found(tmp_path, name, text)
