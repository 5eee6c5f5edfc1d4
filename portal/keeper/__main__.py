"""Lets `python -m portal.keeper` run the keeper's steps, without the rest of the portal."""

import sys

from portal.keeper.command import main

sys.exit(main())
