"""
The only writers. Each use case loads, decides, appends and projects in one transaction, or refuses and leaves nothing.

1. An act comes in signed; nobody's key but the operator's own is ever held here.
2. What a decision looked up is pinned: if another entry reached one of those subjects first, the act is decided again.
3. Erasable bytes (envelopes, openings) are on disk before the entry that needs them.
"""
