"""What a pilot's entries alone decide about its state; the rest is left to the clock."""

from ledger.entry import format_time
from portal.procurement.act import Act
from portal.projections.shelf import Shelf


def agency_of(shelf: Shelf, subject: str) -> set[str]:
    """The agency behind a pilot, as a set of one; empty for a pilot that is not there."""
    row = shelf.row("SELECT agency FROM {opportunity} WHERE id = ?", (subject,))
    return {row[0]} if row else set()


def settle(shelf: Shelf, act: Act) -> None:
    """
    Write `decided`: the state that no deadline changes any more, '' while the clock decides between
    open, closed, no-bids and opening-failed (portal/procurement/stage.py has the same order).

    `decided_at` is when the act came that made it so.
    """
    row = shelf.row(
        "SELECT ended_kind, awarded_entry, chosen_entry, ranked_entry, candidates, opened_entry, locked,"
        " decided"
        " FROM {opportunity} WHERE id = ?",
        (act.subject,),
    )
    if row is None:
        return
    ended_kind, awarded, chosen, ranked, candidates, opened, locked, before = row
    if ended_kind is not None:
        decided = ended_kind.removeprefix("opportunity-")
    elif awarded is not None:
        decided = "awarded"
    elif chosen is not None:
        decided = "chosen"
    elif ranked is not None:
        decided = "ranked" if candidates else "unsuccessful"
    elif opened is not None:
        decided = "scoring" if locked else "opened"
    else:
        decided = ""
    if decided != before:
        shelf.run(
            "UPDATE {opportunity} SET decided = ?, decided_at = ?, changed_at = ? WHERE id = ?",
            (decided, format_time(act.at), format_time(act.at), act.subject),
        )
