"""The systemd units in a Debian that systemd-nspawn boots, as the how-to installs them.

`make try-units`, after `make try-image`, whose result it takes along. The service is ready, polls,
is restarted when it is frozen, and ends well; the timer's unit runs; both with all their
restrictions. Needs root, systemd-nspawn (Debian's `systemd-container`) and Debian's packages.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pricetrail.demo.gateway import Gateway
from tests.support.histories import model
from tests.support.tree import ROOT
from tests.trials.image import outside, sh

UNITS = ROOT / "deploy" / "systemd"
CONFIG = """\
database_url = "sqlite:////var/lib/pricetrail/pricetrail.db"
[sources.pipellm]
url = "{url}"
api_key = "file:pipellm.key"
schedule = "every 1m"
"""


class Machine:
    """A booted root; it has this machine's network, so that it reaches a gateway on loopback."""

    def __init__(self, root: Path) -> None:
        boot = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot")
        with (root.parent / "boot.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*boot, "--directory", str(root)], stdout=log, stdin=subprocess.DEVNULL
            )

    def leader(self) -> int:
        """Its PID 1, as this machine knows it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def run(self, *command: str) -> str:
        """What a command in there prints."""
        enter = ("nsenter", "--target", str(self.leader()), "-m", "-p", "-u", "-i", "-C")
        done = subprocess.run([*enter, *command], capture_output=True, check=False, text=True)
        return done.stdout.strip()

    def of(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", unit, "--value", f"--property={name}")

    def wait(self, what: str, condition: Callable[[], bool], seconds: int = 60) -> None:
        """Wait until something is so, or end with the log."""
        for _ in range(seconds * 5):
            if condition():
                print(what, flush=True)
                return
            time.sleep(0.2)
        sys.exit(f"not within {seconds} s: {what}\n{self.run('journalctl', '--no-pager', '-n40')}")


@contextmanager
def booted(root: Path) -> Iterator[Machine]:
    """It, booted as far as it accepts commands; powered off at the end."""
    machine = Machine(root)
    try:
        time.sleep(1)
        up = ("running", "degraded")
        machine.wait("booted", lambda: machine.run("systemctl", "is-system-running") in up)
        yield machine
    finally:
        machine.process.send_signal(signal.SIGTERM)
        try:
            machine.process.wait(30)
        except subprocess.TimeoutExpired:
            machine.process.kill()


def install(image: Path, root: Path) -> None:
    """The image's root with systemd, a service user and the units, as docs/deploy/systemd.md."""
    sh("rm", "-rf", str(root))
    sh("cp", "-a", str(image), str(root))
    packages = "systemd systemd-sysv dbus"
    with outside(root):
        apt = f"apt-get update -qq && apt-get install -qq -y --no-install-recommends {packages}"
        sh("chroot", str(root), "userdel", "pricetrail")
        sh("chroot", str(root), "sh", "-c", apt)
    (root / "etc/sysusers.d").mkdir(exist_ok=True)
    sh("cp", str(UNITS / "pricetrail.sysusers"), str(root / "etc/sysusers.d/pricetrail.conf"))
    sh("chroot", str(root), "systemd-sysusers")
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.timer")):
        sh("cp", str(unit), str(root / "etc/systemd/system"))
    dropped = root / "etc/systemd/system/pricetrail.service.d"
    dropped.mkdir()
    # So as not to wait for a quarter of an hour.
    (dropped / "watchdog.conf").write_text("[Service]\nWatchdogSec=6s\n", encoding="utf-8")


def configure(root: Path, gateway: Gateway) -> None:
    """The configuration and the key, readable for the service's group alone."""
    folder = root / "etc/pricetrail"
    folder.mkdir()
    (folder / "pricetrail.toml").write_text(CONFIG.format(url=gateway.url), encoding="utf-8")
    (folder / "pipellm.key").write_text(f"{gateway.key}\n", encoding="utf-8")
    sh("chroot", str(root), "chgrp", "-R", "pricetrail", "/etc/pricetrail")
    sh("chmod", "-R", "u=rwX,g=rX,o=", str(folder))


def try_service(machine: Machine, gateway: Gateway) -> None:
    """Start it, freeze it, stop it."""
    name = "pricetrail.service"
    machine.run("systemctl", "start", name)
    machine.wait("ready", lambda: machine.of(name, "StatusText") == "polling 1 source")
    machine.wait("polled", lambda: gateway.requests >= 1)
    time.sleep(10)
    assert machine.of(name, "NRestarts") == "0", "restarted though it was alive"
    machine.run("systemctl", "kill", "--signal=STOP", name)
    machine.wait("restarted when frozen", lambda: machine.of(name, "NRestarts") == "1")
    machine.wait("ready again", lambda: machine.of(name, "ActiveState") == "active")
    machine.run("systemctl", "stop", name)
    assert (machine.of(name, "Result"), machine.of(name, "ActiveState")) == ("success", "inactive")


def try_timer(machine: Machine) -> None:
    """Start the timer's unit once."""
    name = "pricetrail-poll.service"
    machine.run("systemctl", "start", name)
    assert machine.of(name, "Result") == "success"
    assert machine.of(name, "ExecMainStatus") == "0"
    print("polled by the timer's unit")


def main() -> None:
    """Install, boot, try."""
    work = Path(sys.argv[1]).resolve()
    root = work / "booted"
    install(work / "1", root)
    with Gateway([model("gpt-5")]) as gateway:
        configure(root, gateway)
        with booted(root) as machine:
            try_service(machine, gateway)
            try_timer(machine)


if __name__ == "__main__":
    main()
