"""From the cells of a file, all of them text, to the relation `usage` of the plan: in SQL.

What is read here is read as the streaming audit reads it, to the last digit. A row with a cell that
is not of the plainest form is not `readable`: the streaming audit itself reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pricetrail.audit.engines.plan import DAY, literal, written_in
from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.quantities import INSIDE, OPENAI, comes_whole
from pricetrail.audit.usage.reading import TOTALS_AS_NAMES
from pricetrail.catalog import bills

# The very end: in Java's patterns a $ stands before a last line end as well.
_END = r"\z"
# 15 digits of 18: what is added and taken off in a row stays exact; an engine sums up to 38.
_WHOLE, _FRACTION = f"^[0-9]{{1,15}}{_END}", f"^[0-9]{{1,9}}([.][0-9]{{1,6}})?{_END}"
_DATE = "20[0-9]{2}-[01][0-9]-[0-3][0-9]"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_INSTANT = f"^{_DATE}[T ]{_CLOCK}:[0-5][0-9]([.][0-9]{{1,6}})?(Z|[+-]{_CLOCK}){_END}"
_MIDNIGHT = "([T ]00:00(:00([.]0+)?)?(Z| ?UTC|[+-]00:?(00)?)?)?"
# Nothing at either end that Python would strip.
_BARE = rf"^[!-~\pL\pN]((?s:.)*[!-~\pL\pN])?{_END}"
# How many digits an epoch has, and what its unit is in microseconds.
_EPOCHS = {10: 1_000_000, 13: 1_000, 16: 1}
_NO_NUMBER = "CAST(NULL AS BIGINT)"
_WRITTEN = (c.WRITTEN_5M, c.WRITTEN_1H)
# Whether wholes include their parts: what a total proves, for prompt and for completion.
_PROMPT_FITS, _COMPLETION_FITS = "inside_0 <= whole_0", "inside_1 <= whole_1"
_OVER = "(total - whole_0 - whole_1)"
_PROOFS = (
    f"({_PROMPT_FITS} AND {_COMPLETION_FITS} AND {_OVER} = 0)",
    f"(inside_0 > 0 AND {_COMPLETION_FITS} AND {_OVER} = inside_0)",
    f"(inside_1 > 0 AND {_PROMPT_FITS} AND {_OVER} = inside_1)",
    f"(inside_0 > 0 AND inside_1 > 0 AND {_OVER} = inside_0 + inside_1)",
)


@dataclass(frozen=True, slots=True)
class Staging:
    """How the cells of a relation `file` become `usage`.

    Args:
        cells: of each role, the expression of its text; NULL or '' where there is none.
        odd: conditions on which a row is not read here.
        labels: those that rows are added up by.
        style: how wholes stand to their parts, where nothing proves it.
        proofs: conditions, and the style that they prove; the first that holds.
        told: whether the file has a column for the number of requests.
        days: times of midnight are days.
        local: days are not those of UTC; dates are not read here.
        typed: of roles whose cells are no texts, the expression of the number or of the instant
            (in microseconds), NULL where it is odd; a text need only be there.
        bounded: only rows of some time are asked for.
    """

    cells: Mapping[str, str]
    odd: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    style: str = ""
    proofs: tuple[tuple[str, str], ...] = ()
    told: bool = False
    days: bool = False
    local: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    bounded: bool = False

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of the quantities, in the order of `usage`."""
        return tuple(n for n in self.cells if n not in c.NO_QUANTITIES and n not in _WRITTEN)

    def usage(self, dialect: str) -> str:
        """The query for `usage`, from a relation `file` with `place` and the cells."""
        return written_in(
            dialect,
            f"WITH texts AS ({self._texts()}), numbers AS ({self._numbers()}), "
            f"parts AS ({self._parts()}), inclusions AS ({_inclusions()}), "
            f"usages AS ({self._usages()}) {self._readable()}",
        )

    def _texts(self) -> str:
        """The cells that something is read from; NULL where they are empty."""
        wanted = {"time": c.TIME, "last": c.END, "model": c.MODEL, "tier": c.SERVICE}
        wanted |= {"batch": c.BATCH, "request": c.REQUEST_ID, "total_text": c.TOTAL}
        wanted |= {f"by_{label}": label for label in self.labels}
        wanted |= {f"text_{index}": name for index, name in enumerate(self.quantities)}
        texts = [f"{self._text(role)} AS {name}" for name, role in wanted.items()]
        texts += [
            f"{self.typed[role]} AS typed_{name}"
            for name, role in wanted.items()
            if role in self.typed
        ]
        unread = [f"{self._text(role)} IS NOT NULL" for role in (c.WINDOW, c.AUDIO, *_WRITTEN)]
        odd = " OR ".join((*unread, *self.odd))
        proof = "".join(f"WHEN {test} THEN {style == OPENAI} " for test, style in self.proofs)
        openai = f"CASE {proof} ELSE {self.style == OPENAI} END" if proof else self.style == OPENAI
        return _select(
            (*texts, f"COALESCE({odd}, TRUE) AS odd", f"{openai} AS openai", "place"), "file"
        )

    def _text(self, role: str) -> str:
        found = self.cells.get(role)
        return "CAST(NULL AS VARCHAR)" if found is None else f"NULLIF({found}, '')"

    def _numbers(self) -> str:
        numbers = [
            f"{self._number(name, f'text_{index}')} AS number_{index}"
            for index, name in enumerate(self.quantities)
        ]
        times = []
        for role, text, before in ((c.TIME, "time", ""), (c.END, "last", "last_")):
            is_typed = role in self.typed
            times.append(f"{f'typed_{text}' if is_typed else _instant(text)} AS {before}instant")
            times.append(f"{_NO_NUMBER if is_typed else self._day(text)} AS {before}day")
        total = f"{self._number(c.TOTAL, 'total_text')} AS total"
        return _select(("*", *times, total, *numbers), "texts")

    def _number(self, role: str, text: str) -> str:
        return f"typed_{text}" if role in self.typed else _number(text, whole=comes_whole(role))

    def _day(self, text: str) -> str:
        if self.local:
            return _NO_NUMBER
        pattern = f"^{_DATE}{_MIDNIGHT if self.days else ''}{_END}"
        # By far most times are no dates: their length is told sooner.
        is_short = f"LENGTH({text}) <> 20 AND REGEXP_MATCHES({text}, '{pattern}')"
        test = f"REGEXP_MATCHES({text}, '{pattern}')" if self.days else is_short
        return f"CASE WHEN {test} THEN {_days(text)} * {DAY} END"

    def _parts(self) -> str:
        """The wholes, what of them stands in columns of its own, and the row's stretch of time."""
        columns = []
        for index, (whole, inside) in enumerate(INSIDE.items()):
            columns.append(f"{self._sum((whole,))} AS whole_{index}")
            columns.append(f"{self._sum(inside)} AS inside_{index}")
        columns.append("COALESCE(instant, day) AS began")
        # A day that is named as the last one belongs to the stretch; an instant ends it.
        columns.append("COALESCE(last_instant, last_day) AS last_began")
        columns.append(
            f"CASE WHEN last IS NOT NULL THEN COALESCE(last_instant, last_day + {DAY}) "
            f"ELSE COALESCE(instant + 1, day + {DAY}) END AS ended"
        )
        columns.append("(last IS NOT NULL OR day IS NOT NULL) AS summed")
        return _select(("*", *columns), "numbers")

    def _sum(self, names: Iterable[str]) -> str:
        known = [self.quantities.index(name) for name in names if name in self.quantities]
        return " + ".join(f"COALESCE(number_{index}, 0)" for index in known) or "CAST(0 AS BIGINT)"

    def _usages(self) -> str:
        """The quantities, apart from each other."""
        rest = dict(zip(INSIDE, ("rest_0", "rest_1"), strict=True))
        used = [
            f"{rest.get(name, f'number_{index}')} AS used_{index}"
            for index, name in enumerate(self.quantities)
        ]
        others = self._sum(name for name in bills.OTHER_INPUTS)
        read = f"COALESCE(rest_0, 0) + {others} AS prompt"
        return _select(
            ("*", read, *used), f"({_select(('*', *map(self._rest, (0, 1))), 'inclusions')})"
        )

    def _rest(self, side: int) -> str:
        """What is left of a whole, without its parts where it includes them; NULL for no whole."""
        name = tuple(INSIDE)[side]
        own = f"number_{self.quantities.index(name)}" if name in self.quantities else "NULL"
        included = f"whole_{side} - inside_{side}"
        test = f"included_{side} AND inside_{side} > 0"
        return f"CASE WHEN {test} THEN {included} ELSE {own} END AS rest_{side}"

    def _readable(self) -> str:
        """The columns of `usage`, and whether they say all that a row does."""
        numbered = range(len(self.quantities))
        odd = ["odd", "began IS NULL", "ended IS NULL", "model IS NULL"]
        if self.bounded:
            # Those without a name, or of totals, are left out for that, and not for their time.
            totals = f"model IN ({_literals(sorted(TOTALS_AS_NAMES))})"
            odd += [f"NOT REGEXP_MATCHES(model, '{_BARE}')", totals]
        odd += ["COALESCE(rest_0, 0) < 0"]
        odd += ["COALESCE(rest_1, 0) < 0"]
        odd += ["last IS NOT NULL AND (last_began < began OR ended <= began)"]
        odd += ["total_text IS NOT NULL AND total IS NULL"]
        odd += [f"text_{n} IS NOT NULL AND number_{n} IS NULL" for n in numbered]
        if c.REQUEST_ID in self.cells:
            # Of requests that are there twice, the pricer says so.
            odd.append("request IS NOT NULL AND request IN (SELECT request FROM repeated)")
        some = " OR ".join(f"text_{n} IS NOT NULL" for n in numbered) or "FALSE"
        readable = f"COALESCE(({some}) AND NOT ({' OR '.join(f'({one})' for one in odd)}), FALSE)"
        columns = ["place", f"{readable} AS readable", "model", "began", "ended"]
        columns += [f"{self._single()} AS single", "prompt", "tier", "batch"]
        columns += [f"by_{label}" for label in self.labels]
        columns += [_exact(f"used_{n}", name) for n, name in enumerate(self.quantities)]
        return _select(columns, "usages")

    def _single(self) -> str:
        """Whether a row is one request: as it counts them, or names it, or else as its time is."""
        alone = "FALSE" if self.told else "NOT summed"
        named = f"CASE WHEN request IS NOT NULL THEN TRUE ELSE {alone} END"
        if bills.REQUESTS not in self.quantities:
            return named
        number = f"number_{self.quantities.index(bills.REQUESTS)}"
        return f"CASE WHEN {number} IS NOT NULL THEN {number} = 1 ELSE {named} END"

    def requests(self, dialect: str) -> str:
        """The query for the ids of all requests in `file`; `repeated` has those there twice."""
        texts = f"({self._texts()}) AS texts WHERE request IS NOT NULL"
        return written_in(dialect, _select(("request",), texts))


