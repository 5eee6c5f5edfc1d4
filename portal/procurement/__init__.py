"""
The domain of procurement: acts, the state they add up to, and the decisions that admit or refuse the next one.

1. No I/O and no clock: every moment is an argument, every fact comes from entries.
2. State is a fold over the entries of one subject; nothing stores a status.
3. A decision returns nothing or raises `Refusal`; it never half-agrees.
"""
