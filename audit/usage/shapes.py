"""What the shape of an object tells: an API's answer, its `usage` alone, or a row of somebody's."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from pricetrail.audit.usage import columns
from pricetrail.audit.usage.quantities import DISJOINT, OPENAI

_NANOSECONDS = "timestamp[ns"
ANTHROPIC = {
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "ephemeral_5m_input_tokens",
    "ephemeral_1h_input_tokens",
}


def is_answer(document: dict[str, object]) -> bool:
    """Whether an API wrote it: its quantities are in `usage` or beside `…_details`.

    Whatever else it says is not about quantities.
    """
    return any(isinstance(document[name], dict) for name in document if columns.holds_columns(name))


def flat(
    document: dict[str, object], parents: str = "", inside: frozenset[str] = frozenset()
) -> Iterator[tuple[str, object]]:
    """Members by their names; those of an object that holds columns with its name before them.

    Args:
        inside: other objects whose members are columns, by their names with those around them.
    """
    for name, value in document.items():
        holds = columns.holds_columns(name) or (parents + name) in inside
        if not holds or not (value is None or isinstance(value, dict)):
            yield parents + name, value
        elif value is not None:
            yield from flat(value, f"{parents}{name}.", inside)


def is_quantity(name: str, value: object) -> bool:
    """Whether a member of an answer counts something, where its name alone does not tell.

    Limits such as `max_output_tokens` count nothing.
    """
    last = name.rpartition(".")[2].lower()
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return number and last.endswith("tokens") and not last.startswith("max_")


def can_count(name: str, value: object) -> bool:
    """Whether a member of an answer that is named like a quantity is one; `prompt` may be text."""
    if isinstance(value, str):
        return "." in name or value.strip().isdigit()
    return not isinstance(value, bool | dict | list)


def style(members: Iterable[tuple[str, object]], default: str) -> str:
    """How the wholes of an object stand to their parts, as far as its members' names tell.

    Members of `…_details` are parts of their wholes; Anthropic's counts are apart.
    """
    names = {name for name, value in members if value is not None}
    if any(map(columns.is_part, names)):
        return OPENAI
    last = {name.rpartition(".")[2] for name in names}
    return DISJOINT if "input_tokens" in last and last & ANTHROPIC else default


def upstream_cost(document: Mapping[str, object]) -> object:
    """What a provider charged for an answer of OpenRouter's with one's own key; None for others."""
    usage = document.get(columns.USAGE)
    within = usage if isinstance(usage, dict) else document
    details = within.get("cost_details")
    if within.get("is_byok") is not True or not isinstance(details, dict):
        return None
    return details.get("upstream_inference_cost")


def twice(one: str, other: str) -> str:
    """What is wrong where two members say the same."""
    return f"the columns {one!r} and {other!r} mean the same: leave one out"


def documents(batch: object) -> list[dict[str, object]]:
    """The rows of a Parquet file's batch; times of nanoseconds with all of their digits."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    table = pa.Table.from_batches([batch])
    for index, field in enumerate(table.schema):
        if str(field.type).startswith(_NANOSECONDS):
            # Without a zone it is no instant, and is refused as the text that it is.
            kind = pa.string() if field.type.tz is None else pa.int64()
            table = table.set_column(index, field.name, table.column(index).cast(kind))
    rows: list[dict[str, object]] = table.to_pylist()
    return rows
