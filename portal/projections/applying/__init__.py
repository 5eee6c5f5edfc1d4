"""
How each kind of entry changes the read models: one function for each kind, which writes rows and names what it touched.

A function returns the subjects and collections whose pages changed; `project` gives them the entry's index as their
version. It may read the tables, never the ledger, and it never judges: what is in the record happened.
"""
