"""The evaluator's desk: declare interests, read anonymous proposals, lock scores in, then show them."""
