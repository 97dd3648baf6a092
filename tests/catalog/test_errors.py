"""The tree of errors: whether trying again can help, and how a caller ends."""

import re
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

import pytest

import pricetrail
from pricetrail.catalog.errors import (
    CatalogError,
    FailedError,
    InvalidInputError,
    NotFoundError,
    PricetrailError,
    UnavailableError,
    exit_code,
    http_status,
)


@pytest.mark.parametrize(
    ("kind", "code", "status", "retry"),
    [
        (FailedError, 1, 503, False),
        (InvalidInputError, 2, 400, False),
        (NotFoundError, 3, 404, False),
        (UnavailableError, 1, 503, True),
        (CatalogError, 1, 503, False),
    ],
)
def test_each_kind_ends_in_its_way(
    kind: type[PricetrailError], code: int, status: int, retry: bool
) -> None:
    error = kind("one line")
    assert (exit_code(error), http_status(error), error.retry) == (code, HTTPStatus(status), retry)
    assert str(error) == "one line"


def test_an_error_of_a_kind_ends_as_its_kind_does() -> None:
    class NarrowError(InvalidInputError):
        pass

    class NarrowerError(NarrowError):
        pass

    assert (exit_code(NarrowerError()), http_status(NarrowerError())) == (2, HTTPStatus.BAD_REQUEST)


def test_of_two_kinds_the_first_decides() -> None:
    class AbsentInputError(NotFoundError, InvalidInputError):
        pass

    assert exit_code(AbsentInputError()) == 3


# How each kind of error ends, wherever it is defined: 1 failed or unavailable, 2 what was asked or
# configured, 3 nothing to answer from. A new kind is to be entered here.
_ENDS = {
    "alerts.signing.SecretError": 2,
    "alerts.webhooks.WebhookError": 2,
    "audit.engines.errors.EngineMissingError": 2,
    "audit.usage.errors.UsageFileError": 2,
    "catalog.bundle_reading.BundleError": 1,
    "catalog.errors.CatalogError": 1,
    "catalog.errors.FailedError": 1,
    "catalog.errors.InvalidInputError": 2,
    "catalog.errors.NotFoundError": 3,
    "catalog.errors.UnavailableError": 1,
    "catalog.ignored.IgnoreError": 2,
    "catalog.readers.KeepError": 2,
    "catalog.saved_heads.SavedHeadError": 2,
    "catalog.times.TimeError": 2,
    "commands.audit.NothingPricedError": 3,
    "commands.mcp.McpMissingError": 2,
    "files.atomic.TargetExistsError": 2,
    "files.atomic.UnwritableError": 1,
    "files.tables.ParquetMissingError": 2,
    "jobs.imports.observations.BadItemError": 1,
    "jobs.imports.observations.BrokenInputError": 2,
    "jobs.imports.observations.ImportRefusedError": 1,
    "jobs.polls.gateway_errors.GatewayError": 1,
    "jobs.polls.reviewing.VerdictError": 1,
    "jobs.schedule.ScheduleError": 2,
    "jobs.source.SourceError": 2,
    "jobs.stopping.StoppedError": 1,
    "mcp.paging.CursorError": 2,
    "net.no_answer.NoAnswerError": 1,
    "net.ssrf.GuardError": 1,
    "serving.MissingExtraError": 2,
    "settings.errors.PartlyDoneError": 1,
    "settings.errors.SettingsError": 2,
    "settings.sealing.KeysError": 2,
    "storage.errors.DamagedError": 1,
    "storage.errors.DatabaseUnavailableError": 1,
    "storage.errors.DatabaseUnreachableError": 1,
    "storage.errors.DatabaseUrlError": 2,
    "storage.errors.FileTroubleError": 1,
    "storage.errors.ForeignDatabaseError": 2,
    "storage.errors.SchemaVersionError": 2,
    "storage.errors.StaleHolderError": 1,
    "storage.errors.StorageError": 1,
    "storage.errors.TamperedError": 1,
    "storage.errors.UnprovenError": 1,
    "storage.errors.UnstorableError": 1,
    "storage.id_prefixes.AmbiguousIdError": 2,
    "storage.sources.SourceNeededError": 2,
    "web.access.tokens.TokenError": 2,
}
_DEFINED = re.compile(r"^class (\w+Error)\((\w+Error\b)", re.MULTILINE)
# Caught where they arise: no caller sees one.
_INTERNAL = {
    "audit.invoices.amounts.AmountError",
    "catalog.aliases.AliasError",
    "jobs.imports.envelopes.EnvelopeError",
    "settings.kinds.BadValueError",
    "settings.kept.NotATableError",
    "settings.references.MissingError",
    "settings.storing.UnkeepableError",
}


def test_every_kind_of_error_ends_as_the_table_says() -> None:
    for name, code in _ENDS.items():
        module, _, kind = name.rpartition(".")
        error = getattr(import_module(f"pricetrail.{module}"), kind)
        blank = error.__new__(error)
        status = {1: 503, 2: 400, 3: 404}[code]
        assert (exit_code(blank), http_status(blank)) == (code, HTTPStatus(status)), name


def test_the_table_has_every_kind_of_error_there_is() -> None:
    own = Path(pricetrail.__file__).parent
    rooms = [path for path in own.iterdir() if path.is_symlink()]
    defined = {
        ".".join((*file.relative_to(own).with_suffix("").parts, match[1]))
        for folder in (own, *rooms)
        for file in folder.rglob("*.py")
        for match in _DEFINED.finditer(file.read_text())
    }
    assert defined - _INTERNAL == _ENDS.keys()
