"""The server: tools over stdio, by the `mcp` library, which is an optional extra.

It and `streams` are the only importers of `mcp`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import anyio
from anyio import to_thread
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool
from pydantic import BaseModel

from pricetrail.mcp.calls import Reply, UnknownToolError
from pricetrail.mcp.streams import answering_to_the_end
from pricetrail.mcp.tools import INSTRUCTIONS, TOOLS, Tool
from pricetrail.version import VERSION

Call = Callable[[str, Mapping[str, object]], Reply]

# Each holds a connection to the database while it reads.
_AT_ONCE = 4
_READS = {"read_only_hint": True, "destructive_hint": False, "idempotent_hint": True}


def serve(call: Call) -> None:
    """Answer the client on stdin and stdout until stdin ends."""
    try:
        anyio.run(_serve, call)
    except* BrokenPipeError:
        pass  # the client went away, which is one of the ways to end


async def _serve(call: Call) -> None:
    turns = anyio.CapacityLimiter(_AT_ONCE)

    async def listed(_context: object, _given: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=list(map(_listed, TOOLS)))

    async def called(_context: object, given: CallToolRequestParams) -> CallToolResult:
        try:
            reply = await to_thread.run_sync(call, given.name, given.arguments or {}, limiter=turns)
        except UnknownToolError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None
        return _result(reply)

    server: Server[Any] = Server(
        "pricetrail",
        title="pricetrail: what LLM gateways' models cost, and when",
        version=VERSION,
        instructions=INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
    )
    async with stdio_server() as client, answering_to_the_end(*client) as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _result(reply: Reply) -> CallToolResult:
    text = TextContent(type="text", text=reply.text)
    if reply.failed:
        return CallToolResult(content=[text], is_error=True)
    return CallToolResult(content=[text], structured_content=reply.answer)


def _listed(tool: Tool) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=_schema(tool.arguments),
        output_schema=_schema(tool.shape),
        annotations=ToolAnnotations(title=tool.title, open_world_hint=False, **_READS),
    )


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model, less the titles that repeat its names."""
    schema: dict[str, Any] = _untitled(model.model_json_schema())
    return schema


def _untitled(schema: Any) -> Any:
    if isinstance(schema, dict):
        kept = {name: value for name, value in schema.items() if not _is_title(name, value)}
        return {name: _untitled(value) for name, value in kept.items()}
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema


def _is_title(name: str, value: object) -> bool:
    return name == "title" and isinstance(value, str)
