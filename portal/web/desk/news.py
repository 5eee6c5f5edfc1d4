"""What letters tell when nobody's own act writes them: something changed in a pilot, or a firm's turn has come; not what."""

from ledger.entry import parse_entry
from portal.commands.office import Office
from portal.identity.followers import (
    begin_telling,
    claim_telling,
    forget_followers,
    tell_followers,
    told_until,
)
from portal.identity.tables import Tables
from portal.web.addresses import subject_href
from portal.web.firm.turn import ASKING, tell_turns, turns_in

NEWS = {
    "addendum-published",
    "question-answered",
    "opportunity-withdrawn",
    "opportunity-cancelled",
    "proposals-opened",
    "ranking-published",
    "award-intended",
    "award-made",
}
LAST = {"opportunity-withdrawn", "opportunity-cancelled", "award-made"}
"""After these nothing more happens that a letter is sent for."""


def tell_news(office: Office, tables: Tables) -> int:
    """
    Write to the followers of each pilot in which something happened since the last time; how many letters to them.

    The firm whose turn has come, by a ranking or because another was passed over, is written to as well.

    What was told and how far is one transaction: a crash neither loses a letter nor sends it twice, and of several
    processes one tells.
    """
    with office.store.reading() as connection:
        size = office.store.head(connection).size
        with tables.writing() as rows:
            begin_telling(rows, size)
            told = told_until(rows)
        if told is None or told >= size:
            return 0
        statements = [parse_entry(data).statement for _, data in office.store.entries(connection, told, size)]
    changed = dict.fromkeys(each.subject for each in statements if each.kind in NEWS)
    turns = turns_in(office, dict.fromkeys(each.subject for each in statements if each.kind in ASKING))
    with tables.writing() as rows:
        if not claim_telling(rows, told, size):
            return 0
        tell_turns(rows, turns, office.clock.now())
        letters = tell_followers(rows, [(subject, subject_href(subject)) for subject in changed], office.clock.now())
        for each in statements:
            if each.kind in LAST:
                forget_followers(rows, each.subject)
    return letters
