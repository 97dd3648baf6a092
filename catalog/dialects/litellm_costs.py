"""The cost fields of a LiteLLM entry: what each is for, and when it holds.

A field's name says both: `input_cost_per_token_above_200k_tokens_priority` is the prompt's price
for the service tier `priority`, above 200,000 tokens.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.conditions import window as clock_window
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.members import whole_number
from pricetrail.catalog.dialects.readings import ABSENT, APART, ModelReader
from pricetrail.catalog.pointers import join

_INPUT, _OUTPUT = "input_cost_per_token", "output_cost_per_token"
_PLACES = {
    _INPUT: "text/prompt",
    _OUTPUT: "text/completion",
    "output_cost_per_reasoning_token": "text/internal_reasoning",
    "cache_read_input_token_cost": "cache/read",
    "cache_creation_input_token_cost": "cache/write",
    "cache_creation_input_token_cost_above_1hr": "cache/write_1h",
    "input_cost_per_image_token": "multimodal/input_image",
    "output_cost_per_image_token": "multimodal/output_image",
}
_IMAGE, _AUDIO, _VIDEO = (
    "generation/image/per_image",
    "generation/audio/per_second",
    "generation/video/per_second",
)
# What a model of a mode makes: its price may stand in any of these, the first that is not 0.
_MADE = {
    "image_generation": (_IMAGE, ("output_cost_per_image",)),
    "image_edit": (_IMAGE, ("output_cost_per_image",)),
    "audio_speech": (_AUDIO, ("output_cost_per_second",)),
    "audio_transcription": (_AUDIO, ("input_cost_per_second", "output_cost_per_second")),
    "video_generation": (_VIDEO, ("output_cost_per_video_per_second", "output_cost_per_second")),
}
_ABOVE = re.compile(r"_above_(?P<number>[0-9]{1,9})(?P<scale>[km]?)_tokens", re.ASCII)
_SCALE = {"": 1, "k": 1000, "m": 1_000_000}
_SERVICE = re.compile(r"_(?P<service>[a-z]+)", re.ASCII)
_KNOWN_SERVICES = frozenset({"batches", "priority", "flex"})
_TIERED, _OFF_PEAK = "tiered_pricing", "off_peak_pricing"
_HOURS, _WINDOWS, _WEEKDAYS = "hours_utc", "windows", "weekdays"
_CLOCKS = re.compile(r"\s*([0-9]{2}):([0-9]{2})\s*-\s*([0-9]{2}):([0-9]{2})\s*", re.ASCII)
_WEEK = 7
# Where it multiplies prices for a place (`us`), or for speed; what else is there is none.
_SPECIFIC = "provider_specific_entry"
_MULTIPLIER = re.compile(r"[a-z]{2}|fast", re.ASCII)
# Fields with it in their name: `input_dbu_cost_per_token`.
_UNITS = "dbu"


@dataclass(frozen=True, slots=True)
class _Field:
    """A field's name without its condition, and the condition."""

    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry's fields, the names of service tiers in them, and what its mode makes."""

    reader: ModelReader
    pointer: Callable[[str], str]
    services: frozenset[str]
    made: dict[str, str]


def take(reader: ModelReader, native: fields.Native, pointer: Callable[[str], str]) -> None:
    """Take the prices of an entry over.

    Args:
        pointer: where a field of the entry stands in what was served.
    """
    entry = _Entry(reader, pointer, _services(native), _made(native))
    tiers, off_peak = native.get(_TIERED), native.get(_OFF_PEAK)
    taken = set()
    if isinstance(tiers, list):
        _tiers(entry, tiers)
        taken.add(_TIERED)
    if isinstance(off_peak, dict):
        _off_peak(entry, off_peak)
        taken.add(_OFF_PEAK)
    for key, value in native.items():
        if key not in taken and fields.is_priced(key):
            _take(entry, key, pointer(key), value, ALWAYS)
    for key, value in fields.members(native.get(_SPECIFIC)).items():
        if _MULTIPLIER.fullmatch(key):
            field = join(pointer(_SPECIFIC), key)
            fields.keep_native(reader, (_SPECIFIC, key), field, value)


def _services(native: fields.Native) -> frozenset[str]:
    """The ends of names that say a service tier: beside the known ones, those of both directions.

    `input_cost_per_token_ultrafast` is a tier's, as there is `output_cost_per_token_ultrafast`.
    """
    ends = [
        {key.removeprefix(whole) for key in native if key.startswith(whole)}
        for whole in (_INPUT, _OUTPUT)
    ]
    found = {match["service"] for end in ends[0] & ends[1] if (match := _SERVICE.fullmatch(end))}
    return _KNOWN_SERVICES | {name for name in found if fields.service(name) is not None}


