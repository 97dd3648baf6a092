"""Formats are told apart by their columns, whatever their order, case and separator."""

import csv
import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.audit.usage.formats import registry
from pricetrail.audit.usage.formats.format import key
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.rows import UsageRow
from tests.audit.usage.formats.examples import FOLDER, example, read

TABLES = sorted(path for path in FOLDER.glob("*.csv"))
FILES = sorted(FOLDER.iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_example_is_recognised_and_can_be_named(path: Path) -> None:
    rows, reading = read(path)
    assert reading.name == path.stem
    named, _ = read(path, ReadingOptions(format=path.stem))
    assert named == rows


def test_every_format_has_an_example_and_a_page() -> None:
    assert {path.stem for path in FILES} == {*registry.FORMATS, registry.ANSWERS}


def test_no_example_has_the_marks_of_another_format() -> None:
    for path in TABLES:
        head = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        keys = [key(name) for name in head]
        assert [each.name for each in registry.FORMATS.values() if each.holds(keys)] == [path.stem]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(TABLES),
    st.randoms(use_true_random=False),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([str.lower, str.upper, str.title, lambda name: name.replace("_", " ")]),
)
def test_order_case_and_separator_say_nothing(
    path: Path, chance: random.Random, separator: str, cased: object
) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        table = list(csv.reader(stream))
    order = list(range(len(table[0])))
    chance.shuffle(order)
    names = [cased(name) for name in table[0]]  # type: ignore[operator]  # each of them is a function
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([row[n] for n in order] for row in (names, *table[1:]))
    Path("shuffled.csv").write_text(out.getvalue(), encoding="utf-8-sig")
    rows, reading = read(Path("shuffled.csv"))
    expected, _ = read(path)
    assert reading.name == path.stem
    assert rows == expected


def test_nothing_of_ours_is_taken_for_an_export() -> None:
    own = "time,model,prompt_tokens,completion_tokens,cache_read_tokens,requests,cost,team,user"
    assert registry.recognise(own.split(",")) is None
    assert registry.recognise([]) is None
    assert registry.nearest(["colour", "shape"]) is None


def test_utf_16_as_excel_saves_it_is_the_same() -> None:
    text = example("anthropic-console.csv").read_text(encoding="utf-8")
    Path("console.csv").write_bytes(text.replace(",", "\t").encode("utf-16"))
    rows, reading = read(Path("console.csv"))
    assert reading.name == "anthropic-console"
    assert all(isinstance(row, UsageRow) for row in rows)
