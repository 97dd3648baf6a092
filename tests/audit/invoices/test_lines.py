"""The lines of invoices, whatever they are kept in."""

import gzip
from pathlib import Path

import pytest

from pricetrail.audit.invoices.lines import lines
from pricetrail.catalog.errors import InvalidInputError


def found(name: str, text: str) -> list[dict[str, object]]:
    Path(name).write_text(text, encoding="utf-8")
    return [members for _, members in lines(Path(name))]


def test_names_are_plain_and_nested_amounts_flat() -> None:
    assert found("i.csv", "Model Name,Amount-Value\na,1\n") == [
        {"model_name": "a", "amount_value": "1"}
    ]
    assert found("i.json", '{"Amount": {"value": 1, "Currency": "usd"}}') == [
        {"amount_value": 1, "amount_currency": "usd"}
    ]


def test_a_list_of_objects_and_lines_without_their_name_are_read() -> None:
    assert found("i.json", '[{"model": "a"}, {"model": "b"}]') == [{"model": "a"}, {"model": "b"}]
    assert found("i", '{"model": "a"}\n\n{"model": "b"}\n') == [{"model": "a"}, {"model": "b"}]


def test_compressed_pages_are_read_with_where_they_stand() -> None:
    page = b'{"data":[{"starting_at":"2026-03-01","results":[{"model":"a"},{"model":"b"}]},5]}\n'
    Path("i.jsonl.gz").write_bytes(gzip.compress(page))
    assert list(lines(Path("i.jsonl.gz"))) == [
        ("i.jsonl.gz:1: data 1: result 1", {"starting_at": "2026-03-01", "model": "a"}),
        ("i.jsonl.gz:1: data 1: result 2", {"starting_at": "2026-03-01", "model": "b"}),
    ]


def test_what_holds_no_lines_is_refused() -> None:
    for text in ("[1]", '[{"model": "a"}, 2]', "[[]]"):
        with pytest.raises(InvalidInputError, match="no JSON object"):
            found("i.json", text)
    with pytest.raises(InvalidInputError, match="gone"):
        list(lines(Path("gone.csv")))
