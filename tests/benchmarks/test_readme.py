from pathlib import Path

import pytest

from benchmarks import readme
from benchmarks.__main__ import TITLES
from benchmarks.tables import Row

PAGE = Path(__file__).parents[2] / "benchmarks" / "README.md"


def test_only_the_table_that_was_measured_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(
        "before\n<!-- measured: a -->\nold a\n<!-- end: a -->\n"
        "<!-- measured: b -->\nold b\n<!-- end: b -->\n",
        encoding="utf-8",
    )
    readme.write(page, "a", [Row("what", 1.5, "x")])
    readme.write(page, "a", [Row("what", 2.5, "x")])
    text = page.read_text(encoding="utf-8")
    assert "| what | 2.5 | x | | |" in text
    assert "old a" not in text
    assert "1.5" not in text
    assert text.startswith("before\n")
    assert text.endswith("old b\n<!-- end: b -->\n")


def test_a_page_without_the_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(ValueError, match="measured: a"):
        readme.write(page, "a", [])
    assert page.read_text(encoding="utf-8") == "nothing\n"


@pytest.mark.parametrize("name", TITLES)
def test_the_page_has_a_place_for_every_benchmark(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(f"<!-- measured: {name} -->") == 1
    assert text.count(f"<!-- end: {name} -->") == 1
