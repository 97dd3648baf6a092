"""A man page for each command, with its summary whole, its options and its examples."""

from pathlib import Path

import pytest

from tests.support.forks import Forked

pytestmark = pytest.mark.slow


def test_each_command_has_a_page(tmp_path: Path) -> None:
    # Elsewhere: the commands' texts are made roff's on the way.
    program = "import runpy\nrunpy.run_module('tests.packaging.man_pages', run_name='__main__')"
    with Forked(program, str(tmp_path)) as process:
        assert process.wait() == 0, process.told()
    pages = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.1")}
    assert {"pricetrail", "pricetrail-price", "pricetrail-webhooks-preview"} < pages.keys()
    assert r"See \fBpricetrail-webhooks-preview(1)\fP" in pages["pricetrail-webhooks"]
    events = pages["pricetrail-events"]
    assert r"such as 'gpt-*'; \e* is the sign itself." in events
    assert ".SH EXAMPLES\n.nf\n  pricetrail events --since 3d" in events
    assert not any("\b" in page for page in pages.values())
