"""
A verifiable log that knows nothing of what is written into it.

Whoever holds the published files can recompute every byte with this package alone, or with a
program of their own: SPEC.md states each format. Nothing here reads a clock, the environment or
the portal; instants are handed in.
"""
