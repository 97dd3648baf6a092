"""A made-up catalog of some 60 models in PipeLLM's unified schema.

No model of these names exists; their prices are of the size and the shape of real ones.
"""

from decimal import Decimal
from typing import Any

from pricetrail.catalog.amounts import plain

# Dollars per million tokens; "-" where there is none. `above 200k` is prompt/completion/cache read.
_TOKENS = """
id                    target    created    prompt completion read   write  write_1h above_200k
argent-2              openai    2026-02-03 2.00   8.00       0.50   -      -        -
argent-2-mini         openai    2026-02-03 0.40   1.60       0.10   -      -        -
argent-2-nano         openai    2026-02-03 0.10   0.40       0.025  -      -        -
argent-3              openai    2026-08-07 1.25   10.00      0.125  -      -        -
argent-3-chat         openai    2026-08-07 1.25   10.00      0.125  -      -        -
argent-3-coder        openai    2026-09-15 1.25   10.00      0.125  -      -        -
argent-3-mini         openai    2026-08-07 0.25   2.00       0.025  -      -        -
argent-3-nano         openai    2026-08-07 0.05   0.40       0.005  -      -        -
argent-3-pro          openai    2026-10-06 15.00  120.00     -      -      -        -
argent-r1             openai    2025-12-18 2.00   8.00       0.50   -      -        -
argent-r1-mini        openai    2025-12-18 1.10   4.40       0.275  -      -        -
basalt-120b           openai    2026-08-05 0.15   0.60       -      -      -        -
basalt-20b            openai    2026-08-05 0.05   0.20       -      -      -        -
cantor-4-grand        anthropic 2026-05-22 15.00  75.00      1.50   18.75  30.00    -
cantor-4-plain        anthropic 2026-05-22 3.00   15.00      0.30   3.75   6.00     6.00/22.50/0.60
cantor-4.5-grand      anthropic 2026-11-01 5.00   25.00      0.50   6.25   10.00    -
cantor-4.5-plain      anthropic 2026-09-29 3.00   15.00      0.30   3.75   6.00     6.00/22.50/0.60
cantor-4.5-swift      anthropic 2026-10-15 1.00   5.00       0.10   1.25   2.00     -
cantor-3.5-swift      anthropic 2025-11-04 0.80   4.00       0.08   1.00   1.60     -
cantor-3-swift        anthropic 2025-03-13 0.25   1.25       0.03   0.30   -        -
lyra-2.5-flash        gemini    2026-06-17 0.30   2.50       0.03   -      -        -
lyra-2.5-flash-lite   gemini    2026-07-22 0.10   0.40       0.01   -      -        -
lyra-2.5-pro          gemini    2026-06-17 1.25   10.00      0.125  -      -        2.50/15.00/0.25
lyra-3-flash          gemini    2026-11-12 0.50   3.00       0.05   -      -        -
lyra-3-pro            gemini    2026-11-12 2.00   12.00      0.20   -      -        4.00/18.00/0.40
lyra-2-flash          gemini    2026-02-05 0.10   0.40       0.025  -      -        -
mistwood-large        openai    2026-07-02 2.00   6.00       -      -      -        -
mistwood-medium       openai    2026-05-07 0.40   2.00       -      -      -        -
mistwood-small        openai    2026-06-20 0.10   0.30       -      -      -        -
mistwood-coder        openai    2026-07-30 0.30   0.90       -      -      -        -
mistwood-vision       openai    2026-04-12 0.15   0.15       -      -      -        -
okapi-v3              openai    2026-03-24 0.27   1.10       0.07   -      -        -
okapi-v3.1            openai    2026-08-21 0.56   1.68       0.07   -      -        -
okapi-v3.2            openai    2026-09-29 0.28   0.42       0.028  -      -        -
okapi-reasoner        openai    2026-05-28 0.55   2.19       0.14   -      -        -
pebble-235b           openai    2026-07-25 0.22   0.88       -      -      -        -
pebble-30b            openai    2026-07-30 0.08   0.29       -      -      -        -
pebble-coder-480b     openai    2026-07-23 0.29   1.20       -      -      -        -
pebble-max            openai    2026-09-05 1.20   6.00       0.24   -      -        -
pebble-next-80b       openai    2026-09-11 0.14   1.40       -      -      -        -
quill-k2              openai    2026-07-11 0.60   2.50       0.15   -      -        -
quill-k2-thinking     openai    2026-11-06 0.60   2.50       0.15   -      -        -
rowan-70b             openai    2025-12-06 0.13   0.39       -      -      -        -
rowan-8b              openai    2025-07-23 0.02   0.03       -      -      -        -
rowan-maverick        openai    2026-04-05 0.15   0.60       -      -      -        -
sable-4               openai    2026-07-09 3.00   15.00      0.75   -      -        6.00/30.00/1.50
sable-4-fast          openai    2026-09-19 0.20   0.50       0.05   -      -        0.40/1.00/0.10
sable-code-fast       openai    2026-08-28 0.20   1.50       0.02   -      -        -
tern-4.5              openai    2026-07-28 0.60   2.20       0.11   -      -        -
tern-4.6              openai    2026-09-30 0.60   2.20       0.11   -      -        -
tern-4.6-air          openai    2026-10-20 0.20   1.10       0.03   -      -        -
umber-m2              openai    2026-10-27 0.30   1.20       0.03   -      -        -
verdigris-command     openai    2026-03-13 2.50   10.00      -      -      -        -
"""

