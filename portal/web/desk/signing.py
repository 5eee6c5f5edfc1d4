"""
From a form to an entry: prepare a draft, show exactly what will be signed, take signatures, perform.

A draft is judged before anybody signs and again when it is performed. The device signs the statement's own bytes; the
server adds no word to them.
"""

from hashlib import sha256
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from ledger.commitments import commit
from ledger.entry import Signature, make_statement, sign
from policies import available, load_jurisdiction
from portal.commands.judge import judge
from portal.commands.library import Library
from portal.commands.perform import Document, perform
from portal.identity.accounts import Account, accounts
from portal.identity.credentials import credentials_of
from portal.identity.drafts import Draft, find_draft, keep_signature, keep_signatures, make_draft, settle_draft
from portal.identity.public_address import holds_passkeys
from portal.identity.secrets import codes_left
from portal.procurement.act import Act, body_of, read_body
from portal.procurement.events.party import PolicyAdopted
from portal.procurement.kinds import KINDS
from portal.procurement.refusal import Refusal
from portal.web.addresses import subject_link
from portal.web.desk.desk import Desk, account_of, form_of, frame, told_of
from portal.web.desk.signers import (
    beside_author,
    is_in_office,
    key_of,
    keys_of,
    own_admitting_keys,
    second_keys,
    signing_keys,
)
from portal.web.desk.spoken import papers_named, spoken
from portal.web.fresh import Fresh
from portal.web.problems import HTML, Problem
from portal.web.public.names import Names
from portal.web.public.sayings import Sayings
from portal.web.views.desk import DonePage, Fact, SigningDevice, SignPage
from portal.web.views.frame import Said, Shown, said

__all__ = ["as_act", "demo_sign", "key_of", "keys_of", "prepare", "second_keys", "signing_keys", "signing_routes"]


def prepare(
    desk: Desk,
    account: Account,
    kind: str,
    subject: str,
    body: Struct,
    *,
    key: str,
    beside: str | None = None,
    withheld: dict[str, object] | None = None,
) -> str:
    """
    Make a draft of an act, authored by one of the account's keys.

    Args:
        beside: The key that signs beside the author's, where it is known already.

    Returns:
        The draft's id; the page that signs it stands at `/desk/sign/ID`.

    Raises:
        Refusal: What the record would refuse if the account, and where two must sign another officer, signed it now.
    """
    commitments, openings = commit(kind, withheld or {})
    others = [beside] if beside else second_keys(desk, account, kind, key)
    keys = [key, *others][: len(KINDS[kind].signers)]
    papers = documents_of(body)
    refused = judge(desk.office, kind, subject, body, keys, commitments=commitments, documents=papers)
    if refused is not None and refused.reason != "signature-second-missing":
        raise refused
    statement = make_statement(
        log=desk.office.origin,
        kind=kind,
        subject=subject,
        body=body_of(body),
        author=key,
        commitments=commitments,
        seen=None if "evaluator" in KINDS[kind].signers else desk.office.seen(),
    )
    with desk.tables.writing() as rows:
        return make_draft(
            rows,
            statement,
            made_by=account.id,
            at=desk.office.clock.now(),
            agency=account.agency,
            openings=tuple(openings),
        )


def documents_of(body: Struct) -> list[Document]:
    """
    The documents that enter the record with an act: for adopted rules their own text, as this release ships it.

    A draft holds no documents: what it refers to by fingerprint is found again, or the record refuses the act.
    """
    if not isinstance(body, PolicyAdopted):
        return []
    shipped = (load_jurisdiction(name) for name in available())
    found = [policy.document for policy in shipped if policy.digest == body.document.sha256]
    return [Document(data, "application/json") for data in found[:1]]


def draft_for(desk: Desk, account: Account, name: str) -> Draft:
    """
    A draft that this account may see; anybody else's is not there.

    One's own, and as an officer in office those of the agency that two officers sign: what one alone signs (scores,
    interests, an answer) is nobody else's before it is on record. Whose appointment ended reads what everybody reads.
    """
    with desk.tables.reading() as rows:
        draft = find_draft(rows, name)
    if draft is None or not (draft.made_by == account.id or _shared_with(desk, account, draft)):
        raise Problem("page-missing", 404)
    return draft


