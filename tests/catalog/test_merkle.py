"""The tree is RFC 9162's, every leaf is proven by its path, and the chain binds all it is fed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog import merkle

LEAVES = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word by word, over leaves that are hashed already."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_the_book(leaves[:split]), by_the_book(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(LEAVES)
def test_the_root_is_that_of_rfc_9162(leaves: list[bytes]) -> None:
    assert merkle.root(leaves) == by_the_book(leaves)


@given(LEAVES, st.dictionaries(st.integers(0, 69), st.binary(min_size=32, max_size=32)))
def test_a_tree_with_other_leaves_is_that_of_the_new_leaves(
    leaves: list[bytes], others: dict[int, bytes]
) -> None:
    fitting = {place: leaf for place, leaf in others.items() if place < len(leaves)}
    new = [fitting.get(place, leaf) for place, leaf in enumerate(leaves)]
    tree = merkle.tree(leaves)
    assert merkle.replaced(tree, fitting) == merkle.tree(new)
    assert merkle.root_of(merkle.replaced(tree, fitting)) == by_the_book(new)
    assert tree == merkle.tree(leaves)


@given(LEAVES.filter(bool), st.data())
def test_every_leaf_is_proven_by_its_path_and_nothing_else_is(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    steps = merkle.path(leaves, index)
    assert merkle.root_from_path(leaves[index], steps) == merkle.root(leaves)
    assert len(steps) <= (len(leaves) - 1).bit_length()
    other = bytes([leaves[index][0] ^ 1]) + leaves[index][1:]
    assert merkle.root_from_path(other, steps) != merkle.root(leaves)


def test_a_path_names_the_sides_as_a_bundle_does() -> None:
    one, two, three = (bytes([n]) * 32 for n in (1, 2, 3))
    assert merkle.path([one, two, three], 0) == [("right", two), ("right", three)]
    assert merkle.path([one, two, three], 1) == [("left", one), ("right", three)]
    assert merkle.path([one, two, three], 2) == [("left", merkle.root([one, two]))]


def test_a_leaf_binds_the_id_and_the_hash() -> None:
    digest = bytes(range(32))
    assert merkle.leaf("é", digest) == hashlib.sha256(b"\x00\xc3\xa9" + digest).digest()
    assert merkle.leaf("a", digest) != merkle.leaf("b", digest)


@pytest.mark.parametrize("changed", range(4))
def test_the_chain_binds_everything_that_it_is_fed(changed: int) -> None:
    first = (merkle.GENESIS, "{}", b"\x01" * 32, b"\x02" * 32)
    others = (b"\x03" * 32, "{ }", b"\x03" * 32, b"\x03" * 32)
    previous, metadata, root, body = (
        others[place] if place == changed else value for place, value in enumerate(first)
    )
    assert merkle.chain(*first) != merkle.chain(previous, metadata, root, body)  # type: ignore[arg-type]  # one of each


def test_the_chain_is_what_is_written_down() -> None:
    expected = hashlib.sha256(b"\x00" + bytes(32) + b"{}" + b"\x01" * 32 + b"\x02" * 32)
    found = merkle.chain(merkle.GENESIS, "{}", b"\x01" * 32, b"\x02" * 32)
    assert merkle.hash_text(found) == "sha256:" + expected.hexdigest()
    assert merkle.body_hash(b"{}") == hashlib.sha256(b"{}").digest()