def _made(native: fields.Native) -> dict[str, str]:
    """The fields of what the mode makes, by their place; the others of them stay native."""
    mode = native.get("mode")
    if not isinstance(mode, str) or mode not in _MADE:
        return {}
    place, names = _MADE[mode]
    given = [name for name in names if parse_amount(native.get(name)) is not None]
    chosen = ([name for name in given if parse_amount(native[name])] or given)[:1]
    return {name: place if name in chosen else "" for name in given}


def _read(entry: _Entry, key: str) -> _Field:
    above = _ABOVE.search(key)
    limit = int(above["number"]) * _SCALE[above["scale"]] if above else 0
    name = key[: above.start()] + key[above.end() :] if above else key
    whole, _, end = name.rpartition("_")
    tier = fields.service(end) if whole and name not in _PLACES and end in entry.services else None
    if tier is not None:
        return _Field(whole, replace(tier, threshold=limit))
    return _Field(name, Condition(threshold=limit))


def _take(entry: _Entry, key: str, field: str, value: object, given: Condition) -> None:
    """Take a field over, whose name adds its own condition to the one that is given."""
    if _UNITS in key:
        if value is not None:
            entry.reader.remark(ABSENT, field, "counted in Databricks units, not in dollars")
        return
    named = _read(entry, key)
    condition = replace(
        named.condition,
        window=given.window,
        threshold=named.condition.threshold or given.threshold,
    )
    place = _PLACES.get(named.name) or entry.made.get(named.name)
    if place and not isinstance(value, dict | list):
        entry.reader.price(place, field, value, condition=condition)
    elif place == "":
        # Of what a mode makes, 0 says that another field has the price.
        names = ("native", named.name)
        entry.reader.tree(names, field, value, condition=condition, zero=False)
    else:
        fields.keep_native(entry.reader, (named.name,), field, value, condition=condition)


def _priced(told: fields.Native, field: str) -> Iterator[tuple[str, str, object]]:
    for key, value in told.items():
        if fields.is_priced(key):
            yield key, join(field, key), value


def _tiers(entry: _Entry, tiers: list[object]) -> None:
    """Bands by the prompt's length, `range[0] < tokens <= range[1]`; they go before flat prices."""
    firsts = [first for tier in tiers if (first := _first(tier)) is not None]
    if len(firsts) < len(tiers):
        fields.keep_native(entry.reader, (_TIERED,), entry.pointer(_TIERED), tiers)
        return
    for index, first in enumerate(firsts):
        told, above = fields.members(tiers[index]), f"{entry.pointer(_TIERED)}/{index}"
        for key, field, value in _priced(told, above):
            _take(entry, key, field, value, Condition(threshold=first))


def _first(tier: object) -> int | None:
    """Where a band begins, in tokens; None where it is a band of something else."""
    bounds = fields.members(tier).get("range")
    first = whole_number(bounds[0]) if isinstance(bounds, list) and bounds else None
    return first if first is not None and first >= 0 else None


def _off_peak(entry: _Entry, told: fields.Native) -> None:
    windows, rest = _hours(told)
    if rest:
        entry.reader.remark(APART, entry.pointer(_OFF_PEAK), f"kept as native.{_OFF_PEAK}: {rest}")
    for key, field, value in _priced(told, entry.pointer(_OFF_PEAK)):
        for window in windows:
            _take(entry, key, field, value, Condition(window=window))
        if rest:
            fields.keep_native(entry.reader, (_OFF_PEAK, key), field, value)


def _hours(told: fields.Native) -> tuple[list[Window], str]:
    """The times of day of off-peak prices, and why they are not all of the times, if so."""
    rules: list[fields.Native] = [{_HOURS: told[_HOURS]}] if _HOURS in told else []
    more = told.get(_WINDOWS)
    rules += [fields.members(rule) for rule in (more if isinstance(more, list) else ())]
    windows: list[Window] = []
    rest = "" if rules else "no hours are named"
    for rule in rules:
        days, hours = rule.get(_WEEKDAYS), rule.get(_HOURS)
        read = [_window(text) for text in (hours if isinstance(hours, list) else [hours])]
        if days is not None and not (isinstance(days, list) and len(days) >= _WEEK):
            rest = "some hours are of some days of the week alone"
        elif None in read or not read:
            rest = "some hours are not understood"
        else:
            windows += [window for window in read if window is not None]
    return windows, rest


def _window(text: object) -> Window | None:
    match = _CLOCKS.fullmatch(text) if isinstance(text, str) else None
    try:
        return match and clock_window(int(match[1] + match[2]), int(match[3] + match[4]))
    except ValueError:
        return None