def _shared_with(desk: Desk, account: Account, draft: Draft) -> bool:
    if account.role == "registrar" and draft.kind == "recovery-asked":
        return bool(draft.signatures)  # whoever asks has signed; the registrar vouches for having seen who it is
    officers = account.role == "officer" and account.agency is not None and account.agency == draft.agency
    return officers and len(KINDS[draft.kind].signers) > 1 and is_in_office(desk, account)


def own_draft(desk: Desk, account: Account, name: str) -> Draft:
    """A draft that this account made and may drop; `role-deed` for one that it may only read and sign."""
    draft = draft_for(desk, account, name)
    if draft.made_by != account.id:
        raise Problem("role-deed", 403)
    return draft


def take_signature(desk: Desk, draft: Draft, signature: Signature) -> Act | None:
    """
    Keep a signature that its device made; when it is the last one needed, perform the act.

    Returns:
        The entry, or None while another officer's signature is still missing.

    Raises:
        Problem: `draft-settled` when it was dropped or is on record already.
    """
    with desk.tables.writing() as rows:
        now = find_draft(rows, draft.id)
        if now is None or now.state != "waiting":
            raise Problem("draft-settled", 409)
        draft = keep_signature(rows, now, signature)
    if len(draft.signatures) < len(KINDS[draft.kind].signers):
        return None
    papers = documents_of(read_body(draft.kind, draft.statement.body))
    done = perform(desk.office, draft.signed, openings=draft.openings, documents=papers)
    with desk.tables.writing() as rows:
        settle_draft(rows, draft.id, "done", done.index)
    return done.act


def keep_only(desk: Desk, draft: Draft) -> None:
    """After a refusal: forget the signature that came last, and keep those the draft had before."""
    with desk.tables.writing() as rows:
        keep_signatures(rows, draft)


def sign_page(desk: Desk, request: Request[Any, Any, Any], name: str) -> SignPage | DonePage:
    """The page of a draft: to be signed, or what it became."""
    account = account_of(request)
    draft = draft_for(desk, account, name)
    with desk.door.reading(Fresh()) as reading:
        names = Names(reading)
        act = as_act(desk, draft)
        sentence = Sayings(reading, names).say([act])
        subject = subject_link(draft.subject, draft.subject.partition(":")[2].replace("-", " "))
    shown = frame(desk, request, f"/desk/sign/{draft.id}")
    if draft.state == "done" and draft.entry is not None:
        with desk.tables.reading() as rows:
            wants = not desk.is_demo and codes_left(rows, account.id) == 0
        return DonePage(**shown, record=draft.entry, said=sentence, subject=subject, wants_codes=wants)
    able = signing_keys(desk, account, draft) if draft.state == "waiting" else []
    signers = [each.key for each in draft.signatures]
    keys = [draft.statement.author, *beside_author(desk, account, draft)]
    refused = judge(
        desk.office,
        draft.kind,
        draft.subject,
        act.body,
        keys[: len(KINDS[draft.kind].signers)],
        commitments=draft.statement.commitments,
        documents=documents_of(act.body),
    )
    return SignPage(
        **shown,
        draft=draft.id,
        kind=draft.kind,
        said=sentence,
        subject=subject,
        text=draft.bytes.decode("utf-8"),
        fingerprint=sha256(draft.bytes).hexdigest(),
        first=tuple(people_behind(desk, account, signers)),
        needed=len(KINDS[draft.kind].signers) - len(signers),
        refused=None if refused is None else _said(desk, refused),
        fix="" if refused is None else refused.fix,
        may_sign=any(key != desk.office.operator.key_id for key in able),
        may_drop=draft.made_by == account.id and draft.state == "waiting",
        dropped=draft.state == "dropped",
        demo_name=account.name if set(able) & set(desk.demo_keys) else "",
        devices=_devices(desk, account, able),
        passkeys=holds_passkeys(desk.address),
        operator=_by_operator(desk, account, draft),
        says=(*_says(desk, act), *papers_named(draft)),
        told=told_of(desk, account, draft),
    )


