"""The pages about the log itself: the only ones that may print its size and root."""

from typing import ClassVar

from msgspec import Struct

from portal.web.views.frame import Link, Moment, Page, Said


class Snapshot(Struct, frozen=True, kw_only=True):
    """The latest published checkpoint; `note` is its text as published."""

    origin: str
    size: int
    root: str
    when: Moment
    note: str


class RecordRow(Struct, frozen=True, kw_only=True):
    """One entry in the list, in words (`acts.KIND`)."""

    index: int
    when: Moment
    said: Said
    subject: Link | None = None


class LedgerPage(Page, frozen=True, kw_only=True):
    """
    The latest snapshot, the records newest first (keyset pages), and how to verify it all without us.

    `vkeys` are the verifier key lines; `snapshot` is None before the first publication.
    """

    template: ClassVar[str] = "pages/ledger.html"
    section: ClassVar[str] = "ledger"
    snapshot: Snapshot | None
    rows: tuple[RecordRow, ...]
    vkeys: tuple[str, ...]
    total: int
    older: str = ""
    newer: str = ""


class SignerRow(Struct, frozen=True, kw_only=True):
    """Who signed: the words for the key (`signers.*`), and the key id; `how` says with what, where that says something."""

    who: Said
    key: str
    signature: str
    how: Said | None = None


class ProofPanel(Struct, frozen=True, kw_only=True):
    """
    The proof that the record is in the snapshot: everything a stranger needs to check it by hand.

    `path` is the RFC 6962 inclusion proof, lower-case hex, from the leaf up.
    """

    leaf_hash: str
    statement_hash: str
    previous: str
    size: int
    root: str
    path: tuple[str, ...]
    when: Moment
    receipt: str


class DocumentRow(Struct, frozen=True, kw_only=True):
    """A file the record refers to by fingerprint."""

    href: str
    media_type: str
    length: int
    fingerprint: str


class RecordPage(Page, frozen=True, kw_only=True):
    """
    One record: the act in words, who signed, when, links; then the proof; the raw text last.

    `proof` is None while the record waits for the next snapshot; `note` says what a reader should know of this one.
    """

    template: ClassVar[str] = "pages/record.html"
    section: ClassVar[str] = "ledger"
    index: int
    kind: str
    said: Said
    when: Moment
    subject: Link | None
    signers: tuple[SignerRow, ...]
    links: tuple[Link, ...]
    documents: tuple[DocumentRow, ...]
    commitments: int
    proof: ProofPanel | None
    raw: str
    note: Said | None = None
    newer: str = ""
    older: str = ""
