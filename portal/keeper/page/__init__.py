"""
The keeper's own page, served on her own machine and to nobody else.

It is no part of the portal: another origin, another program, and nothing of it is loaded from anywhere. The portal's page
could ask a passkey for the same secrets and the operator writes that page (sealing.md flaw 2); the operator does not write
this one.
"""
