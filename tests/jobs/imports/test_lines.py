"""JSON lines, compressed or not: read as they come, and refused with file, line and remedy."""

import gzip
import lzma
import zlib
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import utc
from pricetrail.files.compression import opened
from pricetrail.jobs.imports import lines
from pricetrail.jobs.imports.observations import Item, Observation, Unreadable

pytestmark = pytest.mark.slow

LINE = '{"observed_at":"2026-11-23T10:00:00Z","payload":{"object":"list","data":[],"total":0}}\n'
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def written(content: bytes | str, name: str = "history.jsonl") -> Path:
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def only(content: bytes | str) -> Item:
    (item,) = lines.read(written(content))
    return item


def body(content: str) -> bytes:
    item = only(content)
    assert isinstance(item, Observation), item
    return item.body


@pytest.mark.parametrize("suffix", PACKERS)
def test_files_are_read_whatever_they_are_compressed_with(suffix: str) -> None:
    path = written(PACKERS[suffix](LINE.encode() * 3), f"history.jsonl{suffix}")
    items = list(lines.read(path))
    assert [item.origin for item in items] == [f"{path}:{number}" for number in (1, 2, 3)]
    assert items[0] == Observation(
        utc("2026-11-23T10:00:00Z"), b'{"object":"list","data":[],"total":0}', f"{path}:1"
    )


@pytest.mark.parametrize("suffix", PACKERS)
def test_what_a_file_is_compressed_with_need_not_be_in_its_name(suffix: str) -> None:
    assert len(list(lines.read(written(PACKERS[suffix](LINE.encode()), "history")))) == 1


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_members_one_after_the_other_are_one_file(suffix: str) -> None:
    packed = PACKERS[suffix](LINE.encode()) + PACKERS[suffix](LINE.encode() * 2)
    assert len(list(lines.read(written(packed, f"h{suffix}")))) == 3


@cache
def noise(suffix: str) -> bytes:
    """Thousands of lines that differ, in one member."""
    told = "".join(LINE.replace("list", f"list{number:x}") for number in range(5000))
    return PACKERS[suffix](told.encode())


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
@pytest.mark.parametrize("left", [0.3, 0.8, 0.99])
def test_a_file_that_is_cut_off_is_refused_after_what_it_holds(suffix: str, left: float) -> None:
    packed = noise(suffix)
    path = written(packed[: int(len(packed) * left)], f"history.jsonl{suffix}")
    items: list[Item] = []
    with pytest.raises(InvalidInputError, match=f"history.jsonl{suffix} is damaged or cut off"):
        items.extend(lines.read(path))
    assert items or left < 0.5


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_a_damaged_file_is_refused(suffix: str) -> None:
    packed = bytearray(PACKERS[suffix](LINE.encode() * 50))
    for place in range(len(packed) // 2, len(packed)):
        packed[place] ^= 0xFF
    with pytest.raises(InvalidInputError):
        list(lines.read(written(bytes(packed), f"h{suffix}")))


@pytest.mark.parametrize(("suffix", "kind"), [(".gz", "gzip"), (".xz", "xz"), (".zst", "zstd")])
def test_a_name_that_lies_about_the_compression_is_refused(suffix: str, kind: str) -> None:
    with pytest.raises(InvalidInputError, match=f"is not {kind}, though its name says so"):
        list(lines.read(written(LINE, f"h{suffix}")))


def test_the_payload_keeps_its_text() -> None:
    text = '{ "data" : [ {"id":"a","x":3.0e-6,"y":"\\u00e9 }{ \\"payload\\""} ] ,"total":1 }'
    assert body(f'{{"observed_at":"2026-11-23","payload":{text}}}') == text.encode()


def test_members_come_in_any_order_and_others_pass() -> None:
    text = '{"note":{"payload":1},"payload":{"data":[]},"x":[1.5,null],"observed_at":"2026-11-23"}'
    assert body(text) == b'{"data":[]}'


def test_a_byte_order_mark_blank_lines_and_foreign_line_ends_pass() -> None:
    path = written(
        b"\xef\xbb\xbf" + LINE.encode().replace(b"\n", b"\r\n") + b"\n  \n" + LINE.encode()
    )
    items = list(lines.read(path))
    assert [item.origin for item in items] == [f"{path}:1", f"{path}:4"]
    assert all(isinstance(item, Observation) for item in items)


def test_the_last_line_needs_no_end() -> None:
    assert isinstance(only(LINE.strip()), Observation)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hello", "not valid JSON"),
        ("[1]", "not valid JSON"),
        ('"text"', "not valid JSON"),
        (LINE.strip()[:-1], "not valid JSON"),
        (LINE.strip() + "}", "not valid JSON"),
        ("{}", "`payload` is missing"),
        ('{"payload":{}}', "`observed_at` is missing"),
        ('{"observed_at":"2026-11-23","payload":null}', "`payload` is null, not an object"),
        ('{"observed_at":1763892000,"payload":{}}', "not a time in quotes"),
        ('{"observed_at":"yesterday","payload":{}}', "'yesterday' is not a time"),
        ('{"observed_at":"2026-11-23T10:00:00","payload":{}}', "is not a time"),
        ('{"payload":{},"payload":{},"observed_at":"2026-11-23"}', "stands there twice"),
        ('{"observed_at":"2026-11-23","payload":{},}', "not valid JSON"),
        ('{"a":' * 100_000, "nested too deeply"),
        (b"\xff\xfe{", "not UTF-8"),
    ],
)
def test_a_line_that_is_no_observation_says_which_and_why(line: str | bytes, said: str) -> None:
    item = only(line)
    assert isinstance(item, Unreadable)
    assert item.origin == "history.jsonl:1"
    assert said in item.reason
    assert "\n" not in str(item)


