"""A fork is a process like any other, but for its start."""

import json
import os
import signal
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.support import doomed
from tests.support.forks import COMMAND_LINE, Forked

pytestmark = pytest.mark.slow


def test_it_has_the_folder_the_environment_and_the_arguments_of_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD", "größe")
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    program = "import os, sys, time\nprint(os.getcwd(), os.environ['ODD'], time.tzname, sys.argv)"
    with Forked(program, "a b", "ü") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out == f"{tmp_path} größe ('IST', 'IST') ['-c', 'a b', 'ü']\n"
    monkeypatch.delenv("ODD")
    with Forked("import os\nassert 'ODD' not in os.environ") as process:
        assert process.wait() == 0


def test_it_ends_as_an_interpreter_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    last = "import atexit, threading, time\natexit.register(print, 'at exit')\n"
    thread = "threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()\n"
    with Forked(f"{last}{thread}raise SystemExit('a word')") as process:
        assert process.communicate() == ("thread\nat exit\n", "a word\n")
        assert process.returncode == 1
    with Forked("1 / 0") as process:
        assert process.communicate()[1].splitlines()[-1].startswith("ZeroDivisionError")
        assert process.returncode == 1
    with Path("/dev/full").open("wb") as full, Forked("print(1)", stdout=full.fileno()) as process:
        assert "No space left" in process.communicate()[1]
        assert process.returncode == 120


def test_it_is_killed_by_a_signal_and_no_other_with_it() -> None:
    waiting = "import signal\nsignal.pause()"
    with Forked(waiting) as one, Forked(waiting) as other:
        one.send_signal(signal.SIGTERM)
        assert one.wait() == -signal.SIGTERM
        with pytest.raises(AssertionError, match="still running"):
            other.wait(0.1)
        assert not other.ends_within(0)
        other.kill()
        assert other.wait() == -signal.SIGKILL
        assert other.ends_within(0)


def test_it_is_none_of_its_siblings_and_holds_none_of_their_files() -> None:
    program = "import os\nprint(os.getpid(), sorted(os.listdir('/proc/self/fd')))"
    with Forked(program) as one, Forked(program) as other:
        (pid, _, files), (another, _, others) = (
            process.communicate()[0].partition(" ") for process in (one, other)
        )
    assert len({os.getpid(), int(pid), int(another)}) == 3
    assert files == others


def test_it_goes_on_from_what_was_done_before_it_was_forked(tmp_path: Path) -> None:
    where = doomed.Order(url=f"sqlite:///{tmp_path / 'x.db'}", receiver="", notes="", rounds=1)
    warmed = ("tests.support.doomed", json.dumps(asdict(where)))
    program = "import sys\nprint('tests.support.doomed' in sys.modules)"
    for words, known in ((warmed, "True"), ((), "False")):
        with Forked(program, warmed=words) as process:
            assert process.communicate() == (f"{known}\n", "")
    assert (tmp_path / "x.db").exists()


def test_the_command_line_runs_in_it() -> None:
    with Forked(COMMAND_LINE, "snapshots") as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (3, "")
    assert err.startswith("pricetrail: ")
    assert "no database" in err
