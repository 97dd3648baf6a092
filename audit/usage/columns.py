"""What the columns of a usage table mean, under the names that people and exports give them.

A member of a nested object is a column with a dotted name, such as
`usage.prompt_tokens_details.cached_tokens`.
"""

import re
from difflib import get_close_matches
from functools import lru_cache

from pricetrail.audit.usage import currencies
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.catalog import bills
from pricetrail.catalog.pointers import from_person

TIME, END, MODEL, AUDIO, IGNORED = "time", "end", "model", "audio", ""
# What tells something about the row, and is no quantity.
WINDOW, TOTAL, REQUEST_ID = "context_window", "total", "request"
SERVICE, BATCH = "service", "batch"
# What the file says that it cost, and in what money.
COST, MORE_COST, CURRENCY = "cost", "cost besides", "currency"
# Whom it belongs to.
TEAM, KEY, USER, PROJECT = "team", "key", "user", "project"
LABELS = (TEAM, KEY, USER, PROJECT)
# The parts of Anthropic's `cache_creation_input_tokens`, which is their sum.
WRITTEN_5M, WRITTEN_1H = "written for 5 minutes", "written for an hour"
PAID = frozenset({CURRENCY, COST, MORE_COST})
NO_QUANTITIES = (
    frozenset(
        {TIME, END, MODEL, AUDIO, WINDOW, TOTAL, REQUEST_ID, SERVICE, BATCH, IGNORED, *LABELS}
    )
    | PAID
)
# Those of them that several columns may say.
REMARKS = frozenset({TOTAL, REQUEST_ID, IGNORED, *LABELS}) | PAID
# An export of a time in which nothing was used.
ONLY_TIMES = frozenset({TIME, END, IGNORED})
# And those that neither a cost nor its comparison depends on.
UNUSED = REMARKS - {COST, MORE_COST}

