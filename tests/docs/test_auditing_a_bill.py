"""The worked examples of auditing and of reconciling a bill: every file, and every output."""

import pytest

from tests.docs.worked import DOCS, play


@pytest.mark.parametrize(
    ("name", "commands"), [("auditing-a-bill.md", 3), ("reconciling-a-bill.md", 2)]
)
@pytest.mark.usefixtures("_database")
def test_every_command_prints_what_the_page_says(name: str, commands: int) -> None:
    assert play(DOCS / name) == commands
