"""The rows of the table of acts about who takes part: the log, agencies, firms, training partners, keepers, and their keys."""

from portal.procurement.events import keys, party
from portal.procurement.kind import Kind

_HOLDERS = ("firm", "keeper", "partner")
_WITH_REGISTRARS = (*_HOLDERS, "log")
PARTY_KINDS = (
    Kind(
        name="log-opened",
        body=party.LogOpened,
        subject="log",
        signers=("registrar",),
        summary="The operator opens the record.",
    ),
    Kind(
        name="sealing-module-stated",
        body=party.SealingModuleStated,
        subject="log",
        signers=("registrar",),
        summary="The module that seals bids changes.",
    ),
    Kind(
        name="relying-party-stated",
        body=keys.RelyingPartyStated,
        subject="log",
        signers=("registrar",),
        summary="The address at which people sign with passkeys is stated.",
    ),
    Kind(
        name="agency-registered",
        body=party.AgencyRegistered,
        subject="agency",
        signers=("registrar",),
        summary="An agency is admitted.",
    ),
    Kind(
        name="policy-adopted",
        body=party.PolicyAdopted,
        subject="agency",
        signers=("head",),
        summary="An agency adopts its rules.",
    ),
    Kind(
        name="appointment-made",
        body=party.AppointmentMade,
        subject="agency",
        signers=("head",),
        summary="Somebody is appointed to sign for an agency.",
    ),
    Kind(
        name="appointment-ended",
        body=party.AppointmentEnded,
        subject="agency",
        signers=("head",),
        summary="An appointment ends.",
    ),
    Kind(
        name="firm-registered",
        body=party.FirmRegistered,
        subject="firm",
        signers=("firm",),
        summary="A firm enters its name.",
    ),
    Kind(
        name="partner-registered",
        body=party.PartnerRegistered,
        subject="partner",
        signers=("partner",),
        summary="A training partner enters its name.",
    ),
    Kind(
        name="key-added",
        body=keys.KeyAdded,
        subject="agency",
        also=_WITH_REGISTRARS,
        signers=("holder", "new-key"),
        summary="Somebody who signs gets one more key.",
    ),
    Kind(
        name="key-revoked",
        body=keys.KeyRevoked,
        subject="agency",
        also=_WITH_REGISTRARS,
        signers=("holder",),
        summary="A key signs nothing from now on.",
    ),
    Kind(
        name="recovery-asked",
        body=keys.RecoveryAsked,
        subject="agency",
        also=_HOLDERS,
        signers=("new-key", "registrar"),
        summary="Somebody who lost every key asks for a new one, and waits in public.",
    ),
    Kind(
        name="recovery-stopped",
        body=keys.RecoveryStopped,
        subject="agency",
        also=_HOLDERS,
        signers=("holder",),
        summary="One of the old keys stops a recovery.",
    ),
    Kind(
        name="key-recovered",
        body=keys.KeyRecovered,
        subject="agency",
        also=_HOLDERS,
        signers=("new-key",),
        summary="The wait is over; the new key takes the place of the lost ones.",
    ),
    Kind(
        name="keeper-registered",
        body=party.KeeperRegistered,
        subject="keeper",
        signers=("registrar",),
        summary="A key keeper is admitted.",
    ),
    Kind(
        name="keeper-pack-registered",
        body=party.KeeperPackRegistered,
        subject="keeper",
        signers=("keeper", "operator"),
        summary="A keeper registers keys for the next notices.",
    ),
    Kind(
        name="fields-erased",
        body=party.FieldsErased,
        subject="log",
        signers=("operator",),
        summary="Withheld fields are erased for good.",
    ),
)
