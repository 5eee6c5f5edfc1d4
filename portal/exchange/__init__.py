"""Exchange with other systems: OCDS in, and what leaves the portal in other people's formats."""
