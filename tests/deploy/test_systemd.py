"""The units that we hand out: sound and closed by systemd's own tool, and their commands run."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.storage.schema import prepare
from tests.docs.test_pages import ROOT
from tests.jobs.stage import model
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.notify import listening

FOLDER = ROOT / "deploy" / "systemd"
SERVICES = ("pricetrail.service", "pricetrail-poll.service")
PROGRAM = "/opt/pricetrail/bin/pricetrail --config /etc/pricetrail/pricetrail.toml "
MOST_EXPOSED = 2.0


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser documents
    parser.read_string((FOLDER / name).read_text(encoding="utf-8"))
    return parser


def command(name: str) -> list[str]:
    """What a unit has pricetrail do."""
    line = unit(name)["Service"]["ExecStart"]
    assert line.startswith(PROGRAM)
    return shlex.split(line.removeprefix(PROGRAM))


def analyzed(*arguments: str) -> str:
    """What systemd-analyze says; it has nothing to complain of."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze: install Debian's package `systemd`")
    done = subprocess.run(
        [program, *arguments], capture_output=True, check=False, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_finds_the_units_sound(tmp_path: Path) -> None:
    for name in (*SERVICES, "pricetrail-poll.timer"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        # It wants to see a program where the how-to puts ours.
        (tmp_path / name).write_text(text.replace("/opt/pricetrail/bin/pricetrail", sys.executable))
    assert analyzed("verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))) == ""


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_closed_to_all_that_it_does_not_need(name: str) -> None:
    said = analyzed("security", "--offline=true", str(FOLDER / name))
    [exposed] = re.findall(r"exposure level for \S+: ([\d.]+)", said)
    assert float(exposed) <= MOST_EXPOSED


def test_both_services_are_closed_alike_and_share_one_history() -> None:
    own = {"Type", "ExecStart", "TimeoutStartSec", "TimeoutStopSec"}
    both = [{*unit(name)["Service"].items()} for name in SERVICES]
    differing = {key for key, _ in both[0] ^ both[1]}
    of_the_service = {"NotifyAccess", "ExecReload", "WatchdogSec"}
    assert {key for key in differing if not key.startswith("Restart")} <= own | of_the_service
    [user] = re.findall(r"^u (\S+)", (FOLDER / "pricetrail.sysusers").read_text(), re.MULTILINE)
    assert unit(SERVICES[0])["Service"]["User"] == user


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "pricetrail.toml"
    prepare(f"sqlite:///{tmp_path / 'pricetrail.db'}")
    return path


def configure(config: Path, gateway: Gateway) -> None:
    (config.parent / "pipellm.key").write_text(f"{gateway.key}\n", encoding="utf-8")
    config.write_text(
        f'[web]\nport = 0\n[sources.s]\nurl = "{gateway.url}"\napi_key = "file:pipellm.key"\n',
        encoding="utf-8",
    )


def run(name: str, config: Path) -> Forked:
    """A unit's own command, with another configuration."""
    return Forked(COMMAND_LINE, "--config", str(config), *command(name), folder=config.parent)


@pytest.mark.slow
def test_the_service_says_when_it_is_ready_lives_and_ends(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unit(SERVICES[0])["Service"]["Type"] == "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    with Gateway([model("m")]) as gateway, listening(str(tmp_path / "notify")) as systemd:
        configure(config, gateway)
        with run(SERVICES[0], config) as service:
            assert systemd.next() == "READY=1\nSTATUS=polling 1 source"
            assert [systemd.next() for _ in range(2)] == ["WATCHDOG=1"] * 2
            service.send_signal(signal.SIGTERM)
            _, told = service.communicate()
            assert service.wait() == 0, told
        assert systemd.heard()[-1] == "STOPPING=1\nSTATUS=finishing what is in hand"


@pytest.mark.slow
def test_the_timers_command_polls_what_is_due_in_silence(config: Path) -> None:
    assert unit(SERVICES[1])["Service"]["Type"] == "oneshot"
    with Gateway([model("m")]) as gateway:
        configure(config, gateway)
        for _ in range(2):
            with run(SERVICES[1], config) as poll:
                assert poll.communicate() == ("", "")
                assert poll.wait() == 0
        # The second run found nothing due.
        assert gateway.requests == 1
