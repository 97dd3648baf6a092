"""Field paths: JSON Pointers (RFC 6901), and the short form that people type."""


def join(parent: str, key: str) -> str:
    """The pointer of `key` below `parent` (`""` is the root)."""
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"{parent}/{key}"


def split(pointer: str) -> list[str]:
    """The unescaped reference tokens of a pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def from_person(path: str) -> str:
    """`text.prompt` and `/pricing/text/prompt` are the same price path."""
    if path.startswith("/"):
        return path
    dotted = path.removeprefix("pricing.")
    return "/pricing/" + dotted.replace(".", "/")


def dotted(pointer: str) -> str:
    """The short form of a price path, as filters match it: `tiers.over_200k.text.prompt`."""
    tokens = split(pointer)
    return ".".join(tokens[1:] if tokens[:1] == ["pricing"] else tokens)
