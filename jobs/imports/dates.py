"""When a file was made, by its name: `2026-11-23.json`, `models_20261123_100000.json`.

A name is understood entirely or not at all: what stands beside the date must be a time of day, its
offset, or a word that can be neither.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from zoneinfo import available_timezones

_SUFFIX = re.compile(r"(\.json)?(\.(gz|xz|zst))?$", re.IGNORECASE)
# Overlapping: what looks like hours and minutes may be the year of a second date.
_DATE = re.compile(r"(?=(?<!\d)(?:19|20)\d{2}([-_.]?)[01]\d\1[0-3]\d)", re.ASCII)
_DATED = re.compile(
    r"""
    (?P<year>\d{4})(?P<dash>[-_.]?)(?P<month>\d{2})(?P=dash)(?P<day>\d{2})
    (?:
      (?P<gap>[T_\-. ]*)
      (?P<hour>\d{2})(?P<colon>[-_:.h]?)(?P<minute>\d{2})
      (?:
        (?:(?P=colon)|(?<=h\d\d)m)(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?
        (?:(?<=h\d\dm\d\d)s)?
        |(?<=h\d\d)m
      )?
      (?:
        [-_ ]?(?P<utc>Z|UTC|GMT)
        |[_ ]?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})
        |[_ ]?(?P<plus>[+])(?P<whole>\d{2})(?:-(?P<rest>\d{2}))?
      )?
    )?
    (?![0-9A-Za-z])""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
# Before a date: 10:00, 10h, T10, 1000Z, 10 pm, noon, utc, seconds since 1970, and 10-00-00 right
# before it.
_TIME_BEFORE = re.compile(
    r"(?<![0-9a-z])(\d{1,2}:\d|\d{1,2}(h(\d\d)?|[ _.-]?[ap]m)(?![0-9a-z])"
    r"|(t(\d\d){1,3}|t\d|(\d\d){1,3}z|\d{9,})(?!\d)"
    r"|(utc|gmt|[ap]m|noon|midnight|morning|midday|afternoon|evening|night)(?![a-z])"
    r"|([01]\d|2[0-3])[-_.]?[0-5]\d([-_.]?[0-5]\d)?[-_. t]*$)",
    re.ASCII | re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[-_ .,()\[\]~@#]+")
# What can be no time: a word (in capitals it may be a time zone that nobody listed), or a number
# that begins with one, such as v2 or part3.
_WORD = re.compile(r"([vV])\d+|((?![A-Z]{1,5}(?!\w))[A-Za-z]{2,})\d*", re.ASCII)
_OF_TIME = (
    "am pm noon midnight morning midday afternoon evening night local localtime time hour hours hr "
    "hrs min mins minute minutes sec secs second seconds offset plus minus zone tz dst standard "
    "daylight summer winter epoch unix eastern western central mountain pacific atlantic et ct mt "
    "pt at nt adt aedt aest acdt acst aft akdt akst almt amt ast awst azt bdt bnt bot brt bst bt "
    "cast cat cct cdt cest chst cist clst clt cot cst cvt eat ect edt eest est fjt galt get gft "
    "gilt gst gyt hadt hdt hkt hst ict idt ist irdt irst jst kst lhst lint mart mest msd msk mst "
    "mut mvt myt nct ndt npt nst nut nzdt nzst omst orat pdt pet pgt pht pkt pst pyt ret samt "
    "sast sbt sgt sst taht tjt tlt tmt tot tvt ulat uyt uzt vet vut wast wat west wib wit wita"
)
# East of Greenwich it goes up to 14 hours, and never beyond.
_FURTHEST = timedelta(hours=14)


def is_dated(name: str) -> bool:
    """Whether a file's name holds one date, whatever else it says."""
    return len(_DATE.findall(name)) == 1


def time_in(name: str) -> datetime | None:
    """The one date, or date and time, that a file's name holds; UTC unless it says otherwise.

    None where there is none, more than one, or something beside it that may be a time and is not
    understood.
    """
    stem = _SUFFIX.sub("", name)
    if not is_dated(stem):
        return None
    start = next(_DATE.finditer(stem)).start()
    match = _DATED.match(stem, start)
    moment = _moment(match) if match is not None else None
    if match is None or moment is None or _ambiguous(match):
        return None
    if _tells_time(stem[:start]) or not all(map(_harmless, _words(stem[match.end() :]))):
        return None
    return moment


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text) if word]


def _tells_time(before: str) -> bool:
    """Whether a time stands before the date, or the zone of one."""
    zones = any(word.isupper() and _of_time(word) for word in _words(before))
    other_digits = any(letter.isnumeric() and not letter.isascii() for letter in before)
    return zones or other_digits or _TIME_BEFORE.search(before) is not None


def _ambiguous(match: "re.Match[str]") -> bool:
    """Whether a time may be something else: the offset of the date, or a part of its digits."""
    if match["hour"] is None:
        return False
    offset = match["gap"] == "-" and match["colon"] in ("", ":")
    glued = not match["gap"] and bool(match["dash"] or match["colon"])
    return glued or (offset and not match["second"] and _zone(match) is None)


def _harmless(token: str) -> bool:
    match = _WORD.fullmatch(token)
    return match is not None and not _of_time(match[1] or match[2])


def _of_time(word: str) -> bool:
    folded = word.casefold()
    return folded in _zone_words() or folded.startswith(("utc", "gmt"))


@cache
def _zone_words() -> frozenset[str]:
    """Words that tell a time of day or a time zone, by its short name or its city."""
    names = " ".join(available_timezones())
    cities = {word for word in re.split(r"[^a-z]+", names.casefold()) if len(word) > 2}
    return frozenset(cities | set(_OF_TIME.split()))


def _moment(match: "re.Match[str]") -> datetime | None:
    part = match.groupdict(default="0")
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            int(part["hour"]),
            int(part["minute"]),
            int(part["second"]),
            int(part["fraction"].ljust(6, "0")[:6]),
            tzinfo=_zone(match) or UTC,
        )
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _zone(match: "re.Match[str]") -> timezone | None:
    """The offset that is written; None where there is none.

    Raises:
        ValueError: no place on earth has it.
    """
    if match["utc"]:
        return UTC
    sign, hours = match["sign"] or match["plus"], match["hours"] or match["whole"]
    if sign is None:
        return None
    minutes = int(match["minutes"] or match["rest"] or 0)
    offset = timedelta(hours=int(hours), minutes=minutes)
    if minutes > 59 or offset > _FURTHEST:
        raise ValueError("no such offset")
    return timezone(-offset if sign == "-" else offset)
