"""Five gateways' lists of half a year, and what their amounts must become: with none of our code.

Numbers are taken from the JSON text and scaled as fractions; which field is a price of what is
written here a second time, by hand.
"""

import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

NAMES = ("openrouter", "groq", "together", "deepinfra", "xai")
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


class Number(str):
    """A JSON number, as it was written."""

    __slots__ = ()


_decoder = json.JSONDecoder(parse_float=Number, parse_int=Number)

Amounts = dict[str, Fraction | str]


@dataclass(frozen=True)
class Observation:
    """A list as it was seen once: the text of each model's entry, by id, in its order."""

    entries: dict[str, str]
    payload: str


def observations(shared_data: Path, name: str) -> Iterator[Observation]:
    """The observations of a gateway's list, oldest first."""
    path = shared_data / "lists" / f"{name}.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            start = line.index('"payload":') + len('"payload":')
            yield Observation(dict(_entries(line, start)), line[start:].rstrip()[:-1])


def _entries(line: str, start: int) -> Iterator[tuple[str, str]]:
    position = line.index("[", start) + 1
    while line[position] != "]":
        entry, end = _decoder.raw_decode(line, position)
        yield entry["id"], line[position:end]
        position = end + (line[end] == ",")


def parsed(entry: str) -> dict[str, Any]:
    """An entry whose numbers are still text."""
    found: dict[str, Any] = _decoder.decode(entry)
    return found


def fraction(text: str) -> Fraction | None:
    """The exact number of a text; None where it is no amount of money."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, decimals, exponent = match[1], match[2] or "", int(match[3] or 0)
    return Fraction(int(whole + decimals)) * Fraction(10) ** (exponent - len(decimals))


def digits(text: str) -> int:
    """How many significant digits a number has."""
    match = _NUMBER.fullmatch(text)
    assert match is not None
    return len((match[1] + (match[2] or "")).strip("0"))


def to_twelve(number: Fraction) -> Fraction:
    """A number to twelve significant digits, half to even."""
    if not number:
        return number
    unit = Fraction(1)
    while number / unit >= 10**12:
        unit *= 10
    while number / unit < 10**11:
        unit /= 10
    return round(number / unit) * unit


def _amount(value: str, power: int) -> Fraction | str:
    number = fraction(value)
    if number is None:
        return value
    if isinstance(value, Number) and digits(value) >= 16:
        number = to_twelve(number)
    return number * Fraction(10) ** power


# The native field to its path, the power of ten, and whether 0 is a price.
_OPENROUTER = {
    "prompt": ("text.prompt", 0, True),
    "completion": ("text.completion", 0, True),
    "internal_reasoning": ("text.internal_reasoning", 0, False),
    "input_cache_read": ("cache.read", 0, True),
    "input_cache_write": ("cache.write", 0, True),
    "web_search": ("native.web_search", 0, False),
    "request": ("native.request", 0, False),
    "image": ("native.image", 0, False),
    "audio": ("native.audio", 0, False),
}
_TOGETHER = {
    "input": ("text.prompt", -6, False),
    "output": ("text.completion", -6, False),
    "cached_input": ("cache.read", -6, False),
    "hourly": ("native.hourly", 0, False),
    "base": ("native.base", 0, False),
    "finetune": ("native.finetune", 0, False),
    "image": ("native.image", 0, False),
    "video": ("native.video", 0, False),
    "transcribe": ("native.transcribe", 0, False),
    "image_pixel": ("native.image_pixel", 0, False),
}
_DEEPINFRA = {
    "input_tokens": ("text.prompt", -6, True),
    "output_tokens": ("text.completion", -6, True),
    "cache_read_tokens": ("cache.read", -6, True),
    "per_image_unit": ("generation.image.per_image", 0, True),
    "input_seconds": ("generation.audio.per_second", 0, True),
    "input_characters": ("native.input_characters", 0, True),
}
_LONG = "tiers.over_200k."
_XAI = {
    "prompt_text_token_price": ("text.prompt", -10, True),
    "cached_prompt_text_token_price": ("cache.read", -10, True),
    "completion_text_token_price": ("text.completion", -10, True),
    "prompt_image_token_price": ("multimodal.input_image", -10, True),
    "prompt_text_token_price_long_context": (_LONG + "text.prompt", -10, True),
    "cached_prompt_text_token_price_long_context": (_LONG + "cache.read", -10, True),
    "completion_text_token_price_long_context": (_LONG + "text.completion", -10, True),
    "image_price": ("generation.image.per_image", -10, True),
}
_TABLES = {
    "openrouter": _OPENROUTER,
    "groq": _OPENROUTER,
    "together": _TOGETHER,
    "deepinfra": _DEEPINFRA,
    "xai": _XAI,
}


def pricing(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The prices of an entry as served."""
    if name == "xai":
        assert "long_context_threshold" not in entry or entry["long_context_threshold"] == "200000"
        return {key: value for key, value in entry.items() if "price" in key}
    holder = entry.get("metadata") or {} if name == "deepinfra" else entry
    found: dict[str, Any] = holder.get("pricing", {})
    return found


def amounts(name: str, entry: dict[str, Any]) -> Amounts:
    """What a list's entry must become: exact USD by path, and text where none is."""
    return {path: _amount(text, power) for path, text, power in _prices(name, entry)}


def wrong_in_floats(name: str, entry: dict[str, Any]) -> int:
    """How many of its amounts are other numbers for whoever reads and scales them as floats."""
    return sum(
        fraction(repr(float(text) / 10**-power)) != _amount(text, power)
        for _, text, power in _prices(name, entry)
        if fraction(text) is not None
    )


def _prices(name: str, entry: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """The path of each price, its text, and the power of ten that it is scaled by."""
    for field, value in pricing(name, entry).items():
        path, power, free = _TABLES[name][field]
        members = value.items() if isinstance(value, dict) else [(None, value)]
        for key, text in members:
            if key != "min_steps" and (fraction(text) != 0 or free):
                yield (path if key is None else f"{path}.{key}"), text, power
