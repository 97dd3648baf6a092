"""Which columns count something, as far as a name that nobody knows yet can tell."""

import re

_COUNT = re.compile(
    r"(?:tokens?|seconds|minutes|characters|chars|images|pixels|pages|searches|requests|calls|"
    r"units|queries|sessions)(?:_(?:5m|1h|12h|24h))?$",
    re.IGNORECASE | re.ASCII,
)
_LIMIT = re.compile(r"(?:^|_|\.)(?:max|min|limit|rate|avg|average)(?:_|$)|per_", re.IGNORECASE)


def is_count(name: str) -> bool:
    """Whether a column may be a quantity: `input_video_tokens`, and not `max_output_tokens`."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).replace(" ", "_").replace("-", "_")
    return _COUNT.search(plain) is not None and _LIMIT.search(plain) is None
