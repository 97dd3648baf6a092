"""The reference says what the code does."""

import pytest

from tests.docs.reference.pages import FOLDER, PAGES


def test_every_page_of_the_reference_is_made_from_the_code() -> None:
    assert {path.name for path in FOLDER.iterdir()} == PAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run `make reference`"
