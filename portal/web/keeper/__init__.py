"""The desk of keepers of keys: public halves, what waits, and what the keeper has signed on her own machine."""
