"""What came back from a request of ours, whoever was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: header names in lower case, at most 4 KiB of the body.

    `cut`: the connection broke, or time ran out, before the whole reply had come.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
