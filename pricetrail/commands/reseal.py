"""`pricetrail db reseal`: the secrets in the database encrypted by the newest key."""

import os

import click

from pricetrail.catalog.errors import FailedError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import json_option
from pricetrail.render import line, print_json
from pricetrail.settings.kept import NotATableError, table_of
from pricetrail.settings.references import SEALED, MissingError
from pricetrail.settings.sealing import Seals
from pricetrail.settings.storing import as_text
from pricetrail.settings.tables import raw_of
from pricetrail.storage import kept_secrets
from pricetrail.text.sums import counted


@click.command(cls=Command)
@json_option
@pass_app
def reseal(app: App, as_json: bool) -> None:
    """Encrypt every secret in the database anew, by the first of PRICETRAIL_SECRET_KEYS.

    To exchange a key: put the new one before the old one, restart what runs, call this, and take
    the old one out. All are encrypted anew, or none; what is encrypted by the first key already
    stays as it is.
    """
    seals = Seals(raw_of(app.config, os.environ).folder, os.environ)

    def anew(whose: str, settings: str) -> str:
        try:
            return as_text({key: _anew(seals, it) for key, it in table_of(settings).items()})
        except NotATableError:
            return settings
        except MissingError as error:
            raise FailedError(f"{whose} in the database: {error.text}") from None

    with app.database().write(long=True) as transaction:
        changed = kept_secrets.rewrite(transaction, SEALED, anew)
    if as_json:
        print_json({"resealed": changed})
    else:
        line(f"encrypted anew: the secrets of {counted(changed, 'source or webhook', _MANY)}")


_MANY = "sources and webhooks"


def _anew(seals: Seals, value: object) -> object:
    if isinstance(value, list):
        return [_anew(seals, one) for one in value]
    if not (isinstance(value, str) and value.startswith(SEALED)) or seals.is_newest(value):
        return value
    return seals.sealed(seals.opened(value))
