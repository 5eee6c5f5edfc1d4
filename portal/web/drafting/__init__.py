"""
Writing a notice: the ten answers, what was filled in for them, what the rules say, and how to mend it.

The desk and practice mode share all of this. Nothing here records anything, and nothing here knows who writes.
"""
