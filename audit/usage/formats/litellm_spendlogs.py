"""The spend logs of a LiteLLM proxy (`LiteLLM_SpendLogs`): a row a request."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import Cells, Format, columns, marks
from pricetrail.audit.usage.formats.nested import add_usage, object_of
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.audit.usage.services import is_true
from pricetrail.catalog import bills

_METADATA, _CACHE_HIT, _STATUS, _CALL = "metadata", "cache hit", "status", "call type"
_USAGE = ("usage_object", "additional_usage_values")
_ANSWERED = "answered from LiteLLM's own cache: no tokens were charged"
_FAILED = "the request failed, and cost nothing"


def _prepare(cells: Cells) -> str | None:
    metadata = object_of(cells.pop(_METADATA, None))
    hit, status = cells.pop(_CACHE_HIT, None), cells.pop(_STATUS, None)
    call = str(cells.pop(_CALL, None) or "")
    for name in _USAGE:
        add_usage(cells, object_of(metadata.get(name)))
    # Either may have cost something all the same: an answer that broke off, for one.
    if not cells.get(c.COST):
        if is_true(hit):
            return _ANSWERED
        if str(status or metadata.get("status") or "").strip().lower() == "failure":
            return _FAILED
    if "batch" in call and c.SERVICE not in cells:
        # LiteLLM logs a finished batch as one row, at what batches cost.
        cells[c.BATCH] = True
    return None


FORMAT = Format(
    "litellm-spendlogs",
    columns(
        {
            c.TIME: "startTime",
            c.MODEL: "model",
            c.REQUEST_ID: "request_id",
            c.COST: "spend",
            c.TOTAL: "total_tokens",
            c.TEAM: "team_id",
            c.USER: "user",
            c.KEY: "api_key",
            bills.PROMPT: "prompt_tokens",
            bills.COMPLETION: "completion_tokens",
            _METADATA: "metadata",
            _CACHE_HIT: "cache_hit",
            _STATUS: "status",
            _CALL: "call_type",
            c.IGNORED: "endTime completionStartTime request_duration_ms model_id model_group "
            "custom_llm_provider api_base cache_key request_tags organization_id end_user "
            "requester_ip_address messages response session_id mcp_namespaced_tool_name agent_id "
            "proxy_server_request id",
        }
    ),
    marks(
        "request_id spend startTime",
        "call_type spend prompt_tokens",
        "request_id spend total_tokens cache_hit",
    ),
    style=OPENAI,
    prepare=_prepare,
)
