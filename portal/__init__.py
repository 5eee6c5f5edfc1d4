"""
Daylight's portal: agencies buy small technology pilots from local firms, in full view.

What is not in the ledger does not count: no act takes effect without its entry, and whatever a page shows can be
recomputed from the ledger by anyone.
"""
