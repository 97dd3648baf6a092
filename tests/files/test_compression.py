"""Compressed files: known by their bytes, written by their names, whole or refused."""

import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.files.compression import SUFFIXES, opened, text_onto

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def packed(text: str, suffix: str) -> bytes:
    """What `text_onto` makes of a text."""
    stream = io.BytesIO()
    with text_onto(stream, suffix) as onto:
        onto.write(text)
    # The stream is left open for whoever opened it.
    return stream.getvalue()


def unpacked(content: bytes, name: str) -> bytes:
    Path(name).write_bytes(content)
    with opened(Path(name)) as stream:
        return stream.read()


@pytest.mark.parametrize("suffix", ["", ".txt", *SUFFIXES, ".GZ"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(text=st.text(st.characters(codec="utf-8"), max_size=200), times=st.integers(1, 4000))
def test_what_is_written_is_read_again(suffix: str, text: str, times: int) -> None:
    text *= times
    assert unpacked(packed(text, suffix), f"file{suffix}") == text.encode()


def test_every_suffix_has_a_form_of_its_own() -> None:
    forms = {suffix: packed("x" * 1000, suffix) for suffix in ["", *SUFFIXES]}
    assert forms[""] == b"x" * 1000
    assert len(set(forms.values())) == len(SUFFIXES) + 1
    assert all(len(forms[suffix]) < 200 for suffix in SUFFIXES)


def test_equal_texts_make_equal_files_whenever_they_are_written() -> None:
    for suffix in SUFFIXES:
        assert packed("the same", suffix) == packed("the same", suffix)
    # A gzip file's header has neither a time nor a name.
    assert packed("the same", ".gz")[3:8] == bytes(5)


@pytest.mark.parametrize("suffix", PACKERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=5))
def test_frames_one_after_the_other_are_one_file(suffix: str, parts: list[bytes]) -> None:
    frames = b"".join(map(PACKERS[suffix], parts))
    assert unpacked(frames, f"frames{suffix}") == b"".join(parts)


@pytest.mark.parametrize("suffix", PACKERS)
def test_wherever_a_file_is_cut_off_it_is_refused(suffix: str) -> None:
    whole = PACKERS[suffix](bytes(range(256)) * 8)
    for length in range(8, len(whole), 7):
        with pytest.raises(InvalidInputError, match="is damaged or cut off"):
            unpacked(whole[:length], f"cut{suffix}")


def test_xz_may_be_padded_and_zstd_may_not() -> None:
    assert unpacked(lzma.compress(b"a") + bytes(8) + lzma.compress(b"b"), "padded.xz") == b"ab"
    with pytest.raises(InvalidInputError, match="damaged or cut off"):
        unpacked(PACKERS[".zst"](b"a") + bytes(8), "padded.zst")


def test_progress_is_told_in_bytes_of_the_file_itself() -> None:
    content = gzip.compress(bytes(1_000_000))
    Path("zeros.gz").write_bytes(content)
    told: list[int] = []
    with opened(Path("zeros.gz"), told.append) as stream:
        assert len(stream.read()) == 1_000_000
    assert sum(told) == len(content)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.gz", b"plain", "a.gz is not gzip, though its name says so"),
        ("a.XZ", gzip.compress(b"x", mtime=0), "a.XZ is not xz, though its name says so"),
        ("a.zst", b"", "a.zst is not zstd, though its name says so"),
    ],
)
def test_a_name_that_lies_is_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        unpacked(content, name)


def test_a_file_that_takes_too_much_memory_is_refused_with_the_remedy() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=28)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    content = compressor.compress(b"x") + compressor.flush()
    with pytest.raises(InvalidInputError, match=r"over 128 MiB .* zstd --long=27"):
        unpacked(content, "wide.zst")


def test_what_cannot_be_opened_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"cannot read gone\.gz: No such file"):
        opened(Path("gone.gz")).__enter__()
