"""
What each kind of entry says: one frozen Struct per kind, decoded strictly from a statement's body.

Names are past tense because an entry records what was done. Unknown fields, wrong types and over-long texts are refused
(`body-malformed`) before any decision looks at them. Amounts and dates are judged by decisions, so that a wrong one gets
a reason of its own.
"""

from typing import Annotated

from msgspec import Meta

from ledger.keykinds import KEY_ID_PATTERN

Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="32 bytes in lower-case hex")]
Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{128}\Z", description="64 bytes in lower-case hex")]
KeyId = Annotated[str, Meta(pattern=KEY_ID_PATTERN, description="signer's key id")]
PlainKeyId = Annotated[
    str, Meta(pattern=r"^ed25519:[0-9a-f]{64}\Z", description="key id of a key that is no device's: ed25519:…")
]
Instant = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z",
        description="instant in UTC, milliseconds",
    ),
]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", description="calendar day")]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,79}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Prose = Annotated[str, Meta(min_length=1, max_length=6000)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Place = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,79}\Z", description="area code of the policy's `areas`")]
