"""
`daylight keeper`: hold keys for bids that nobody may read yet. Runs on the keeper's own machine, against a portal's address.

    daylight keeper make --keeper keeper:law-school --portal https://pilots.example.org --vkeys vkeys
    daylight keeper backup --out FILE, daylight keeper words         before anything else: nobody can replace a ring
    daylight keeper register                                         keys for the next 30 notices, after a drill
    daylight keeper list                                             which pilots use which key, and what is to be done
    daylight keeper release --subject opportunity:ID --label proposal
    daylight keeper confirm --subject opportunity:ID --label proposal
    daylight keeper delete --subject opportunity:ID
    daylight keeper serve                                            all of this on a page at http://localhost:8765
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ledger.entry import parse_time
from ledger.errors import LedgerError, MalformedError
from ledger.keepers import KeeperPack
from ledger.keys import load_key
from policies import PolicyError
from portal.clock import FixedClock, SystemClock
from portal.keeper.clearing import clear
from portal.keeper.confirming import confirm
from portal.keeper.home import Home
from portal.keeper.locks import is_locked
from portal.keeper.looking import Tool, duties_of, look
from portal.keeper.paper import ring_of, sheets_in, write_words
from portal.keeper.reaching import FolderPortal, Portal, WebPortal
from portal.keeper.registering import NOTICES, REMIND, keys_left, register
from portal.keeper.releasing import release, supply
from portal.keeper.ring import Ring, replace_secret
from portal.keeper.sayings import refusal_lines, say, state_words
from portal.procurement.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORT = 8765
_BAD = 2
_TO_DO = {"may-release": "release", "confirm": "confirm"}
"""The states of a key in which its keeper is waited for, and the step that answers."""


def add_steps(steps: Any) -> None:
    """Add every step to an argument parser's subparsers."""
    for name, (run, wants, example) in _STEPS.items():
        summary = say(f"keeper.steps.{name}")
        step = steps.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=f"Example: daylight keeper {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        step.add_argument(
            "--home", type=Path, default=Path.home() / ".daylight-keeper", metavar="DIR", help="your folder"
        )
        for want in wants:
            _OPTIONS[want](step)
        step.set_defaults(run=_run_with(run))


