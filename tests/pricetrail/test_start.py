"""What a command imports, which is what it costs to start: from cron every one of them pays it.

Modules are counted, not seconds: those of this program and of libraries that a bare `import
sqlalchemy`, or `import sqlalchemy, httpx`, has not. A test that fails tells which came in; what
brought one in, and what each costs, shows

    python -X importtime -m pricetrail price gpt-5

Load what few runs need where it is used: a module of its own, imported by the function that
calls it.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.commands.registry import REGISTRY
from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import made_up_history
from tests.support.histories import model

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {entry.module for entry in REGISTRY}
LIBRARIES = ("alembic", "apprise", "deepdiff", "psycopg", "pydantic", "rich", "stamina")
ONLY_TO_POLL = ("httpx", "httpcore", "h11", "pricetrail.jobs.polls", "pricetrail.settings.sources")
CHANNELS = ("pricetrail.alerts.channels", "pricetrail.alerts.report", "pricetrail.text.phrases")
POSTGRES = "sqlalchemy.dialects.postgresql"
CONFIG = """\
[sources.s]
url = "{}"
api_key = "env:KEY"
[webhooks.people]
url = "https://hooks.slack.com/services/T/B/x"
format = "slack"
[webhooks.program]
url = "https://example.com/hook"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjXx"]
"""
# At most so many modules of this program, and of libraries.
HELP, COMPLETION, PRICE, POLL = (28, 13), (9, 13), (89, 26), (164, 55)


def modules_after(*lines: str, **environment: str) -> frozenset[str]:
    """What a fresh process has imported once it has run these command lines, one by one."""
    program = (
        "import sys\nfrom pricetrail.__main__ import main\n"
        f"for line in {lines!r}:\n"
        "    sys.argv = ['pricetrail', *line.split()]\n"
        "    try:\n        main()\n"
        "    except SystemExit as end:\n        assert not end.code, line\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    return _modules_of(program, environment)


@cache
def bare(libraries: str) -> frozenset[str]:
    """What a process has that imports these alone."""
    return _modules_of(f"import sys, {libraries}\nprint(*sys.modules, file=sys.stderr)", {})


def _modules_of(program: str, environment: dict[str, str]) -> frozenset[str]:
    # What measures coverage would be imported there, too, and more of the library with it.
    mine = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        env=mine | {"PYTHONPATH": str(ROOT)} | environment,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return frozenset(done.stderr.split())


def expect_at_most(ceiling: tuple[int, int], imported: frozenset[str], libraries: str = "") -> None:
    """Fail where more modules came in than a command may have; say which there are."""
    known = bare(libraries) if libraries else frozenset()
    more = {name for name in imported - known if not _is_of_python(name)}
    ours = sorted(name for name in more if name.partition(".")[0] == "pricetrail")
    others = sorted(more - set(ours))
    told = f"more than enough; see the head of this file. There are {' '.join([*ours, *others])}"
    assert len(ours) <= ceiling[0], told
    assert len(others) <= ceiling[1], told


def _is_of_python(name: str) -> bool:
    top = name.partition(".")[0]
    installed = top.startswith("_sysconfigdata") or top in ("__main__", "_distutils_hack", "org")
    return installed or top in sys.stdlib_module_names


def loaded(imported: frozenset[str], *names: str) -> list[str]:
    """Which of some packages, or modules, were imported."""
    return [name for name in names if any(f"{each}.".startswith(f"{name}.") for each in imported)]


def test_a_help_imports_no_command_and_no_library_but_click() -> None:
    imported = modules_after("--version", "-h", "--help")
    assert not imported & COMMANDS
    assert not loaded(imported, *LIBRARIES, *ONLY_TO_POLL, "sqlalchemy")
    expect_at_most(HELP, imported)


def test_a_completion_imports_no_command_and_no_library_but_click() -> None:
    imported = modules_after(
        "", _PRICETRAIL_COMPLETE="bash_complete", COMP_LINE="pricetrail pr", COMP_WORDS="pricetrail"
    )
    assert not imported & COMMANDS
    assert not loaded(imported, *LIBRARIES, *ONLY_TO_POLL, "sqlalchemy")
    expect_at_most(COMPLETION, imported)


def test_a_price_imports_nothing_that_polls_or_sends() -> None:
    made_up_history()
    Path("pricetrail.toml").write_text(CONFIG.format("https://example.com"), encoding="utf-8")
    imported = modules_after("price gpt-5")
    assert imported & COMMANDS == {"pricetrail.commands.price"}
    assert not loaded(imported, *LIBRARIES, *ONLY_TO_POLL, *CHANNELS, POSTGRES)
    assert not loaded(imported, "pricetrail.alerts", "pricetrail.catalog.events")
    expect_at_most(PRICE, imported, "sqlalchemy")


def test_no_question_imports_a_channel_or_what_only_polls_need() -> None:
    made_up_history()
    Path("pricetrail.toml").write_text(CONFIG.format("https://example.com"), encoding="utf-8")
    imported = modules_after("history gpt-5", "models", "snapshots", "events", "coverage", "head")
    assert not loaded(imported, *LIBRARIES, *ONLY_TO_POLL, CHANNELS[0], CHANNELS[1], POSTGRES)


def test_a_poll_that_finds_nothing_new_imports_nothing_that_compares_or_sends() -> None:
    with Gateway([model("gpt-5")], key="k") as gateway:
        Path("pricetrail.toml").write_text(CONFIG.format(gateway.url), encoding="utf-8")
        first = CliRunner().invoke(main, ["poll"], env={"KEY": "k"})
        assert first.exit_code == 0, first.output
        imported = modules_after("poll", KEY="k")
    assert imported & COMMANDS == {"pricetrail.commands.poll"}
    assert not loaded(imported, *LIBRARIES, *CHANNELS, POSTGRES)
    assert not loaded(imported, "pricetrail.catalog.diffs", "pricetrail.storage.history")
    expect_at_most(POLL, imported, "sqlalchemy, httpx")