_NAMES = {
    TIME: "time timestamp created_at created at datetime date day start_time started_at "
    "bucket_start period_start start_date starting_at",
    END: "end_time end_at ended_at bucket_end period_end end_date ending_at",
    MODEL: "model model_id model_name",
    AUDIO: "audio with_audio",
    WINDOW: "context_window context_tier context_window_tier prompt_tier",
    TOTAL: "total_tokens",
    REQUEST_ID: "request_id generation_id response_id",
    SERVICE: "service_tier",
    BATCH: "batch is_batch",
    CURRENCY: "currency currency_code amount_currency cost_currency billing_currency",
    COST: "total_cost cost_total cost spend amount charge",
    TEAM: "team_name team team_id",
    KEY: "api_key_name key_name api_key key api_key_id key_id",
    USER: "user_name username email user user_id",
    PROJECT: "project_name project project_id workspace workspace_id",
    bills.PROMPT: "prompt_tokens input_tokens prompt",
    bills.COMPLETION: "completion_tokens output_tokens completion",
    bills.REASONING: "reasoning_tokens internal_reasoning_tokens internal_reasoning",
    bills.CACHE_READ: "cache_read_tokens cached_tokens cached_input_tokens input_cached_tokens "
    "cache_read_input_tokens cache_read cached_prompt_tokens prompt_cache_hit_tokens",
    bills.CACHE_WRITE: "cache_write_tokens cache_creation_input_tokens cache_creation_tokens "
    "cache_write cache_write_5m_tokens",
    bills.CACHE_WRITE_1H: "cache_write_1h_tokens cache_write_1h",
    WRITTEN_5M: "ephemeral_5m_input_tokens",
    WRITTEN_1H: "ephemeral_1h_input_tokens",
    bills.INPUT_IMAGE: "input_image_tokens",
    bills.OUTPUT_IMAGE: "output_image_tokens",
    # No price of the schema is for these: rows with any are listed, not guessed at.
    "audio_tokens": "audio_tokens",
    bills.INPUT_AUDIO: "input_audio_tokens",
    bills.OUTPUT_AUDIO: "output_audio_tokens",
    bills.IMAGES: "images image_count num_images",
    bills.SECONDS: "seconds",
    bills.AUDIO_SECONDS: "audio_seconds",
    bills.VIDEO_SECONDS: "video_seconds",
    bills.VIDEO_SECONDS_WITH_AUDIO: "video_seconds_with_audio",
    bills.REQUESTS: "requests request_count num_requests num_model_requests n_requests count "
    "requests_count number_of_requests total_requests model_requests api_requests calls num_calls "
    "n_calls call_count api_calls",
    bills.WEB_SEARCHES: "web_search_requests web_searches web_search_count",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
# `promptTokens` is `prompt_tokens`, in whatever letters.
_RUN_TOGETHER = {name.replace("_", ""): role for name, role in _ROLES.items()}
# Of several columns that say the same remark, the one that stands first here.
_RANKS = {name: rank for names in _NAMES.values() for rank, name in enumerate(names.split())}
# Who, where, how it went, and sums of what the other columns say already.
_METADATA_NAMES = """
id trace_id span_id session_id conversation_id customer customer_id tenant tenant_id account
account_id account_name app app_id app_name application organization organization_id org org_id
environment env region provider provider_name gateway source endpoint method status
status_code http_status error finish_reason stop_reason stream streamed latency latency_ms
duration duration_ms ttft_ms tag tags label labels metadata note notes comment description
object type_target display_name accepted_prediction_tokens
rejected_prediction_tokens prompt_cache_miss_tokens web_fetch_requests cost_details is_byok
inference_geo speed row line index
"""
_METADATA = frozenset(_METADATA_NAMES.split())
_METADATA_RUN_TOGETHER = frozenset(name.replace("_", "") for name in _METADATA)

# The objects in which APIs report usage, and what their members are counted among.
USAGE = "usage"
_SIDES = {"prompt": "input", "input": "input", "completion": "output", "output": "output"}
_DETAILS = re.compile(r"(prompt|input|completion|output)_tokens?_details", re.ASCII)
_PARTS = {
    "input": {
        "cached_tokens": bills.CACHE_READ,
        "cache_read_tokens": bills.CACHE_READ,
        "cache_write_tokens": bills.CACHE_WRITE,
        "cache_creation_tokens": bills.CACHE_WRITE,
        "image_tokens": bills.INPUT_IMAGE,
        "audio_tokens": bills.INPUT_AUDIO,
        "text_tokens": IGNORED,
    },
    "output": {
        "reasoning_tokens": bills.REASONING,
        "image_tokens": bills.OUTPUT_IMAGE,
        "audio_tokens": bills.OUTPUT_AUDIO,
        "text_tokens": IGNORED,
        "accepted_prediction_tokens": IGNORED,
        "rejected_prediction_tokens": IGNORED,
    },
}
_HOLDERS = frozenset({USAGE, "cache_creation", "cache_creation_token_details", "server_tool_use"})


@lru_cache(maxsize=4096)
def holds_columns(name: str) -> bool:
    """Whether the members of an object of this name are columns."""
    return name in _HOLDERS or _DETAILS.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def is_part(column: str) -> bool:
    """Whether a column's own name tells that it is part of a whole: a member of `…_details`."""
    *parents, last = column.split(".")
    return last == "prompt_cache_hit_tokens" or any(map(_DETAILS.fullmatch, parents))


def find_role(column: str) -> str | None:
    """What a column holds: time, model, a quantity's name, …, or `IGNORED` for metadata.

    A column that is named as a price path is the quantity charged by that price. Names are
    compared without regard to case, and with blanks or dashes for `_`, or none at all. None for
    a column that means nothing here.
    """
    name = column.strip()
    if name.startswith(("/pricing/", "pricing.")):
        return from_person(name)
    plain = _plain(name)
    *parents, last = plain.split(".")
    if parents and holds_columns(parents[-1]):
        details = _DETAILS.fullmatch(parents[-1])
        if details is not None:
            side = _SIDES[details[1]]
            # A part of another kind may have a price of its own: it is named, not charged.
            other = f"{side}_{last}" if last.endswith("tokens") else IGNORED
            return _PARTS[side].get(last, other)
        plain = last
    known = _ROLES.get(plain)
    if known is None and plain not in _METADATA:
        known = _RUN_TOGETHER.get(plain.replace("_", ""))
    if known is None and currency(name) is not None:
        known = COST
    return known if known is not None else IGNORED if _is_metadata(plain) else None


def _is_metadata(plain: str) -> bool:
    known = plain in _METADATA or plain.replace("_", "") in _METADATA_RUN_TOGETHER
    return known or plain.startswith(("metadata_", "metadata.", "meta_"))


def role(column: str, where: str) -> str:
    """What a column holds, as `find_role` says.

    Raises:
        UsageFileError: a column that means nothing here; `where` begins the message.
    """
    known = find_role(column)
    if known is None:
        raise UsageFileError(f"{where}: unknown column {column[:80]!r}{hint(column)}")
    return known


def rank(column: str) -> int:
    """The lower, the sooner a column is taken where several say one thing."""
    last = _plain(column.strip()).rpartition(".")[2]
    # A column that names its currency is the surest about money.
    return -1 if currency(column) == currencies.USD else _RANKS.get(last, len(_RANKS))


def currency(column: str) -> str | None:
    """The currency that a column's own name tells, such as EUR for `cost_eur` and `costEUR`."""
    name = column.strip()
    found = currencies.of_column(_plain(name))
    return found or currencies.of_column(_plain(_HUMPS.sub("_", name)))


# Asked of every row, of the few columns that a file has.
@lru_cache(maxsize=1_000)
def currency_of_cost(column: str) -> str | None:
    """The currency of a column that is known to hold a cost: its last word may be one."""
    last = _plain(column.strip()).rpartition("_")[2]
    return currency(column) or currencies.of_column(f"cost_{last}")


def near(column: str) -> str | None:
    """The known name that an unknown one is near to, if any."""
    close = get_close_matches(_plain(column.strip()), list(_ROLES), n=1, cutoff=0.6)
    return close[0] if close else None


def hint(column: str) -> str:
    """What may be done about an unknown column."""
    close = near(column)
    if close is not None:
        return f"; did you mean {close}?"
    return "; name it metadata_… if it is only a remark, or leave it out"


_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")
