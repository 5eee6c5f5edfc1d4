"""Lets `python -m ledger` run the auditor's commands."""

import sys

from ledger.auditor import main

sys.exit(main())
