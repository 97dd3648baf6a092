"""Files that are whole or not there at all, whoever else is in their folder."""

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.files import atomic
from pricetrail.files.atomic import (
    SHARED,
    Target,
    TargetExistsError,
    UnwritableError,
    creating,
    is_open_ended,
    replacing,
)

ROOT = Path(__file__).resolve().parents[2]
Writer = Callable[[Target], AbstractContextManager[BinaryIO]]


def new(target: Target) -> AbstractContextManager[BinaryIO]:
    return creating(target, SHARED)


WRITERS = (replacing, new)


def target(name: str) -> Target:
    return Target(Path(name))


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(name: str) -> int:
    return stat.S_IMODE(Path(name).stat().st_mode)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_file_has_its_name_once_it_is_whole(writer: Writer) -> None:
    with writer(target("x.csv")) as stream:
        stream.write(b"some")
        [part] = names()
        assert part not in ("x.csv", ".x.csv.part")
        assert mode(part) & 0o022 == 0
    assert names() == ["x.csv"]
    assert Path("x.csv").read_bytes() == b"some"


@pytest.mark.parametrize("writer", WRITERS)
def test_what_fails_half_way_leaves_what_was_there(writer: Writer) -> None:
    if writer is replacing:
        Path("x.csv").write_bytes(b"old")
    before = names()
    with pytest.raises(ZeroDivisionError), writer(target("x.csv")) as stream:
        stream.write(b"1" * (1 // 0))
    assert names() == before
    assert not before or Path("x.csv").read_bytes() == b"old"


def test_a_name_is_never_the_same_twice() -> None:
    seen = set()
    for _ in range(20):
        with replacing(target("x.csv")) as stream:
            seen.add(stream.name)
    assert len(seen) == 20


@given(before=st.integers(0, 0o777), umask=st.sampled_from([0o000, 0o022, 0o027, 0o077]))
def test_a_file_that_is_replaced_keeps_its_mode(
    tmp_path_factory: pytest.TempPathFactory, before: int, umask: int
) -> None:
    path = tmp_path_factory.mktemp("modes") / "x.csv"
    path.touch()
    path.chmod(before)
    os.umask(umask)
    with replacing(Target(path)) as stream:
        # Meanwhile nobody else reads what the old file would have kept from them.
        assert stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o077 == 0
    assert stat.S_IMODE(path.stat().st_mode) == before


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o177])
def test_a_new_file_has_the_mode_that_the_umask_leaves(umask: int) -> None:
    os.umask(umask)
    for number, writer in enumerate(WRITERS):
        with writer(target(f"{number}.csv")):
            pass
        assert mode(f"{number}.csv") == 0o666 & ~umask
    with creating(target("own.toml"), atomic.PRIVATE):
        pass
    assert mode("own.toml") == 0o600 & ~umask


def test_a_link_is_replaced_and_not_followed() -> None:
    Path("victim").write_bytes(b"mine")
    Path("x.csv").symlink_to("victim")
    with replacing(target("x.csv")) as stream:
        stream.write(b"some")
    assert Path("victim").read_bytes() == b"mine"
    assert not Path("x.csv").is_symlink()


