"""Merkle trees over a catalog's models, and the chain over its versions.

Trees follow RFC 9162 section 2.1: leaves are prefixed with 0x00 and inner nodes with 0x01, and
a tree of n leaves splits at the largest power of two below n.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

GENESIS = bytes(32)
Tree: TypeAlias = list[list[bytes]]


def leaf(model: str, document_hash: bytes) -> bytes:
    """The tree's leaf for one model: SHA-256(0x00 ‖ id ‖ model hash)."""
    return hashlib.sha256(b"\x00" + model.encode() + document_hash).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in order of model id; SHA-256 of nothing for an empty catalog."""
    return root_of(tree(leaves))


def tree(leaves: Sequence[bytes]) -> Tree:
    """All levels of the tree: the leaves first, the root last."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        levels.append(_parents(levels[-1]))
    return levels


def root_of(levels: Tree) -> bytes:
    """The root of a tree."""
    return levels[-1][0] if levels[-1] else hashlib.sha256(b"").digest()


def replaced(levels: Tree, leaves: Mapping[int, bytes]) -> Tree:
    """The tree with other leaves at some places; a hash per level and leaf."""
    levels_after: Tree = []
    changed = dict(leaves)
    for nodes in levels:
        level = [*nodes]
        for index, node in changed.items():
            level[index] = node
        levels_after.append(level)
        changed = {index // 2: _parent(level, index // 2) for index in changed}
    return levels_after


def _parent(level: Sequence[bytes], index: int) -> bytes:
    pair = level[2 * index : 2 * index + 2]
    return pair[0] if len(pair) == 1 else hashlib.sha256(b"\x01" + b"".join(pair)).digest()


def _parents(level: list[bytes]) -> list[bytes]:
    # Handing an odd last node up unchanged gives exactly RFC 9162's splits.
    sha256 = hashlib.sha256
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    if len(level) % 2:
        above.append(level[-1])
    return above


def path(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """What proves leaf `index`: per level the sibling's side (`left`, `right`) and hash."""
    steps: list[tuple[str, bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            steps.append(("right" if sibling > index else "left", level[sibling]))
        level, index = _parents(level), index // 2
    return steps


def root_from_path(start: bytes, steps: Iterable[tuple[str, bytes]]) -> bytes:
    """The root that a leaf and its path lead to."""
    node = start
    for side, sibling in steps:
        pair = sibling + node if side == "left" else node + sibling
        node = hashlib.sha256(b"\x01" + pair).digest()
    return node


def chain(previous: bytes, metadata: str, catalog_root: bytes, body_hash: bytes) -> bytes:
    """The head after a version: SHA-256(0x00 ‖ previous ‖ metadata ‖ root ‖ body's SHA-256).

    `metadata` is the version's canonical JSON; the first version's previous head is 32 zero bytes.
    """
    return hashlib.sha256(
        b"\x00" + previous + metadata.encode() + catalog_root + body_hash
    ).digest()


def body_hash(body: bytes) -> bytes:
    """The SHA-256 of a body as served, which the chain covers."""
    return hashlib.sha256(body).digest()


def hash_text(digest: bytes) -> str:
    """A digest as messages and people write it: `sha256:` and hex."""
    return "sha256:" + digest.hex()