def _inclusions() -> str:
    """Whether each whole includes its parts: by the one proof that a total gives, or by style."""
    number = " + ".join(f"CASE WHEN {proof} THEN 1 ELSE 0 END" for proof in _PROOFS)
    included = (
        f"CASE WHEN ({number}) = 1 THEN ({first} OR {second}) ELSE openai END AS included_{side}"
        for side, (first, second) in enumerate(((_PROOFS[0], _PROOFS[2]), (_PROOFS[0], _PROOFS[1])))
    )
    return _select(("*", *included), "parts")


def _select(columns: Iterable[str], relation: str) -> str:
    return f"SELECT {', '.join(columns)} FROM {relation}"  # noqa: S608 - names of ours alone


def _number(text: str, *, whole: bool) -> str:
    """An exact quantity; NULL where it is written in any other way than the plainest."""
    pattern, kind = (_WHOLE, "DECIMAL(18, 0)") if whole else (_FRACTION, "DECIMAL(18, 6)")
    return f"CASE WHEN REGEXP_MATCHES({text}, '{pattern}') THEN CAST({text} AS {kind}) END"


def _exact(used: str, name: str) -> str:
    return f"CAST({used} AS DECIMAL(18, {0 if comes_whole(name) else 6})) AS {used}"


def _days(text: str) -> str:
    """Days since 1970; NULL for a day that there is none of."""
    return f"DATE_DIFF('day', DATE '1970-01-01', TRY_CAST(SUBSTRING({text}, 1, 10) AS DATE))"


