"""
The desk: where agencies, firms, evaluators and keepers do their acts, signed in.

1. Nothing here writes the record but through `portal.commands`; a form makes a draft, a signature makes an act.
2. Every route names its deed, and the roles table decides; a route without a deed is refused.
3. Cookies exist behind this door only. The public door in front of it answers the same bytes to everybody.
"""
