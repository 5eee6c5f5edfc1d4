"""Lets `python -m ledger` run the auditor's commands."""

import sys

from ledger.auditor import main

if __name__ == "__main__":
    sys.exit(main())
