"""Observations as Langfuse exports them: a row a generation, its tokens in a JSON object."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import ELSE, Cells, Format, columns, key, marks
from pricetrail.audit.usage.formats.nested import object_of
from pricetrail.catalog import bills

_DETAILS = "usage details"
# The names under which Langfuse's integrations report tokens, and what they are.
_KINDS = columns(
    {
        bills.PROMPT: "input input_tokens prompt_tokens input_text prompt",
        bills.COMPLETION: "output output_tokens completion_tokens output_text completion",
        c.TOTAL: "total total_tokens",
        bills.CACHE_READ: "input_cached_tokens cache_read_input_tokens input_cache_read "
        "input_cache_read_tokens cached_tokens cache_read_tokens input_cached cache_read "
        "cached_content_token_count",
        bills.CACHE_WRITE: "cache_creation_input_tokens input_cache_creation cache_write "
        "input_cache_write input_cache_creation_tokens cache_creation",
        c.WRITTEN_5M: "input_cache_creation_5m ephemeral_5m_input_tokens",
        c.WRITTEN_1H: "input_cache_creation_1h ephemeral_1h_input_tokens",
        bills.REASONING: "output_reasoning_tokens output_reasoning reasoning_tokens reasoning "
        "thoughts_token_count",
        bills.INPUT_AUDIO: "input_audio_tokens input_audio",
        bills.OUTPUT_AUDIO: "output_audio_tokens output_audio",
        bills.INPUT_IMAGE: "input_image_tokens input_image",
        bills.OUTPUT_IMAGE: "output_image_tokens output_image",
        bills.WEB_SEARCHES: "web_search_requests server_tool_use_web_search_requests",
        c.IGNORED: "output_accepted_prediction_tokens output_rejected_prediction_tokens",
    }
)


def _prepare(cells: Cells) -> str | None:
    details = object_of(cells.pop(_DETAILS, None))
    for name, value in details.items():
        role = _KINDS.get(key(name), name)
        if role == c.IGNORED or value is None:
            continue
        before = cells.get(role)
        if before not in (None, "", value) and role in _KINDS.values():
            return f"{name} and another of its usage_details mean the same, and differ"
        cells[role] = value
    return None


FORMAT = Format(
    "langfuse",
    columns(
        {
            c.TIME: "start_time timestamp",
            c.MODEL: "provided_model_name model",
            c.REQUEST_ID: "id",
            _DETAILS: "usage_details",
            c.COST: "total_cost calculated_total_cost",
            c.USER: "user_id",
            c.PROJECT: "project_id",
            bills.PROMPT + ELSE: "input_usage",
            bills.COMPLETION + ELSE: "output_usage",
            c.IGNORED: "end_time completion_start_time created_at updated_at event_ts model_id "
            "internal_model_id provided_usage_details provided_cost_details cost_details "
            "input_price output_price total_price input_cost output_cost usage_pricing_tier_id "
            "usage_pricing_tier_name total_usage total_tokens input output type trace_id name "
            "latency time_to_first_token level status_message version environment tags session_id "
            "parent_observation_id model_parameters metadata prompt_id prompt_name prompt_version "
            "trace_name release scores tool_definitions tool_calls tool_call_names",
        }
    ),
    marks(
        "usage_details start_time",
        "provided_model_name usage_details",
        "usage_details cost_details total_cost",
    ),
    prepare=_prepare,
)
