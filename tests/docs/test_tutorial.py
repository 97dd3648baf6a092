"""The lines for cron, run by the shell that cron takes, with cron's bare environment."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT


def lines_of(page: str) -> list[tuple[str, str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^((?:\S+ ){5})(cd /srv/prices && .*)$", text, re.MULTILINE)


LINES = lines_of("docs/tutorial.md")


def test_there_is_a_line_for_every_quarter_and_one_for_every_minute() -> None:
    assert [when.strip() for when, _ in LINES] == ["*/15 * * * *", "* * * * *"]
    assert lines_of("README.md") == LINES[:1]


@pytest.mark.parametrize("line", [command for _, command in LINES])
def test_a_line_for_cron_hands_on_the_secrets_of_the_file(tmp_path: Path, line: str) -> None:
    assert "=" not in line
    # In cron a percent sign is the end of the command.
    assert "%" not in line
    folder, program = tmp_path / "prices", tmp_path / "bin" / "pricetrail"
    folder.mkdir()
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$PIPELLM_API_KEY $SLACK_WEBHOOK_URL $PWD $*"\n')
    program.chmod(0o700)
    (folder / "pricetrail.env").write_text(
        "PIPELLM_API_KEY=sk-1\nSLACK_WEBHOOK_URL='https://hooks.example.com/a?b=1&c=$d'\n"
    )
    line = line.replace("/srv/prices", str(folder))
    line = line.replace("/srv/pricetrail/.venv/bin/pricetrail", str(program))
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    key, url, place, *arguments = done.stdout.split()
    assert (key, url) == ("sk-1", "https://hooks.example.com/a?b=1&c=$d")
    assert (place, arguments[0], arguments[-1]) == (str(folder), "poll", "--quiet")
    assert done.stderr == ""
