"""`python -m portal.cli` is `daylight`."""

import sys

from portal.cli import main

sys.exit(main())
