"""
The keeper's own tool, for the keeper's own machine: it makes and holds the keys that open sealed bids.

1. It trusts no portal. What it is told it reads in the public record, which it copies, verifies and plays again by itself;
   the time is its own clock's.
2. A secret leaves it in one way: as a released key, in a statement the keeper signs, after every check passed.
3. It needs the standard library, `cryptography`, `msgspec`, `ledger`, `policies`, `portal.procurement` and
   `portal.recompute`; no database, no web framework, no templates. (`shamir-mnemonic` writes secrets as words.)
"""
