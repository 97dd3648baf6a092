"""What bash is told of a line that somebody is writing."""

import pytest

from pricetrail.completion.shells import VARIABLE, _Bash
from pricetrail.completion.tree import program


def answers(line: str, kind: str = "plain") -> list[str]:
    """The completions at the end of a line; `file` for the shell's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMP_LINE", line)
        told = _Bash(program(), {}, "pricetrail", VARIABLE).complete()
    found = (answer.partition(",") for answer in told.splitlines())
    return [value for what, _, value in found if what == kind]
