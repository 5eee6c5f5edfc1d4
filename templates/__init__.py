"""Templates and words: package data only. A template shows what a view object says and decides nothing."""
