"""What the columns of a usage table mean, under the names that people and exports give them."""

from difflib import get_close_matches

from catalog import bills
from catalog.pointers import from_person
from pricetrail.usage_rows.errors import UsageFileError

TIME, MODEL, AUDIO, IGNORED = "time", "model", "audio", ""

_NAMES = {
    TIME: "time timestamp created_at created at datetime date start_time started_at",
    MODEL: "model model_id model_name",
    AUDIO: "audio with_audio",
    bills.PROMPT: "prompt_tokens input_tokens prompt",
    bills.COMPLETION: "completion_tokens output_tokens completion",
    bills.REASONING: "reasoning_tokens internal_reasoning_tokens internal_reasoning",
    bills.CACHE_READ: "cache_read_tokens cached_tokens cached_input_tokens input_cached_tokens "
    "cache_read_input_tokens cache_read cached_prompt_tokens",
    bills.CACHE_WRITE: "cache_write_tokens cache_creation_input_tokens cache_creation_tokens "
    "cache_write cache_write_5m_tokens",
    bills.CACHE_WRITE_1H: "cache_write_1h_tokens cache_write_1h",
    bills.INPUT_IMAGE: "input_image_tokens",
    bills.OUTPUT_IMAGE: "output_image_tokens",
    bills.IMAGES: "images image_count num_images",
    bills.SECONDS: "seconds",
    bills.AUDIO_SECONDS: "audio_seconds",
    bills.VIDEO_SECONDS: "video_seconds",
    bills.VIDEO_SECONDS_WITH_AUDIO: "video_seconds_with_audio",
    bills.REQUESTS: "requests request_count num_requests num_model_requests",
    # No price of the schema is for these: rows with any are listed, not guessed at.
    "audio_tokens": "audio_tokens input_audio_tokens output_audio_tokens",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
# Who, where, how it went, and sums of what the other columns say already.
_METADATA_NAMES = """
id request_id generation_id response_id trace_id span_id session_id conversation_id user user_id
user_name username email customer customer_id tenant tenant_id account account_id account_name
api_key_id api_key_name key_id key_name app app_id app_name application project project_id
project_name team team_id team_name organization organization_id org org_id workspace
workspace_id environment env region provider provider_name gateway source endpoint method status
status_code http_status error finish_reason stop_reason stream streamed latency latency_ms
duration duration_ms ttft_ms tag tags label labels metadata note notes comment description
object type_target display_name service_tier total_tokens accepted_prediction_tokens
rejected_prediction_tokens cost cost_usd currency row line index
"""
_METADATA = frozenset(_METADATA_NAMES.split())


def role(column: str, where: str) -> str:
    """What a column holds: time, model, audio, a quantity's name, or `IGNORED` for metadata.

    A column that is named as a price path is the quantity charged by that price. Names are
    compared without regard to case, and with blanks or dashes for `_`.

    Raises:
        UsageFileError: a column that means nothing here; `where` begins the message.
    """
    name = column.strip()
    if name.startswith(("/pricing/", "pricing.")):
        return from_person(name)
    plain = name.lower().replace(" ", "_").replace("-", "_")
    found = _ROLES.get(plain)
    if found is not None:
        return found
    if plain in _METADATA or plain.startswith(("metadata_", "metadata.", "meta_")):
        return IGNORED
    raise UsageFileError(f"{where}: unknown column {column[:80]!r}{_hint(plain)}")


def _hint(plain: str) -> str:
    near = get_close_matches(plain, list(_ROLES), n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    return "; name it metadata_… if it is only a remark, or leave it out"