def test_a_line_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 1024 * 1024)
    with pytest.raises(InvalidInputError, match="a line over 1 MiB"):
        list(lines.read(written(gzip.compress(b"[" * 50_000_000), "bomb.gz")))


@pytest.mark.parametrize(
    ("suffix", "blank"),
    [
        *product([""], [b"\n", b" \r\n", b"\t\t\n", b" " * 1000 + b"\n"]),
        *product([".gz", ".xz", ".zst"], [b" \r\n"]),
    ],
)
def test_blank_lines_without_end_are_not_read_to_their_end(suffix: str, blank: bytes) -> None:
    some = LINE.encode() + blank * (1024 * 1024 // len(blank)) + LINE.encode()
    assert len(list(lines.read(written(PACKERS[suffix](some), f"h{suffix}")))) == 2
    many = PACKERS[suffix](LINE.encode() + blank * (5_000_000 // len(blank)) + LINE.encode())
    counted: list[int] = []
    items: list[Item] = []
    with pytest.raises(InvalidInputError, match="over 1 MiB of blank lines"):
        items.extend(lines.read(written(many, f"h{suffix}"), counted.append))
    assert len(items) == 1
    assert suffix or sum(counted) < 3_000_000


def wide_xz(size: int) -> bytes:
    """An xz file whose header asks for a dictionary of that many bytes, or the next size up."""
    packed = bytearray(lzma.compress(LINE.encode()))
    packed[16] = next(code for code in range(41) if (2 | code & 1) << (code // 2 + 11) >= size)
    packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
    return bytes(packed)


def wide_zstd(size: int) -> bytes:
    """A zstd frame whose header asks for a window of that many bytes, or the next power of two."""
    window = bytes([((size - 1).bit_length() - 10) << 3])
    block = (len(LINE) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\x00" + window + block + LINE.encode()


@pytest.mark.parametrize("wide", [wide_xz, wide_zstd])
@pytest.mark.parametrize("mebibytes", [129, 256, 700, 1229, 1536])
def test_what_takes_too_much_memory_is_refused_with_the_remedy(
    wide: Callable[[int], bytes], mebibytes: int
) -> None:
    fine = PACKERS[".xz" if wide is wide_xz else ".zst"](LINE.encode())
    for before in (b"", fine):
        path = written(before + wide(mebibytes << 20), "h")
        with pytest.raises(InvalidInputError, match=r"over 128 MiB of memory.*smaller window"):
            list(lines.read(path))


@pytest.mark.parametrize("wide", [wide_xz, wide_zstd])
@pytest.mark.parametrize("mebibytes", [1, 8, 64])
def test_what_usual_compressors_ask_for_is_given(
    wide: Callable[[int], bytes], mebibytes: int
) -> None:
    assert len(list(lines.read(written(wide(mebibytes << 20), "h")))) == 1


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zst"])
def test_rubbish_behind_the_last_member_is_refused(suffix: str) -> None:
    for rubbish in (b"rubbish", PACKERS[suffix](LINE.encode())[:9]):
        path = written(PACKERS[suffix](LINE.encode()) + rubbish, f"h{suffix}")
        with pytest.raises(InvalidInputError, match="is damaged or cut off"):
            list(lines.read(path))


def test_an_xz_file_may_be_padded() -> None:
    packed = lzma.compress(LINE.encode())
    for number in (4, 2048, 4096):
        padded = packed + bytes(number) + packed + bytes(number)
        assert len(list(lines.read(written(padded, "h.xz")))) == 2


@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=5), st.sampled_from([".xz", ".zst"]))
def test_members_of_any_length_are_read_whole(sizes: list[int], suffix: str) -> None:
    texts = [bytes(number % 251 for number in range(size)) for size in sizes]
    path = written(b"".join(PACKERS[suffix](text) for text in texts), "h")
    with opened(path) as stream:
        assert stream.read() == b"".join(texts)


def test_a_file_without_anything_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="is empty"):
        list(lines.read(written("\n\n")))


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"cannot read nowhere: No such file"):
        list(lines.read(Path("nowhere")))


def test_progress_counts_the_bytes_of_the_file_itself() -> None:
    packed = lzma.compress(LINE.encode() * 1000)
    counted: list[int] = []
    list(lines.read(written(packed, "h.xz"), counted.append))
    assert sum(counted) == len(packed)
