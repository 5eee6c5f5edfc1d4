"""A firm's rooms of the desk: what waits for it, and the proof that it may have a pilot in which it came first."""
