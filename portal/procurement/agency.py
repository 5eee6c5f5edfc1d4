"""An agency as its entries make it: its name, its rules, and who may sign what until when."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from ledger.entry import parse_time
from portal.procurement.act import Act
from portal.procurement.events.party import AgencyRegistered, AppointmentEnded, AppointmentMade, Duty, PolicyAdopted
from portal.procurement.holders import KeyRing, ring_of
from portal.procurement.refusal import Refusal


class Appointment(Struct, frozen=True, kw_only=True):
    """One appointment in force between two instants; `entry` is its place in the record."""

    entry: int
    made: AppointmentMade
    begins: datetime
    ends: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at the instant."""
        return self.begins <= at < self.ends


class Agency(Struct, kw_only=True):
    """The fold over `agency:ID`; `ring` has the keys of its head (the agency's own id) and of its people."""

    id: str
    registered: Act
    profile: AgencyRegistered
    ring: KeyRing
    policies: list[tuple[Act, PolicyAdopted]] = []
    appointments: list[Appointment] = []

    def policy(self) -> PolicyAdopted:
        """The rules adopted last; `policy-unknown` when the agency has adopted none."""
        if not self.policies:
            raise Refusal("policy-unknown", {"agency": self.id}, fix="The agency's head adopts a policy first.")
        return self.policies[-1][1]

    def appointment(self, key: str, duty: Duty, at: datetime, amount_minor: int | None = None) -> Appointment:
        """
        The appointment under which `key` may do `duty` at `at` for `amount_minor`.

        An appointment is a person's: every key of hers that is in force may use it, whichever the head named.

        Raises:
            Refusal: `appointment-missing`, `appointment-not-begun`, `appointment-ended`, `appointment-duty` or
                `appointment-amount`: the nearest miss, so that the clerk learns what is lacking; `key-revoked` or
                `key-not-yet` for a key that signs nothing any more, or not yet.
        """
        person = self._signer(key)
        mine = [row for row in self.appointments if row.made.person == person]
        in_force = [row for row in mine if row.holds(at)]
        if not in_force:
            last = mine[-1]
            reason = "appointment-not-begun" if at < last.begins else "appointment-ended"
            raise Refusal(
                reason, {"person": last.made.person, "begins": last.made.begins, "ended": last.ends.isoformat()}
            )
        able = [row for row in in_force if duty in row.made.duties]
        if not able:
            raise Refusal("appointment-duty", {"person": in_force[-1].made.person, "duty": duty})
        if amount_minor is not None:
            within = [row for row in able if row.made.limit_minor is not None and amount_minor <= row.made.limit_minor]
            if not within:
                raise Refusal(
                    "appointment-amount",
                    {
                        "person": able[-1].made.person,
                        "limit_minor": able[-1].made.limit_minor,
                        "amount_minor": amount_minor,
                    },
                )
            return within[-1]
        return able[-1]

    def _signer(self, key: str) -> str:
        person = self.person_of(key)
        awaited = [row.holder for row in self.ring.pending() if row.key == key and row.holder.startswith("person:")]
        missing = Refusal("appointment-missing", {"agency": self.id, "key": key})
        holder = person or (awaited[0] if awaited else None)
        if holder is None:
            raise missing
        if self.ring.standing(holder, key) == "rested":
            raise Refusal("appointment-ended", {"person": holder})
        self.ring.require(holder, key, missing)
        return holder

    def person_of(self, key: str) -> str | None:
        """The person (pseudonym) behind a key of this agency, whenever it was hers."""
        people = [holder for holder in self.ring.holders_of(key) if holder.startswith("person:")]
        return people[-1] if people else None


def fold_agency(acts: Iterable[Act]) -> Agency | None:
    """Add up the acts of one `agency:ID`, in the order of the record; None when there are none."""
    agency: Agency | None = None
    for act in acts:
        body = act.body
        if isinstance(body, AgencyRegistered):
            agency = Agency(id=act.subject, registered=act, profile=body, ring=ring_of(act, body.head))
        elif agency is None:
            raise Refusal("agency-unknown", {"agency": act.subject})
        elif isinstance(body, PolicyAdopted):
            agency.policies.append((act, body))
        elif isinstance(body, AppointmentMade):
            agency.ring.begin(act, body.person, body.key, "appointed")
            agency.appointments.append(
                Appointment(entry=act.index, made=body, begins=parse_time(body.begins), ends=parse_time(body.ends))
            )
        elif isinstance(body, AppointmentEnded):
            agency.ring.rest(act, body.person)
            agency.appointments = [
                _ended(row, act.at) if row.made.person == body.person else row for row in agency.appointments
            ]
        else:
            agency.ring.extend(act)
    return agency


def _ended(row: Appointment, at: datetime) -> Appointment:
    return Appointment(entry=row.entry, made=row.made, begins=row.begins, ends=min(row.ends, at))
