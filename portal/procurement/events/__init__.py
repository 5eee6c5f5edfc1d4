"""
What each kind of entry says: one frozen Struct per kind, decoded strictly from a statement's body.

Names are past tense because an entry records what was done. Unknown fields, wrong types and over-long texts are refused
(`body-malformed`) before any decision looks at them. Amounts and dates are judged by decisions, so that a wrong one gets
a reason of its own.
"""

from typing import Annotated

from msgspec import Meta

Hex32 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="32 bytes in lower-case hex")]
KeyId = Annotated[str, Meta(pattern="^ed25519:[0-9a-f]{64}$", description="signer's key id")]
Instant = Annotated[
    str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$", description="instant in UTC, milliseconds")
]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", description="calendar day")]
Slug = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Prose = Annotated[str, Meta(min_length=1, max_length=6000)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Place = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,79}$", description="area code of the policy's `areas`")]
