"""`pricetrail completion`: the script, as a shell takes it in."""

import pytest

from pricetrail.completion.shells import SHELLS, script
from tests.pricetrail.commands.running import refused, shown


@pytest.mark.parametrize("shell", SHELLS)
def test_it_prints_the_script_of_a_shell(shell: str) -> None:
    assert shown("completion", shell) == script(shell) + "\n"


def test_another_shell_is_refused_with_those_that_there_are() -> None:
    assert "'bash', 'zsh', 'fish'" in refused(2, "completion", "tcsh")
