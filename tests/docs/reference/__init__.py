"""The reference of the docs, made from the code: `make reference` writes it anew."""

from collections.abc import Iterable, Sequence

NOTE = "<!-- Made from the code by `make reference`: change that. -->"


def page(title: str, lead: str, parts: Iterable[str]) -> str:
    """A page of Markdown, ended by one newline."""
    return "\n\n".join([f"# {title}", NOTE, lead, *parts]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; empty where there is no row."""
    lines = [_row([_cell(value) for value in row]) for row in rows]
    return "\n".join([_row(columns), _row(["---"] * len(columns)), *lines]) if lines else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
