"""Offers of several sources beside each other, on the terminal."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from pricetrail.catalog.units import bare_label, condition_of
from pricetrail.queries.compare import CompareAnswer
from pricetrail.queries.offers import Asked, ComparedModel, Offer, Ranking
from pricetrail.render import Column, Heading, line, table, when
from pricetrail.storage.history.price_catalogs import Since
from pricetrail.text import money
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted

# Of so many sources the names are shown in one cell, and of so many dearer ones the prices.
_NAMES, _DEARER = 3, 2
# What is shown of an offer, by its source and the name that it lists the model under.
_Names: TypeAlias = Mapping[tuple[str, str], str]


def show_model(answer: CompareAnswer) -> None:
    """Show every price of one model with who asks least, and since when each offer stands."""
    [compared] = answer.models
    offers = counted(len({offer.source for offer in compared.offers}), "source")
    line(f"{sanitize(compared.model, 600)} at {when(answer.at)}: {offers}\n")
    rankings = compared.rankings()
    if rankings:
        _prices(compared, rankings)
    else:
        line("no prices")
    line()
    rows = [_offer(offer, compared.model) for offer in compared.offers]
    table(("source", "prices seen since", Column("last seen", drop=1), "certainty"), rows)


def show_models(answer: CompareAnswer) -> None:
    """Show the prices in which sources differ, model by model; count the models that are alike."""
    alike = 0
    for compared in answer.models:
        rankings = [ranking for ranking in compared.rankings() if ranking.dearer]
        alike += not rankings
        if rankings:
            line(sanitize(compared.model, 600))
            _prices(compared, rankings)
            line()
    line(_sum(answer, alike))


def _sum(answer: CompareAnswer, alike: int) -> str:
    at = when(answer.at)
    if len(answer.sources) == 1:
        only = sanitize(answer.sources[0])
        return f"there is no other source to compare {only} with"
    among = counted(len(answer.sources), "source")
    if not answer.models:
        return (
            f"none of the {among} lists a model of another at {at}: they are compared by id, and "
            "by the names that [aliases] joins"
        )
    shared = counted(len(answer.models), "model")
    return f"{shared} at {among}, {at}; {alike:,} cost the same everywhere"


def _prices(compared: ComparedModel, rankings: Sequence[Ranking]) -> None:
    names = {(offer.source, offer.name): _name(offer, compared.model) for offer in compared.offers}
    rows: list[tuple[str, ...] | Heading] = []
    for condition, some in groupby(rankings, key=lambda ranking: condition_of(ranking.path)):
        if condition:
            rows.append(Heading(f"  {condition.heading}:"))
        rows += [_price(ranking, names, "    " if condition else "  ") for ranking in some]
    table(("  price", "cheapest", "at", "dearer"), rows)


def _price(ranking: Ranking, names: _Names, indent: str) -> tuple[str, ...]:
    least = ranking.asked[0].amount
    return (
        f"{indent}{bare_label(ranking.path)}",
        money.price(least, ranking.unit),
        _some([names[asked.source, asked.name] for asked in ranking.cheapest], _NAMES),
        _some([_dearer(asked, ranking, names) for asked in ranking.dearer], _DEARER),
    )


def _dearer(asked: Asked, ranking: Ranking, names: _Names) -> str:
    ratio = money.ratio(ranking.asked[0].amount, asked.amount)
    more = "" if ratio is None else f" ({ratio})"
    return f"{names[asked.source, asked.name]} {money.bare_price(asked.amount, ranking.unit)}{more}"


def _name(offer: Offer, model: str) -> str:
    """A source's name; beside it what is to be known of a price that is not certain, and under
    which other name it lists the model."""
    name = sanitize(offer.source, 40)
    told = [] if offer.name == model else [f"as {sanitize(offer.name, 60)}"]
    told += [] if offer.answer.observed else [offer.certainty]
    return f"{name} ({', '.join(told)})" if told else name


def _some(words: Sequence[str], most: int) -> str:
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")


def _offer(offer: Offer, model: str) -> tuple[object, ...]:
    seen = offer.answer.until
    source = offer.source if offer.name == model else f"{offer.source}, as {offer.name}"
    if not offer.visible:
        return source, "not visible to this key yet", seen, offer.certainty
    if not offer.prices:
        return source, "listed without prices", seen, offer.certainty
    return source, _since(offer.since), seen, offer.certainty


def _since(since: Since | None) -> str | None:
    if since is None:
        return None
    return when(since.not_after) + ("" if since.not_before else " or before")