# Dollars per image or second, at the leaf that is named.
_GENERATIONS = """
id                    target    created    leaf=price
argent-image-1        openai    2026-04-23 image.per_image=0.04
argent-image-1-mini   openai    2026-10-06 image.per_image=0.011
argent-speech         openai    2026-03-20 audio.per_second=0.00025
lyra-canvas-4         gemini    2026-08-14 image.per_image=0.04
lyra-canvas-4-fast    gemini    2026-08-14 image.per_image=0.02
lyra-film-3           gemini    2026-07-17 video.per_second=0.20 video.per_second_with_audio=0.40
lyra-film-3-fast      gemini    2026-07-31 video.per_second=0.10 video.per_second_with_audio=0.15
wisp-voice-2          openai    2026-09-02 audio.per_second=0.0003
"""

# What only some of them have, in dollars per million tokens.
_REASONING = {"argent-r1": "8.00", "argent-r1-mini": "4.40", "okapi-reasoner": "2.19"}
_IMAGE_INPUT = {"mistwood-vision": "0.15", "lyra-3-pro": "2.00", "argent-3": "1.25"}


def models() -> list[dict[str, Any]]:
    """The whole catalog, a fresh copy at each call."""
    tokens = [_token_model(line.split()) for line in _TOKENS.strip().splitlines()[1:]]
    generations = [_generation(line.split()) for line in _GENERATIONS.strip().splitlines()[1:]]
    return tokens + generations


def token_model(name: str, target: str, created: str, prompt: str, completion: str) -> Any:
    """A model with nothing but prompt and completion prices, in dollars per million."""
    return _token_model([name, target, created, prompt, completion, "-", "-", "-", "-"])


def generation_model(name: str, target: str, created: str, *prices: str) -> dict[str, Any]:
    """A generation model; a price is `image.per_image=0.04`."""
    return _generation([name, target, created, *prices])


def per_token(dollars_a_million: str) -> str:
    """The exact price of one token: `0.30` → `0.0000003`."""
    return plain(Decimal(dollars_a_million).scaleb(-6))


def _token_model(cells: list[str]) -> dict[str, Any]:
    name, target, created, prompt, completion, read, write, write_1h, above = cells
    pricing: dict[str, Any] = {
        "kind": "token",
        "text": _group(
            prompt=prompt, completion=completion, internal_reasoning=_REASONING.get(name, "-")
        ),
    }
    cache = _group(read=read, write=write, write_1h=write_1h)
    if cache:
        pricing["cache"] = cache
    if name in _IMAGE_INPUT:
        pricing["multimodal"] = _group(input_image=_IMAGE_INPUT[name])
    if above != "-":
        dear_prompt, dear_completion, dear_read = above.split("/")
        tier = {"text": _group(prompt=dear_prompt, completion=dear_completion)}
        pricing["tiers"] = {"over_200k": tier | {"cache": _group(read=dear_read)}}
    return _model(name, target, created, pricing)


def _generation(cells: list[str]) -> dict[str, Any]:
    name, target, created, *prices = cells
    groups: dict[str, dict[str, str]] = {}
    for entry in prices:
        leaf, _, amount = entry.partition("=")
        group, _, key = leaf.partition(".")
        groups.setdefault(group, {})[key] = amount
    return _model(name, target, created, {"kind": "generation", "generation": groups})


def _model(name: str, target: str, created: str, pricing: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "type_target": target,
        "created_at": f"{created}T00:00:00Z",
        "pricing": pricing,
    }


def _group(**dollars: str) -> dict[str, str]:
    return {name: per_token(amount) for name, amount in dollars.items() if amount != "-"}
