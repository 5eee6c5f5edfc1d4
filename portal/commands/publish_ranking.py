"""Match declared interests with the bidders, then compute and state the ranking."""

from sqlalchemy import Connection

from ledger.entry import sign, verify_signed
from portal.commands.library import Library
from portal.commands.office import Office
from portal.commands.perform import Done, perform_in
from portal.procurement.case import Case
from portal.procurement.decisions.lookups import the_case
from portal.procurement.decisions.scoring import expected_ranking
from portal.procurement.events.evaluation import EvaluatorStoodAside
from portal.procurement.events.opening import BidOpened
from portal.procurement.parties import interest_name


def publish_ranking(office: Office, opportunity: str) -> list[Done]:
    """
    Append `evaluator-stood-aside` for each match, then `ranking-published`.

    Matching is mechanical: a declared interest that is a bidder puts the evaluator aside, whatever she scored.
    """

    def work(connection: Connection) -> list[Done]:
        library = Library(office.store, connection)
        done = []
        for match in interest_matches(office, library, the_case(library, opportunity)):
            aside = office.statement("evaluator-stood-aside", opportunity, match, office.operator)
            done.append(perform_in(office, connection, verify_signed(sign(aside, office.operator))))
        body = expected_ranking(library, the_case(library, opportunity))
        statement = office.statement("ranking-published", opportunity, body, office.operator)
        done.append(perform_in(office, connection, verify_signed(sign(statement, office.operator))))
        return done

    return office.transact(work)


def interest_matches(office: Office, library: Library, case: Case) -> list[EvaluatorStoodAside]:
    """The evaluators whose declared interests are bidders, one match each."""
    opened = [act.body for act in case.opened.values() if isinstance(act.body, BidOpened)]
    bidders = {body.firm: body.firm for body in opened}
    firms = [firm for body in opened if (firm := library.firm(body.firm)) is not None]
    called = {interest_name(firm.profile.name): firm.id for firm in firms}
    matches = []
    for person, declared in case.interests.items():
        for opening in (one for act in declared for one in office.vault.openings(act.statement_hash)):
            bidder = (called if opening["path"].startswith("name_") else bidders).get(str(opening["value"]))
            if bidder is not None and person not in case.stood_aside:
                matches.append(
                    EvaluatorStoodAside(person=person, firm=bidder, path=opening["path"], salt=opening["salt"])
                )
                break
    return matches
