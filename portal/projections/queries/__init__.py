"""
What pages ask of the read models: short indexed reads, at one moment, with keyset pages.

Every ORDER BY ends in an entry's index, so that equal values have one order on every database. Nothing here writes.
"""
