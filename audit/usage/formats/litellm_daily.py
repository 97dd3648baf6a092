"""The daily sums of a LiteLLM proxy (`LiteLLM_DailyUserSpend` and its kin)."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import Format, columns, marks
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.catalog import bills

FORMAT = Format(
    "litellm-daily",
    columns(
        {
            c.TIME: "date",
            c.MODEL: "model",
            c.COST: "spend",
            c.KEY: "api_key",
            c.TEAM: "team_id",
            c.USER: "user_id",
            bills.REQUESTS: "api_requests",
            bills.PROMPT: "prompt_tokens",
            bills.COMPLETION: "completion_tokens",
            bills.CACHE_READ: "cache_read_input_tokens",
            bills.CACHE_WRITE: "cache_creation_input_tokens",
            c.IGNORED: "id model_group custom_llm_provider successful_requests failed_requests "
            "mcp_namespaced_tool_name endpoint created_at updated_at organization_id end_user_id "
            "agent_id tag request_id",
        }
    ),
    marks(
        "date spend api_requests prompt_tokens", "date successful_requests failed_requests spend"
    ),
    style=OPENAI,
    days=True,
)
