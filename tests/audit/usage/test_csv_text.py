"""CSV as spreadsheets write it."""

from pathlib import Path

import pytest

from pricetrail.audit.usage import csv_text
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.rows import Row, UsageRow
from pricetrail.catalog.errors import PricetrailError

ROW = "2026-03-01T10:00:00Z,m,12\r\n"
TEXT = "time,model,prompt_tokens\r\n" + ROW


def read(body: bytes, name: str = "usage.csv") -> list[Row]:
    Path(name).write_bytes(body)
    return list(UsageTable(Path(name)).read())


@pytest.mark.parametrize("length", [131_072, 131_073, 1_000_000])
def test_a_cell_may_be_long(length: int) -> None:
    text = f"time,model,prompt_tokens,note\n2026-03-01T10:00:00Z,m,12,{'x' * length}\n"
    (found,) = read(text.encode())
    assert isinstance(found, UsageRow)


def test_a_quote_that_is_left_open_does_not_fill_the_memory() -> None:
    text = 'time,model,prompt_tokens\n2026-03-01,m,"' + "x" * 1023 * 1024 + "\n" * 1024
    with pytest.raises(PricetrailError, match="is a quote left open"):
        read((text + ("x" * 1023 + "\n") * 16 * 1024).encode())


@pytest.mark.parametrize("mark", ["sep=;\r\n", '"sep=;"\r\n', "SEP=;\n", "\ufeffsep=;\r\n\r\n"])
def test_excels_first_line_names_the_separator(mark: str) -> None:
    text = mark + TEXT.replace(",", ";")
    (found,) = read(text.encode())
    assert isinstance(found, UsageRow)
    assert found.line == text.count("\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_byte_order_mark_tells_the_encoding(encoding: str, separator: str) -> None:
    (found,) = read(TEXT.replace(",", separator).encode(encoding))
    assert isinstance(found, UsageRow)


def test_json_lines_may_be_utf_16_too() -> None:
    line = '{"time":"2026-03-01T10:00:00Z","model":"m","prompt_tokens":12}\n'
    for name in ("usage.jsonl", "usage"):
        (found,) = read((line).encode("utf-16"), name)
        assert isinstance(found, UsageRow)


@pytest.mark.parametrize("name", ["usage.csv", "usage.jsonl"])
def test_utf_16_that_is_cut_off_is_refused(name: str) -> None:
    with pytest.raises(PricetrailError, match="is not UTF-8: save it as UTF-8"):
        read((TEXT if name.endswith("csv") else "{}\n").encode("utf-16") + b"x", name)


def test_blank_lines_and_empty_rows_are_no_rows() -> None:
    found = read(f"\r\n\r\n{TEXT}\r\n,,\r\n   \r\n{ROW}".encode())
    assert [row.line for row in found] == [4, 8]


@pytest.mark.parametrize("name", ["usage.csv", "usage.jsonl"])
def test_what_never_ends_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_MAX_BLANK", 100)
    begun, more = (TEXT, ROW) if name.endswith("csv") else ("{}\n", "{}\n")
    assert len(read((begun + "\n" * 99 + more).encode(), name)) == 2
    for text in (begun + "\n" * 200, "\n" * 200):
        with pytest.raises(PricetrailError, match="over 100 blank lines in a row"):
            read(text.encode(), name)


def test_a_line_that_never_ends_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_MAX_ROW", 1000)
    with pytest.raises(PricetrailError, match="a line of more than 32 MiB: is a quote left open"):
        read(f"{TEXT}\n{ROW}{'9' * 2000}\n".encode())


def test_the_nameless_index_of_a_data_frame_is_nothing() -> None:
    (found,) = read(f",{TEXT}".replace("2026", "0,2026").encode())
    assert isinstance(found, UsageRow)
    assert found.used == {"prompt": 12}