def _run_with(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Run a step; a refusal is said in the keeper's words, and its code is on the first line for scripts."""

    def run_step(options: argparse.Namespace) -> int:
        try:
            return run(options)
        except (Refusal, LedgerError, PolicyError) as error:
            sys.stderr.write("\n".join([f"refused: {error.reason}", *refusal_lines(error)]) + "\n")
            return 1

    return run_step


def main(arguments: list[str] | None = None) -> int:
    """Run one step without the rest of the portal's commands: `python -m portal.keeper`."""
    parser = argparse.ArgumentParser(
        prog="python -m portal.keeper", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_steps(parser.add_subparsers(title="steps", metavar="STEP", required=True))
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except OSError as error:
        sys.stderr.write(f"daylight keeper: {error.strerror}: {error.filename}\n")
        status = _BAD
    return status


def run_make(options: argparse.Namespace) -> int:
    """Draw a ring, or take over older secrets."""
    home = Home(options.home)
    with home.alone():
        _pin(home, options)
        if options.pack or options.key:
            if not (options.pack and options.key):
                raise Refusal("ring-halves", {})
            ring = Ring.adopt(options.keeper, load_key(options.key), KeeperPack.load(options.pack))
        else:
            ring = Ring.make(options.keeper)
        ring.save(home.ring)
    sys.stdout.write(f"{ring.key.key_id}\n")
    _say("keeper.told.made", home=home.folder)
    return 0


def run_backup(options: argparse.Namespace) -> int:
    """Write the ring, in clear, into a file of its own."""
    ring = _ring(Home(options.home), options)
    ring.save(options.out)
    _say("keeper.told.backed_up", path=options.out)
    return 0


def run_words(options: argparse.Namespace) -> int:
    """Print the ring as words."""
    ring = _ring(Home(options.home), options)
    needed, sheets = _split(options.split)
    _say("keeper.paper.about", keeper=ring.keeper)
    for heading, secret in (("keeper.paper.signing", ring.sign), ("keeper.paper.opening", ring.state)):
        for number, sheet in enumerate(write_words(secret, needed, sheets), 1):
            title = say(heading) if sheets == 1 else f"{say(heading)} {number}/{sheets}"
            sys.stdout.write(f"# {title}\n{sheet}\n")
    if ring.held:
        _say("keeper.paper.held", n=len(ring.held))
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Bring a ring back from a backup file or from words."""
    home = Home(options.home)
    with home.alone():
        _pin(home, options)
        if options.file:
            ring = Ring.parse(options.file.read_bytes())
        else:
            text = sys.stdin.read() if str(options.words) == "-" else options.words.read_text(encoding="utf-8")
            ring = _from_words(options.keeper, text)
        ring.save(home.ring)
    _say("keeper.told.restored", keeper=ring.keeper)
    return 0


def _from_words(keeper: str, text: str) -> Ring:
    """The two sets of sheets stand under their headings, the signing words first, as `words` prints them."""
    parts = [part for part in text.split("#") if part.strip()]
    sheets = [sheets_in(part.partition("\n")[2])[0] for part in parts] if len(parts) > 1 else sheets_in(text)
    half, odd = divmod(len(sheets), 2)
    if odd:
        raise MalformedError("words-wrong", f"{len(sheets)} sheets; as many for signing as for opening")
    return ring_of(keeper, sheets[:half], sheets[half:])


def run_register(options: argparse.Namespace) -> int:
    """Drill and register the next keys."""
    with _tool(options) as tool:
        ring, where = register(tool, options.notices)
        _save(tool, ring, options)
        sys.stdout.write(f"{where}\n")
        _say("keeper.told.registered", n=options.notices)
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Say what every key is for; first what waits to be done, with the command that does it."""
    with _tool(options) as tool:
        view = look(tool)
        duties, left = duties_of(tool, view), keys_left(view, tool.ring.keeper)
        if options.json:
            rows = {"keys_left": left, "duties": [msgspec.to_builtins(duty) for duty in duties]}
            sys.stdout.write(json.dumps(rows) + "\n")
            return 0
        for duty in sorted(duties, key=lambda duty: duty.state not in _TO_DO):
            sys.stdout.write(f"{duty.opportunity} {duty.label}: {state_words(duty)}\n")
            if duty.state in _TO_DO:
                step = f"{_TO_DO[duty.state]} --subject {duty.opportunity} --label {duty.label}"
                sys.stdout.write(f"    daylight keeper {step}\n")
        if not duties:
            _say("keeper.told.no_duties")
        _say("keeper.told.left", n=left)
        if left < REMIND:
            _say("keeper.told.remind")
        for row in view.found.differences:
            _say("keeper.told.difference", record=row.entry, name=row.name)
    return 0


def run_release(options: argparse.Namespace) -> int:
    """Release one key, after everything a keeper must check for herself."""
    with _tool(options) as tool:
        done = release(tool, options.subject, options.label)
        sys.stdout.write(f"{done.where}\n")
        _say("keeper.told.released")
    return 0


def run_confirm(options: argparse.Namespace) -> int:
    """Derive every verdict again, and confirm the opening."""
    with _tool(options) as tool:
        done = confirm(tool, options.subject, options.label)
        sys.stdout.write(f"{done.where}\n")
        _say("keeper.told.confirmed")
    return 0


def run_supply(options: argparse.Namespace) -> int:
    """Take in sealed bytes that the portal has lost."""
    with _tool(options) as tool:
        name = supply(tool, options.subject, options.file.read_bytes())
        _say("keeper.told.supplied", name=name)
    return 0


def run_delete(options: argparse.Namespace) -> int:
    """Delete keys and envelopes of a pilot that is over."""
    if not options.yes:
        sys.stderr.write(say("keeper.told.sure", pilot=options.subject) + " ")
        sys.stderr.flush()
        if sys.stdin.readline().strip() != say("keeper.told.sure_word"):
            raise Refusal("not-confirmed", {})
    with _tool(options) as tool:
        done = clear(tool, options.subject)
        _save(tool, done.ring, options)
        _say("keeper.told.deleted", n=done.envelopes, pairs=done.pairs)
    return 0


def run_serve(options: argparse.Namespace) -> int:
    """Serve the keeper's page on this machine alone."""
    from portal.keeper.page.server import serve  # noqa: PLC0415 -- the page is loaded for this step only

    home = Home(options.home)
    with home.alone():
        _pin(home, options)
        return serve(home, _portal(home, options), _clock(options), options.port, demo=options.moment is not None)


def _say(key: str, /, **figures: object) -> None:
    sys.stderr.write(say(key, **figures) + "\n")


@contextmanager
def _tool(options: argparse.Namespace) -> Iterator[Tool]:
    home = Home(options.home)
    with home.alone():
        _pin(home, options)
        ring = _ring(home, options)
        yield Tool(home, _portal(home, options), _clock(options), ring, _say, demo=options.moment is not None)


def _pin(home: Home, options: argparse.Namespace) -> None:
    """Pin portal and keys at first use; at each use with `--vkeys` or `--portal` compare."""
    address = (options.portal or "").rstrip("/")
    if address:
        WebPortal(address)
    if options.vkeys:
        home.pin(address, options.vkeys.read_bytes())
    elif (pin := home.pinned()) is None:
        raise Refusal("vkeys-missing", {})
    elif address and address != pin.address:
        raise Refusal("portal-other", {"pinned": pin.address or str(home.folder), "given": address})


def _portal(home: Home, options: argparse.Namespace) -> Portal:
    if options.copy:
        return FolderPortal(options.copy, options.envelopes, options.out_dir or Path())
    pin = home.pinned()
    if pin is None or not pin.address:
        raise Refusal("portal-needed", {})
    return WebPortal(pin.address)


def _clock(options: argparse.Namespace) -> SystemClock | FixedClock:
    return SystemClock() if options.moment is None else FixedClock(parse_time(options.moment))


def _ring(home: Home, options: argparse.Namespace) -> Ring:
    if options.ring is None and not home.ring.exists():
        raise Refusal("ring-missing", {})
    data = (options.ring or home.ring).read_bytes()
    if is_locked(data):
        raise Refusal("ring-locked", {})
    return Ring.parse(data)


def _save(tool: Tool, ring: Ring, options: argparse.Namespace) -> None:
    """Put the ring back where it came from."""
    replace_secret(options.ring or tool.home.ring, ring.encode())


def _split(text: str) -> tuple[int, int]:
    needed, _, sheets = text.partition("of")
    if not (needed.isdecimal() and sheets.isdecimal()):
        raise MalformedError("words-split", text[:20])
    return int(needed), int(sheets)


def _option(*names: str, **settings: Any) -> Callable[[argparse.ArgumentParser], object]:
    return lambda parser: parser.add_argument(*names, **settings)


_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], object]] = {
    "keeper": _option("--keeper", required=True, metavar="keeper:ID", help="the name under which you are admitted"),
    "keeper-of": _option(
        "--keeper", default="", metavar="keeper:ID", help="with words: the name you are admitted under"
    ),
    "portal": _option("--portal", metavar="URL", help="the portal's address; needed once, then pinned"),
    "vkeys": _option(
        "--vkeys",
        type=Path,
        metavar="FILE",
        help="the record's verifier keys, from elsewhere; needed once, then pinned",
    ),
    "copy": _option("--copy", type=Path, metavar="DIR", help="a copied record instead of the portal's address"),
    "envelopes": _option("--envelopes", type=Path, metavar="DIR", help="with --copy: the sealed bids, by fingerprint"),
    "out-dir": _option(
        "--out", dest="out_dir", type=Path, metavar="DIR", help="with --copy: where what is signed is put"
    ),
    "ring": _option("--ring", type=Path, metavar="FILE", help="a backup file instead of the ring in your folder"),
    "moment": _option("--moment", metavar="INSTANT", help="for a demonstration: the moment it is shown at"),
    "pack": _option("--pack", type=Path, metavar="FILE", help="take over an older pack file"),
    "as": _option("--as", dest="key", type=Path, metavar="KEYFILE", help="and the signing key that goes with it"),
    "out": _option("--out", type=Path, required=True, metavar="FILE", help="where the backup is written"),
    "split": _option("--split", default="1of1", metavar="KofN", help="split: any K of N sheets (default 1of1)"),
    "file": _option("--file", type=Path, metavar="FILE", help="the file"),
    "bytes": _option("--file", type=Path, required=True, metavar="FILE", help="the sealed bytes"),
    "words": _option("--words", type=Path, default=Path("-"), metavar="FILE", help="the words (default: typed in)"),
    "notices": _option("--notices", type=int, choices=range(1, 101), default=NOTICES, metavar="N", help="default 30"),
    "subject": _option("--subject", required=True, metavar="opportunity:ID", help="the pilot"),
    "label": _option("--label", required=True, choices=("proposal", "offer"), help="which half of the bids"),
    "json": _option("--json", action="store_true", help="print JSON"),
    "yes": _option("--yes", action="store_true", help="do not ask"),
    "port": _option("--port", type=int, default=PORT, metavar="N", help=f"the port (default {PORT})"),
}
_REACH = ("portal", "vkeys", "copy", "envelopes", "out-dir", "ring", "moment")
_STEPS: dict[str, tuple[Callable[[argparse.Namespace], int], tuple[str, ...], str]] = {
    "make": (
        run_make,
        ("keeper", "portal", "vkeys", "pack", "as"),
        "make --keeper keeper:law-school --portal https://pilots.example.org --vkeys vkeys",
    ),
    "backup": (run_backup, ("ring", "out"), "backup --out ring.backup"),
    "words": (run_words, ("ring", "split"), "words --split 2of3"),
    "restore": (
        run_restore,
        ("keeper-of", "portal", "vkeys", "file", "words"),
        "restore --keeper keeper:law-school --words words.txt --portal https://pilots.example.org --vkeys vkeys",
    ),
    "register": (run_register, (*_REACH, "notices"), "register --notices 30"),
    "list": (run_list, (*_REACH, "json"), "list"),
    "release": (run_release, (*_REACH, "subject", "label"), "release --subject opportunity:septic --label proposal"),
    "confirm": (run_confirm, (*_REACH, "subject", "label"), "confirm --subject opportunity:septic --label proposal"),
    "supply": (run_supply, (*_REACH, "subject", "bytes"), "supply --subject opportunity:septic --file envelope"),
    "delete": (run_delete, (*_REACH, "subject", "yes"), "delete --subject opportunity:septic"),
    "serve": (run_serve, (*_REACH, "port"), "serve --port 8765"),
}
