"""
What pages show: one frozen Struct per page, filled by controllers and read by templates.

Rules of this package:

1. A view holds facts and codes ("open", "bid-sealed"), never sentences of ours. Words come from `templates/words.toml`.
2. A sentence that depends on facts travels as `Said`: a key of `words.toml` and the figures that fill it.
3. Money, moments and links stay typed (`Money`, `Moment`, `Link`) until the template prints them.
4. A template shows every field of its view and decides nothing; what must not be seen is not in the view.
5. No view but those of `ledger.py` carries the size or root of the log: an append must not change other pages.
"""