def _instant(text: str) -> str:
    """Microseconds since 1970 of an instant with its offset, or of an epoch's plain digits."""

    def two(start: int, of: str = text) -> str:
        return f"CAST(SUBSTRING({of}, {start}, 2) AS BIGINT)"

    offset = f"RIGHT({text}, 6)"
    minutes = f"({two(2, offset)} * 60 + {two(5, offset)})"
    sign = f"CASE WHEN SUBSTRING({offset}, 1, 1) = '-' THEN 1 ELSE -1 END"
    zone = f"CASE WHEN RIGHT({text}, 1) = 'Z' THEN 0 ELSE {sign} * {minutes} END"
    digits = f"RPAD(REGEXP_EXTRACT({text}, '[.]([0-9]+)', 1), 6, '0')"
    fraction = f"CASE WHEN SUBSTRING({text}, 20, 1) = '.' THEN CAST({digits} AS BIGINT) ELSE 0 END"
    seconds = f"(({two(12)} * 60 + {two(15)} + {zone}) * 60 + {two(18)})"
    epochs = "".join(
        f" WHEN REGEXP_MATCHES({text}, '^[0-9]{{{length}}}{_END}') "
        f"THEN CAST({text} AS BIGINT) * {unit}"
        for length, unit in _EPOCHS.items()
    )
    return (
        f"CASE WHEN REGEXP_MATCHES({text}, '{_INSTANT}') "
        f"THEN {_days(text)} * {DAY} + {seconds} * 1000000 + {fraction}{epochs} END"
    )


def _literals(texts: Iterable[str]) -> str:
    return ", ".join(literal(text) for text in texts)
