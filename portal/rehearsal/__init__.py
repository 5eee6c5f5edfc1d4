"""
Rehearsals: a demo of invented procurements, and re-enactments of recorded ones, played through the real commands.

1. Nothing here writes an entry by itself: every act goes through `portal.commands`, decided like anybody's.
2. Time is simulated and only moves forwards; acts of all pilots are merged by their moment.
3. A rehearsal that was cut off goes on where it stopped: every statement is derived, so that its hash tells whether it is
   in the record already.
4. What a rehearsal makes says that it is one, in entry 0 and in the log's origin.
"""
