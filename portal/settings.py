"""
The one reader of the environment, and the layout of a data folder.

    DATA/log/              what the publisher wrote: checkpoint, tile/…, document/<sha256>
    DATA/vkeys             the log's verifier keys, one a line
    DATA/ledger.sqlite     the database (unless DAYLIGHT_DATABASE names another)
    DATA/vault/            what must stay erasable: envelopes, openings of commitments
    DATA/receipt.vkey      the verifier key of commit receipts
    DATA/keys/             the server's secrets, and the lock store that is never restored from a backup
    DATA/moment            demos and re-enactments only: the instant at which they are shown
    DATA/people/           demos only: key files of invented people and keepers
"""

import os
from dataclasses import dataclass
from pathlib import Path

DATABASE_VARIABLE = "DAYLIGHT_DATABASE"


@dataclass(frozen=True)
class DataFolder:
    """The paths of one data folder; nothing is created by asking for a path."""

    root: Path

    @property
    def log(self) -> Path:
        """What the publisher wrote, and everybody may copy."""
        return self.root / "log"

    @property
    def vkeys(self) -> Path:
        """The verifier keys, for whoever audits."""
        return self.root / "vkeys"

    @property
    def database(self) -> str | Path:
        """The SQLite file, or the URL in DAYLIGHT_DATABASE."""
        return os.environ.get(DATABASE_VARIABLE) or self.root / "ledger.sqlite"

    @property
    def vault(self) -> Path:
        """Erasable bytes."""
        return self.root / "vault"

    @property
    def desk(self) -> str | Path:
        """The desk's tables: personal data, erasable, so it lies in the vault; or beside the log's in DAYLIGHT_DATABASE."""
        return os.environ.get(DATABASE_VARIABLE) or self.vault / "desk.sqlite"

    @property
    def keys(self) -> Path:
        """The server's secrets."""
        return self.root / "keys"

    @property
    def log_secret(self) -> Path:
        """The two keys that sign checkpoints."""
        return self.keys / "log.secret"

    @property
    def receipt_secret(self) -> Path:
        """The key that signs commit receipts, and nothing else."""
        return self.keys / "receipt.secret"

    @property
    def receipt_vkey(self) -> Path:
        """The public half of it, for whoever holds a receipt."""
        return self.root / "receipt.vkey"

    @property
    def operator_secret(self) -> Path:
        """The registrar's key: admits agencies and keepers, states what everyone recomputes."""
        return self.keys / "operator.secret"

    @property
    def lock(self) -> Path:
        """The lock store: apart from the database, never restored from a backup."""
        return self.keys / "lock.sqlite"

    @property
    def moment(self) -> Path:
        """The pinned moment of a demo or re-enactment."""
        return self.root / "moment"

    @property
    def people(self) -> Path:
        """Key files of a demo's people and keepers."""
        return self.root / "people"

    def exists(self) -> bool:
        """Whether a log was opened here."""
        return self.log_secret.exists()
