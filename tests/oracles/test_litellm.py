"""LiteLLM, given the file as its map of costs, works out the same cost, but for its floats."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import litellm
import pytest
from litellm._internal_context import pinned_billing_time
from litellm.cost_calculator import default_video_cost_calculator
from litellm.litellm_core_utils.llm_cost_calc.utils import flat_image_cost
from litellm.llms.openai.cost_calculation import cost_per_second
from litellm.types.utils import (
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    ImageObject,
    ImageResponse,
    PromptTokensDetailsWrapper,
    Usage,
)

from pricetrail.catalog import bills
from pricetrail.queries.formats.contexts import conditioned
from pricetrail.storage.database import Database
from tests.oracles.catalogs import PricedFile, Use
from tests.oracles.requests import Request
from tests.oracles.service import running
from tests.support.histories import build, catalog, model, tokens

Files = Callable[[str], list[PricedFile]]
Serve = Callable[[str], str]
_TEXT = (bills.PATHS[bills.PROMPT], bills.PATHS[bills.COMPLETION])


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Callable[[PricedFile], dict[str, Any]]:
    """Makes a file LiteLLM's map of costs, in place of the one that the package brings."""

    def taker(file: PricedFile) -> dict[str, Any]:
        costs: dict[str, Any] = json.loads(file.answer.as_text())
        monkeypatch.setattr(litellm, "model_cost", costs)
        litellm.utils._invalidate_model_cost_lowercase_map()
        return costs

    return taker


def test_every_use_costs_the_same(
    price_files: Files, take: Callable[[PricedFile], dict[str, Any]]
) -> None:
    for file in price_files("litellm"):
        costs = take(file)
        found = {use: cost(use, costs[use.model]) for use in file.uses(is_promised)}
        assert {use.model for use in found} == set(costs)
        for use, dollars in found.items():
            assert dollars == pytest.approx(float(use.cost), rel=1e-12), (
                use.model,
                use.request,
                use.used,
            )


@pytest.mark.parametrize("price_files", ["real"], indirect=True)
def test_the_file_is_taken_from_its_address(price_files: Files, serve: Serve) -> None:
    """As its page says: with the two settings by which a map may be shorter than the built-in."""
    file = price_files("litellm")[-1]
    use = next(use for use in file.uses() if use[bills.PROMPT])
    costs = json.loads(file.answer.as_text())
    provider = costs[use.model]["litellm_provider"]
    number, prompt, completion = told_by(serve(file.answer.as_text()), use.model, provider)
    assert number == len(costs)
    assert prompt == pytest.approx(1000 * costs[use.model]["input_cost_per_token"])
    assert completion == 0


def test_a_past_day_is_charged_at_the_prices_of_then(sqlite_url: str) -> None:
    """By its own server's address, with the time that is asked for in it."""
    with closing(Database(sqlite_url)) as database:
        flex = {"flex": {"text": {"prompt": "0.000001"}}}
        build(
            database,
            "pipellm",
            [
                ("2026-03-01", catalog(model("gpt-5", tokens("0.000003", "0.000015")))),
                ("2026-04-01", catalog(model("gpt-5", tokens("0.000004", "0.00002", tiers=flex)))),
            ],
        )
    with running(sqlite_url) as address:
        asked = f"{address}/api/v1/prices/litellm.json"
        found = {
            at: told_by(f"{asked}?at={at}", "gpt-5", "openai", "--flex")
            for at in ("2026-03-20", "2026-04-02")
        }
    for at, dollars in (("2026-03-20", 0.003), ("2026-04-02", 0.001)):
        number, prompt, completion = found[at]
        assert (number, completion) == (1, 0)
        assert prompt == pytest.approx(dollars)


