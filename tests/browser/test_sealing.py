"""The sealing module in a real browser: its envelopes, keys and signatures equal Python's byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from ledger import canonical
from ledger.commitments import commit  # noqa: F401 -- placeholder
