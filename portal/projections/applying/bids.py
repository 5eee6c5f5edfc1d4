"""Sealed bids while they are sealed, what opening shows of them, and objections to the list at close."""

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.procurement.case import bid_key
from portal.procurement.events import bid, opening
from portal.projections.applying.partners import named
from portal.projections.applying.standing import agency_of
from portal.projections.shelf import Shelf


def recount(shelf: Shelf, subject: str) -> None:
    """Write how many bids the list at close holds as things stand (portal/procurement/case.py, `listed_bids`)."""
    shelf.run(
        "UPDATE {opportunity} SET listed = (SELECT COUNT(*) FROM {bid} b WHERE b.opportunity = {opportunity}.id"
        " AND ((b.withdrawn = 0 AND b.unconfirmed = 0 AND b.current_at < {opportunity}.closes) OR b.statement IN"
        " (SELECT o.statement FROM {objection} o WHERE o.opportunity = {opportunity}.id AND o.accepted = 1)))"
        " WHERE id = ?",
        (subject,),
    )


def bid_sealed(shelf: Shelf, act: Act, _body: bid.BidSealed) -> set[str]:
    """A sealed bid: its key is all that is known."""
    for table in ("bid", "confirmation"):
        shelf.run(f"DELETE FROM {{{table}}} WHERE opportunity = ? AND bid = ?", (act.subject, bid_key(act.author)))  # noqa: S608 -- names above
    shelf.run(
        "INSERT INTO {bid} (entry, current_entry, withdrawn, unconfirmed, rank, opportunity, bid, current_at,"
        " statement, status) VALUES (?, ?, 0, 0, 0, ?, ?, ?, ?, 'sealed')",
        (act.index, act.index, act.subject, bid_key(act.author), format_time(act.at), act.statement_hash),
    )
    recount(shelf, act.subject)
    return set()


def bid_replaced(shelf: Shelf, act: Act, _body: bid.BidReplaced) -> set[str]:
    """A new version, sealed after every addendum so far."""
    shelf.run(
        "UPDATE {bid} SET current_entry = ?, current_at = ?, statement = ?, unconfirmed = 0"
        " WHERE opportunity = ? AND bid = ?",
        (act.index, format_time(act.at), act.statement_hash, act.subject, bid_key(act.author)),
    )
    recount(shelf, act.subject)
    return set()


def bid_withdrawn(shelf: Shelf, act: Act, _body: bid.BidWithdrawn) -> set[str]:
    """The bid no longer counts."""
    shelf.run("UPDATE {bid} SET withdrawn = 1 WHERE opportunity = ? AND bid = ?", (act.subject, bid_key(act.author)))
    recount(shelf, act.subject)
    return set()


def bid_confirmed(shelf: Shelf, act: Act, body: bid.BidConfirmed) -> set[str]:
    """A material change of the terms is confirmed; confirming it twice changes nothing."""
    key = bid_key(act.author)
    known = "SELECT 1 FROM {confirmation} WHERE opportunity = ? AND bid = ? AND addendum = ?"
    if shelf.row(known, (act.subject, key, body.addendum)) is None:
        shelf.run(
            "INSERT INTO {confirmation} (entry, opportunity, bid, addendum) VALUES (?, ?, ?, ?)",
            (act.index, act.subject, key, body.addendum),
        )
        shelf.run(
            "UPDATE {bid} SET unconfirmed = unconfirmed - 1 WHERE opportunity = ? AND bid = ? AND current_entry <"
            " (SELECT a.entry FROM {addendum} a WHERE a.opportunity = ? AND a.leaf = ? AND a.material = 1)",
            (act.subject, key, act.subject, body.addendum),
        )
        recount(shelf, act.subject)
    return set()


def objection_filed(shelf: Shelf, act: Act, body: bid.ObjectionFiled) -> set[str]:
    """Somebody says that a bid is missing."""
    shelf.run(
        "INSERT INTO {objection} (entry, accepted, opportunity, statement) VALUES (?, 0, ?, ?)",
        (act.index, act.subject, body.statement),
    )
    return set()


def objection_decided(shelf: Shelf, act: Act, body: bid.ObjectionDecided) -> set[str]:
    """An accepted objection amends the list, and with it the state."""
    shelf.run(
        "UPDATE {objection} SET accepted = ? WHERE entry = ? AND opportunity = ?",
        (int(body.accepted), body.objection, act.subject),
    )
    recount(shelf, act.subject)
    return {"opportunities", *agency_of(shelf, act.subject)}


def bid_opened(shelf: Shelf, act: Act, body: opening.BidOpened) -> set[str]:
    """The bid in clear."""
    shelf.run(
        "UPDATE {bid} SET firm = ?, name = ?, price_minor = ?, currency = ?, status = ?, reason = ?, opened_entry = ?,"
        " learner_places = ? WHERE opportunity = ? AND bid = ?",
        (
            body.firm,
            body.name,
            body.price_minor,
            body.currency,
            body.status,
            body.reason,
            act.index,
            body.declarations.learner_places,
            act.subject,
            body.bid,
        ),
    )
    return {body.firm, "firms"} | named(shelf, act, body.declarations.training_partner, body.bid)
