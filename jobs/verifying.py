"""What a verification showed, remembered for whoever asks later whether one was ever made."""

from pricetrail.queries.verification import VerificationAnswer
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.sources import choose
from pricetrail.storage.verification import last
from pricetrail.storage.verification.last import LastVerification
from pricetrail.storage.verification.rows import Break
from pricetrail.text.sanitize import sanitize

_LONGEST = 600


def remember(database: Database, answer: VerificationAnswer) -> bool:
    """Write down what a verification showed.

    False where nothing can be written: the file is read-only, locked or damaged. Whoever verified
    has their answer all the same.
    """
    verdict = answer.verdict
    found = LastVerification(
        at=database.now(),
        snapshots=verdict.snapshots,
        version=verdict.version,
        saved_version=verdict.saved_at,
        first_break=None if verdict.first_break is None else in_words(verdict.first_break),
    )
    try:
        with database.write() as transaction:
            last.write(transaction, choose(transaction, verdict.source).id, found)
    except StorageError:
        return False
    return True


def in_words(broken: Break) -> str:
    """Where a history breaks and why, in one line that can be stored anywhere."""
    where = broken.what if broken.version is None else f"version {broken.version}, {broken.what}"
    # Of a backslash the check of stored values would say that bytes were put there.
    return sanitize(f"{where}: {broken.why}", _LONGEST).replace("\\", "/")