def _says(desk: Desk, act: Act) -> tuple[Fact, ...]:
    """The act line by line, amounts and days as its agency counts them."""
    with desk.office.store.reading() as connection:
        library = Library(desk.office.store, connection)
        case = library.case(act.subject) if act.subject.startswith("opportunity:") else None
        subject = case.notice.agency if case else act.subject
        agency = library.agency(subject) if subject.startswith("agency:") else None
    return spoken(act.body, agency.profile.currency if agency else "USD", agency.profile.zone if agency else "UTC")


def _by_operator(desk: Desk, account: Account, draft: Draft) -> bool:
    """Whether a registrar may have the server sign this with the operator's key now."""
    operator = desk.office.operator.key_id
    waits = {draft.statement.author, *beside_author(desk, account, draft)} - {each.key for each in draft.signatures}
    may = account.role == "registrar" and draft.state == "waiting" and operator in waits
    return may and not own_admitting_keys(desk, account)


def _devices(desk: Desk, account: Account, able: list[str]) -> tuple[SigningDevice, ...]:
    """The account's devices that may sign; the page asks one of them, and no other credential."""
    with desk.tables.reading() as rows:
        found = credentials_of(rows, account.id, "act")
    return tuple(
        SigningDevice(id=each.id, key=each.key_id, label=each.label, passkey=each.is_passkey)
        for each in found
        if each.key_id in able
    )


def _said(desk: Desk, refusal: Refusal) -> Said:
    figures: dict[str, Shown] = {name: str(value) for name, value in refusal.figures.items()}
    key = f"problems.{refusal.reason}"
    try:
        desk.door.renderer.say(key, **figures)
    except KeyError:
        return said("problems.unknown", reason=refusal.reason)
    return Said(key, figures)


def people_behind(desk: Desk, account: Account, keys: list[str]) -> list[str]:
    """The people of the account's agency behind these keys, by name; the key itself for anybody else."""
    if account.agency is None:
        return keys
    with desk.tables.reading() as rows:
        names = {row.person: row.name for row in accounts(rows) if row.agency == account.agency and row.person}
    with desk.office.store.reading() as connection:
        agency = Library(desk.office.store, connection).agency(account.agency)
    people = [(agency.person_of(key) if agency else None) or key for key in keys]
    return [names.get(person, person) for person in people]


def as_act(desk: Desk, draft: Draft) -> Act:
    """The act a draft would become, for saying it in words."""
    return Act(
        index=-1,
        at=desk.office.clock.now(),
        kind=draft.kind,
        subject=draft.subject,
        author=draft.statement.author,
        keys=tuple(each.key for each in draft.signatures) or (draft.statement.author,),
        body=read_body(draft.kind, draft.statement.body),
        leaf_hash="0" * 64,
        statement_hash=sha256(draft.bytes).hexdigest(),
        commitments=tuple(draft.statement.commitments),
    )


def signing_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The pages and answers around one draft."""

    @get("/desk/sign/{name:str}", sync_to_thread=False, opt={"deed": "desk:sign"})
    def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return Response(desk.door.renderer.page(sign_page(desk, request, name)), media_type=HTML)

    @get("/desk/sign/{name:str}/statement", sync_to_thread=False, opt={"deed": "desk:sign"})
    def statement(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        draft = draft_for(desk, account_of(request), name)
        return Response(draft.bytes, media_type="application/json")

    @post("/desk/sign/{name:str}/drop", status_code=303, opt={"deed": "desk:sign"})
    async def drop(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
        await form_of(request)
        draft = own_draft(desk, account_of(request), name)
        with desk.tables.writing() as rows:
            settle_draft(rows, draft.id, "dropped")
        if draft.state == "waiting":
            desk.office.vault.erase_papers(draft.openings)
        return Redirect("/desk", status_code=303)

    return [show, statement, drop]


def demo_sign(desk: Desk, account: Account, name: str) -> Act | None:
    """Sign a draft with the invented person's own key file: in demos only, and said loudly on the page."""
    draft = draft_for(desk, account, name)
    able = signing_keys(desk, account, draft)
    key = next((desk.demo_keys[one] for one in reversed(able) if one in desk.demo_keys), None)
    if key is None:
        raise Problem("no-signing-key", 403)
    signature = next(each for each in sign(draft.statement, key).signatures if each.key == key.key_id)
    try:
        return take_signature(desk, draft, signature)
    except Refusal:
        keep_only(desk, draft)
        raise
