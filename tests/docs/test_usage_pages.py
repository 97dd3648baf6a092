"""Every format of usage has a page that names each column that something is done with."""

import re
from pathlib import Path

import pytest

from pricetrail.audit.usage.columns import IGNORED
from pricetrail.audit.usage.formats.format import key
from pricetrail.audit.usage.formats.registry import ANSWERS, FORMATS, NAMES
from pricetrail.audit.usage.json_stream import LISTS
from pricetrail.audit.usage.options import ROLES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "usage"
INDEX = (FOLDER / "index.md").read_text(encoding="utf-8")


def words(text: str) -> set[str]:
    """What stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def test_the_index_names_every_format_and_role() -> None:
    assert set(NAMES) <= words(INDEX)
    assert {path.stem for path in FOLDER.glob("*.md")} == {*FORMATS, ANSWERS, "index"}
    said = words(INDEX[INDEX.index("Roles:") : INDEX.index("## How much memory")])
    assert set(ROLES) - said <= {"input_audio_tokens", "output_audio_tokens"}
    assert said <= set(ROLES)


def test_the_index_names_lists_that_are_read() -> None:
    said = words(INDEX[INDEX.index("the lists are") : INDEX.index("or the document is a list")])
    assert said <= LISTS


@pytest.mark.parametrize("name", FORMATS)
def test_a_page_names_each_column_that_something_is_done_with(name: str) -> None:
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# `{name}`: ")
    assert "**To get it:**" in page
    linked = re.findall(r"\]\(([a-z-]+)\.md\)", page) if name == "openai-api" else []
    pages = [page, *((FOLDER / f"{other}.md").read_text(encoding="utf-8") for other in linked)]
    # A member of an object is named with it, and a column of a page's own as the page has it.
    said = {
        key(part) for text in pages for word in words(text) for part in re.split(r"[.\[\]{}]", word)
    }
    done = {column for column, role in FORMATS[name].columns.items() if role != IGNORED}
    assert done - said == set()