def told_by(address: str, name: str, provider: str, *flex: str) -> tuple[int, float, float]:
    """How many models the map at an address has, and what a thousand tokens cost by it.

    In a process of its own: the map is loaded when the package is.
    """
    code = (
        "import litellm, sys\n"
        "name, provider, *flex = sys.argv[1:]\n"
        "print(len(litellm.model_cost), *litellm.cost_per_token(\n"
        "    model=name, custom_llm_provider=provider, prompt_tokens=1000,\n"
        "    service_tier='flex' if flex else None))\n"
    )
    settings = {
        "LITELLM_MODEL_COST_MAP_URL": address,
        "MODEL_COST_MAP_MIN_MODEL_COUNT": "1",
        "MODEL_COST_MAP_MAX_SHRINK_RATIO": "0",
    }
    environment = {**os.environ, **settings}
    del environment["LITELLM_LOCAL_MODEL_COST_MAP"]
    found = subprocess.run(
        [sys.executable, "-c", code, name, provider, *flex],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    number, prompt, completion = found.stdout.split()[-3:]
    return int(number), float(prompt), float(completion)


def is_promised(request: Request, path: str) -> bool:
    """Whether a price is one that the file says how to charge.

    In a service tier those that name it, and what all requests cost: what LiteLLM makes of others
    there is its own matter (half of the usual price for a batch, a cache at the shorter price).
    """
    if request.service not in ("", "batch", "flex", "priority", "balanced", "ultrafast"):
        return False
    condition, usual = conditioned(path)
    if condition.service or not request.service:
        return True
    return condition.window is None and usual in _TEXT


def cost(use: Use, entry: dict[str, Any]) -> float:
    """What LiteLLM says that a use costs, by the calculator of the model's mode."""
    with pinned_billing_time(use.request.at):
        return _cost(use, entry)


def _cost(use: Use, entry: dict[str, Any]) -> float:
    provider = entry["litellm_provider"]
    dollars: float
    match entry["mode"]:
        case "image_generation":
            info = litellm.get_model_info(use.model, custom_llm_provider=provider)
            images = ImageResponse(data=[ImageObject(url="x")] * use[bills.IMAGES])
            dollars = flat_image_cost(info, images)
        case "video_generation":
            dollars = default_video_cost_calculator(use.model, use[bills.VIDEO_SECONDS], provider)
        case "audio_speech":
            dollars = sum(cost_per_second(use.model, provider, use[bills.AUDIO_SECONDS]))
        case _:
            service = use.request.service
            kind = "retrieve_batch" if service == "batch" else "completion"
            parts = litellm.cost_per_token(
                model=use.model,
                custom_llm_provider=provider,
                usage_object=usage(use),
                service_tier=None if service == "batch" else service or None,
                call_type=kind,
            )
            dollars = sum(parts)
            if use[bills.IMAGES]:
                # Of a model that has both, images are charged by the other call that makes them.
                info = litellm.get_model_info(use.model, custom_llm_provider=provider)
                images = ImageResponse(data=[ImageObject(url="x")] * use[bills.IMAGES])
                dollars += flat_image_cost(info, images)
    return dollars


def usage(use: Use) -> Usage:
    """The use in its words: the whole, and the parts of it that it tells apart."""
    written = use[bills.CACHE_WRITE] + use[bills.CACHE_WRITE_1H]
    lasting = CacheCreationTokenDetails(
        ephemeral_5m_input_tokens=use[bills.CACHE_WRITE],
        ephemeral_1h_input_tokens=use[bills.CACHE_WRITE_1H],
    )
    return Usage(
        prompt_tokens=use.input,
        completion_tokens=use.output,
        total_tokens=use.input + use.output,
        cache_read_input_tokens=use[bills.CACHE_READ] or None,
        cache_creation_input_tokens=written or None,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=use[bills.CACHE_READ],
            image_tokens=use[bills.INPUT_IMAGE],
            cache_creation_tokens=written,
            cache_creation_token_details=lasting,
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(
            reasoning_tokens=use[bills.REASONING], image_tokens=use[bills.OUTPUT_IMAGE]
        ),
    )
