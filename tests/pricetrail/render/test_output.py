"""What people see, and what programs read."""

import io
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.render import line, note, output, print_json, progress, raw, table


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_table_is_aligned_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    table(("model", "version"), [("gpt-5", 7), ("a", 1842)])
    assert shown(capsys) == ["model  version", "gpt-5        7", "a         1842"]


def test_what_is_missing_is_a_dash_and_still_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    table(("n",), [(None,), (12,)])
    assert shown(capsys) == [" n", " –", "12"]


def test_in_a_pipe_a_row_is_one_line_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    table(("a", "b"), [("x" * 300, "end")])
    assert shown(capsys)[1] == "x" * 300 + "  end"


def test_names_from_outside_cannot_write_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table(("model",), [("\x1b[31mred\r\n\u202e[bold]x[/bold]",)])
    text = "\n".join(shown(capsys))
    assert not {"\x1b", "\r", "\u202e"} & set(text)
    assert "[bold]x[/bold]" in text


def test_an_indent_of_ours_stays(capsys: pytest.CaptureFixture[str]) -> None:
    table(("what", "n"), [("all", 3), ("  new", 1)], title="Title")
    assert shown(capsys) == ["Title", "what   n", "all    3", "  new  1"]


def test_json_keeps_every_digit(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"amount": Decimal("0.00000250"), "id": "é"})
    assert capsys.readouterr().out == '{"amount":0.00000250,"id":"é"}\n'


def test_answers_and_notes_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    line("answer")
    note("beside")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("answer\n", "beside\n")


def test_lines_and_notes_are_inert_and_keep_their_layout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line("  gpt-\x1b[31m5\u202e  x\n\n    y")
    note("\x9b1mz")
    told = capsys.readouterr()
    assert told.out == "  gpt-\ufffd[31m5\ufffd  x\n\n    y\n"
    assert told.err == "\ufffd1mz\n"


def test_what_programs_read_is_letter_for_letter(capsys: pytest.CaptureFixture[str]) -> None:
    raw('{"id":"\u202e  x"}')
    assert capsys.readouterr().out == '{"id":"\u202e  x"}\n'


def test_a_bar_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("importing", 10) as bar:
        bar.advance(10)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_a_bar_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress("importing", 10) as bar:
        bar.advance(10)
    assert "importing" in screen.getvalue()
    assert "100%" in screen.getvalue()


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(document=DOCUMENTS, piece=st.integers(1, 30))
def test_a_document_in_pieces_is_the_same_document(document: Any, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "_PIECE", piece)
        patch.setattr(sys, "stdout", told := io.StringIO())
        print_json(document)
        assert told.getvalue() == printable(dumps(document)) + "\n"
        if isinstance(document, dict):
            lists = {name for name, value in document.items() if isinstance(value, list)}
            patch.setattr(sys, "stdout", told := io.StringIO())
            print_json(
                {name: iter(value) if name in lists else value for name, value in document.items()}
            )
            assert told.getvalue() == printable(dumps(document)) + "\n"


def test_a_long_array_is_written_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    made, written = [0], io.StringIO()
    ahead = []

    def members() -> Iterator[str]:
        for _ in range(10_000):
            made[0] += 1
            ahead.append(102 * made[0] - written.tell())
            yield "x" * 99

    monkeypatch.setattr(sys, "stdout", written)
    print_json({"lines": members(), "end": 1})
    assert max(ahead) <= 2 * output._PIECE
    assert len(json.loads(written.getvalue())["lines"]) == 10_000


def test_what_fails_at_once_leaves_nothing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        print_json({"first": 1, "lines": (1 // n for n in (1, 0))})
    assert capsys.readouterr().out == ""
