"""Which sources a webhook's `sources` names: by globs, or by their labels, as in `team=search`."""

from collections.abc import Iterable, Mapping

from pricetrail.text.globs import matches


def selects_source(filters: Iterable[str], name: str, labels: Mapping[str, str]) -> bool:
    """Whether a `sources` filter selects a source, by its name or by a label.

    As in any list of globs, an exclusion that matches wins.
    """
    wanted = [glob for glob in filters if not glob.startswith("!")]
    unwanted = [glob[1:] for glob in filters if glob.startswith("!")]
    if any(matches_source(glob, name, labels) for glob in unwanted):
        return False
    return not wanted or any(matches_source(glob, name, labels) for glob in wanted)


def matches_source(glob: str, name: str, labels: Mapping[str, str]) -> bool:
    """Whether one entry of a `sources` filter, without its `!`, means a source.

    With an `=` it may be a label, with a glob for its value, or still the name.
    """
    if matches(glob, name):
        return True
    label, equals, value = glob.partition("=")
    return bool(equals) and label in labels and matches(value, labels[label])
