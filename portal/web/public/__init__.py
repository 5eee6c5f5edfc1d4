"""
The public door: pages by GET only, no cookies, complete without JavaScript.

Each module fills the views of one kind of page from a `Reading`; `routes` binds them to addresses. Nothing here writes.
"""
