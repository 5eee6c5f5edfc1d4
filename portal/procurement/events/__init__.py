"""
What each kind of entry says: one frozen Struct per kind, decoded strictly from a statement's body.

Names are past tense because an entry records what was done. Unknown fields, wrong types and over-long texts are refused
(`body-malformed`) before any decision looks at them. Amounts and dates are judged by decisions, so that a wrong one gets
a reason of its own.
"""

from typing import Annotated

from msgspec import Meta

Hex32 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="32 bytes in lower-case hex")]
KEY_KINDS = ("ed25519", "es256", "passkey-ed25519", "passkey-es256", "passkey-rs256")
"""What a key of a person or an organisation may be; see `ledger.keys`."""

KeyId = Annotated[
    str,
    Meta(
        pattern=(
            "^(ed25519:[0-9a-f]{64}|es256:0[23][0-9a-f]{64}"
            "|passkey-ed25519:[0-9a-f]{64}|passkey-es256:0[23][0-9a-f]{64}|passkey-rs256:[0-9a-f]{512})$"
        ),
        description="signer's key id",
    ),
]
PlainKeyId = Annotated[
    str, Meta(pattern="^ed25519:[0-9a-f]{64}$", description="key id of a key that is no device's: ed25519:…")
]
PaperKeyId = Annotated[
    str,
    Meta(pattern="^(ed25519:[0-9a-f]{64}|es256:0[23][0-9a-f]{64})$", description="key id of a key that signs papers"),
]
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