def test_two_at_once_to_one_name_both_succeed() -> None:
    both = threading.Barrier(2)

    def write(text: bytes) -> None:
        with replacing(target("x.csv")) as stream:
            both.wait(30)
            stream.write(text * 100_000)
            both.wait(30)

    threads = [threading.Thread(target=write, args=(text,)) for text in (b"a", b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Path("x.csv").read_bytes() in (b"a" * 100_000, b"b" * 100_000)
    assert names() == ["x.csv"]


@pytest.mark.parametrize("there", ["file", "link to nowhere", "folder"])
def test_what_must_be_new_never_replaces_anything(there: str) -> None:
    path = Path("x.csv")
    match there:
        case "file":
            path.write_bytes(b"mine")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("nowhere")
    with pytest.raises(TargetExistsError, match=r"x\.csv already exists"), new(target("x.csv")):
        pass
    assert names() == ["x.csv"]


def test_what_must_be_new_does_not_replace_what_came_meanwhile() -> None:
    with pytest.raises(TargetExistsError), new(target("x.csv")):
        Path("x.csv").write_bytes(b"mine")
    assert Path("x.csv").read_bytes() == b"mine"
    assert names() == ["x.csv"]


def test_a_file_system_without_hard_links_does_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    with new(target("x.csv")) as stream:
        stream.write(b"some")
    assert (names(), Path("x.csv").read_bytes()) == (["x.csv"], b"some")
    with pytest.raises(TargetExistsError), new(target("y.csv")):
        Path("y.csv").touch()


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/x.csv", "its folder does not exist"),
        ("file/x.csv", "what should be its folder is a file"),
        ("a" * 256, "its name is too long"),
        ("é" * 128, "its name is too long"),
        ("/proc/x.csv", "cannot write /proc/x.csv"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_one_line(
    writer: Writer, name: str, said: str
) -> None:
    Path("file").touch()
    with pytest.raises(UnwritableError, match=said) as refusal, writer(target(name)):
        pytest.fail("nothing may be worked out for it")
    assert "\n" not in str(refusal.value)
    assert names() == ["file"]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["a" * 255, "é" * 127, "-x", "a\nb"])
def test_every_name_that_a_file_can_have_will_do(writer: Writer, name: str) -> None:
    with writer(target(name)) as stream:
        stream.write(b"some")
    assert names() == [name]


def test_a_full_disk_is_one_line_and_leaves_nothing() -> None:
    Path("x.csv").write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with (
            pytest.raises(UnwritableError, match=r"cannot write x\.csv: "),
            replacing(target("x.csv")) as stream,
        ):
            stream.write(b"x" * 1_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (names(), Path("x.csv").read_bytes()) == (["x.csv"], b"old")


def test_a_pipe_is_written_as_it_comes() -> None:
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    with replacing(target("pipe")) as stream:
        stream.write(b"some")
    reader.join()
    assert (read, names()) == ([b"some"], ["pipe"])


def test_a_device_stays_a_device() -> None:
    with replacing(target("/dev/null")) as stream:
        stream.write(b"some")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    with (
        pytest.raises(UnwritableError, match="the disk is full"),
        replacing(target("/dev/full")) as stream,
    ):
        stream.write(b"some")


@pytest.mark.parametrize(
    ("name", "open_ended"),
    [
        ("/dev/null", True),
        ("/dev/stdout", True),
        ("/dev/fd/1", True),
        ("/proc/self/fd/1", True),
        ("/dev", False),
        ("/dev/shm", False),
        ("/proc/self/status", False),
        ("/proc/self/fd", False),
        ("x.csv", False),
        ("a" * 256, False),
    ],
)
def test_only_what_no_file_can_replace_is_written_as_it_comes(name: str, open_ended: bool) -> None:
    assert is_open_ended(Path(name)) == open_ended


def test_an_open_file_named_by_its_number_goes_on_where_it_was() -> None:
    with Path("out").open("wb", buffering=0) as out:
        out.write(b"head ")
        with replacing(target(f"/proc/self/fd/{out.fileno()}")) as stream:
            stream.write(b"some")
    assert (names(), Path("out").read_bytes()) == (["out"], b"head some")


_HALF = """
import sys, time
from pathlib import Path
from pricetrail.files.atomic import Target, replacing
with replacing(Target(Path("x.csv"))) as stream:
    stream.write(b"half")
    stream.flush()
    print("half", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def half_way() -> "Iterator[subprocess.Popen[str]]":
    """Another process in the middle of a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HALF],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def parts() -> list[str]:
    return [name for name in names() if name.endswith(".part")]


def test_what_a_killed_run_left_is_swept_and_what_is_in_use_is_not(
    half_way: "subprocess.Popen[str]",
) -> None:
    [left] = parts()
    for _ in range(2):
        with replacing(target("x.csv")) as stream:
            stream.write(b"whole")
            assert left in parts()
    half_way.send_signal(signal.SIGKILL)
    half_way.wait()
    Path(f"{left}-journal").touch()
    with replacing(target("y.csv")):
        pass
    assert names() == ["x.csv", "y.csv"]


def test_a_killed_run_whose_end_nobody_heard_of_is_swept_too(
    half_way: "subprocess.Popen[str]",
) -> None:
    [left] = parts()
    half_way.kill()
    os.waitid(os.P_PID, half_way.pid, os.WEXITED | os.WNOWAIT)
    with replacing(target("y.csv")):
        assert left not in parts()


def test_only_what_is_ours_is_swept(half_way: "subprocess.Popen[str]") -> None:
    [left] = parts()
    half_way.kill()
    half_way.wait()
    Path("mine").write_bytes(b"mine")
    for name in (".x.csv.part", ".pricetrail.part", f"{left}.old", f"a{left}"):
        Path(name).touch()
    linked = left.replace(".part", "")[:-1] + "0.part"
    Path(linked).unlink(missing_ok=True)
    Path(linked).symlink_to("mine")
    before = {name for name in names() if name not in (left, linked)}
    with replacing(target("mine2")):
        pass
    assert before <= set(names())
    assert Path(linked).is_symlink()
    assert Path("mine").read_bytes() == b"mine"


def test_what_another_machine_left_is_swept_after_a_day(half_way: "subprocess.Popen[str]") -> None:
    half_way.kill()
    half_way.wait()
    [left] = parts()
    here = left.split("-")[1]
    there = Path(left.replace(here, "00000000"))
    Path(left).rename(there)
    with replacing(target("x.csv")):
        pass
    assert there.exists()
    old = time.time() - 25 * 3600
    os.utime(there, (old, old))
    with replacing(target("x.csv")):
        pass
    assert names() == ["x.csv"]


def test_a_number_that_was_another_process_s_before_protects_nothing() -> None:
    with replacing(target("x.csv")) as stream:
        name = Path(stream.name).name
        with replacing(target("y.csv")):
            pass
        assert Path(name).exists()
    Path(name).touch()
    with replacing(target("z.csv")):
        pass
    assert names() == ["x.csv", "y.csv", "z.csv"]
