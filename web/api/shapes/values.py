"""What many shapes are made of."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Amount = Annotated[
    str,
    Field(
        description="An exact decimal in plain notation; never a float.",
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        examples=["0.0000025"],
    ),
]
Percent = Annotated[
    str,
    Field(description="With two decimals and its sign.", pattern=r"^-?[0-9]+\.[0-9]{2}$"),
]
Time = Annotated[
    str,
    Field(
        description="RFC 3339 in UTC.",
        json_schema_extra={"format": "date-time"},
        examples=["2026-11-23T10:00:06Z"],
    ),
]
Hash = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
Version = Annotated[int, Field(ge=0, description="A version of a catalog: 1, 2, 3 …")]
Number = Annotated[int, Field(ge=0)]
Direction: TypeAlias = Literal["increase", "decrease", "mixed", "none"]
Certainty: TypeAlias = Literal["observed", "bracketed", "gap"]
Pointer = Annotated[
    str, Field(description="A JSON Pointer (RFC 6901).", examples=["/pricing/text/prompt"])
]


class Shape(BaseModel):
    """One object of an answer. What is not named here may be added to it later."""

    model_config = ConfigDict(populate_by_name=True)


class Problem(Shape):
    """What is wrong, and what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(examples=["no model 'gpt-6' was ever seen; did you mean gpt-5?"])
    message: str | None = Field(
        None, description="The same, below `/v1`: clients of the gateway show nothing else."
    )


class Price(Shape):
    """One price of a model; without an amount where the gateway wrote none (`flagged`)."""

    path: Pointer
    unit: str = Field(examples=["USD/token"])
    amount: Amount | None
    flagged: str | None = Field(None, description="The text in place of an amount.")


class Change(Shape):
    """One leaf of a model that changed; a side is null where the leaf was not there."""

    path: Pointer
    unit: str | None
    old: Any
    new: Any
    percent: Percent | None
    absent: list[Literal["old", "new"]] | None = Field(
        None, description="Which nulls mean that the leaf was not there."
    )
    flagged: list[Literal["old", "new"]] | None = Field(
        None, description="Which sides hold something other than an amount."
    )


class Window(Shape):
    """Between which polls it happened; `not_before` is null where nothing was seen before."""

    not_before: Time | None
    not_after: Time


class Counts(Shape):
    """How many models a version changed, and how."""

    added: Number
    removed: Number
    repriced: Number
    updated: Number
