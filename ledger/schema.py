"""
The tables of a ledger, in the two spellings of SQL that Daylight runs on.

Rules of this module:

1. Four tables: `ledger_entry` (one row an entry, its exact bytes last), `ledger_tile` (full tiles only; a partial tile
   is a range of rows), `ledger_head` (one row), `ledger_document` (what entries refer to by SHA-256).
2. The triggers refuse UPDATE, DELETE, TRUNCATE, REPLACE and an insert that leaves a gap. They are a seat belt against
   our own mistakes: whoever owns the database can drop them. The proof is recomputing the tree against checkpoints
   that outsiders hold.
3. Same bytes on both databases: BLOB and bytea, BIGINT, text compared byte by byte (`COLLATE "C"`; SQLite's BINARY).
"""

from __future__ import annotations

from typing import Final

_SQLITE: Final = """
CREATE TABLE ledger_head (
    id INTEGER PRIMARY KEY CHECK (id = 0), origin TEXT NOT NULL, size INTEGER NOT NULL, time TEXT NOT NULL,
    root BLOB NOT NULL, last_leaf BLOB NOT NULL, edge BLOB NOT NULL);
CREATE TABLE ledger_entry (
    entry_index INTEGER PRIMARY KEY, statement BLOB NOT NULL UNIQUE, subject TEXT NOT NULL, leaf BLOB NOT NULL,
    entry BLOB NOT NULL);
CREATE INDEX ledger_entry_subject ON ledger_entry (subject, entry_index);
CREATE TABLE ledger_tile (
    level INTEGER NOT NULL, number INTEGER NOT NULL, root BLOB NOT NULL, hashes BLOB NOT NULL,
    PRIMARY KEY (level, number));
CREATE TABLE ledger_document (
    sha256 BLOB NOT NULL PRIMARY KEY, length INTEGER NOT NULL, media_type TEXT NOT NULL, data BLOB NOT NULL);
CREATE TRIGGER ledger_entry_gap BEFORE INSERT ON ledger_entry
    WHEN NEW.entry_index <> (SELECT COALESCE(MAX(entry_index) + 1, 0) FROM ledger_entry)
        OR EXISTS (SELECT 1 FROM ledger_entry WHERE statement = NEW.statement)
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only: gap or repetition'); END;
CREATE TRIGGER ledger_tile_replace BEFORE INSERT ON ledger_tile
    WHEN EXISTS (SELECT 1 FROM ledger_tile WHERE level = NEW.level AND number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only: a tile is written once'); END;
CREATE TRIGGER ledger_document_replace BEFORE INSERT ON ledger_document
    WHEN EXISTS (SELECT 1 FROM ledger_document WHERE sha256 = NEW.sha256)
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only: a document is written once'); END;
CREATE TRIGGER ledger_head_replace BEFORE INSERT ON ledger_head WHEN EXISTS (SELECT 1 FROM ledger_head)
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only: one head'); END;
CREATE TRIGGER ledger_head_growth BEFORE UPDATE ON ledger_head
    WHEN NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.time < OLD.time OR NEW.size <= OLD.size
        OR NEW.size <> (SELECT COALESCE(MAX(entry_index) + 1, 0) FROM ledger_entry)
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only: the head only grows with its entries'); END;
"""

_SQLITE_REFUSAL: Final = """
CREATE TRIGGER {table}_{lower} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only: no {verb}'); END;
"""

_POSTGRES: Final = """
CREATE TABLE ledger_head (
    id BIGINT PRIMARY KEY CHECK (id = 0), origin TEXT COLLATE "C" NOT NULL, size BIGINT NOT NULL,
    time TEXT COLLATE "C" NOT NULL, root BYTEA NOT NULL, last_leaf BYTEA NOT NULL, edge BYTEA NOT NULL)
    WITH (fillfactor = 50);
CREATE TABLE ledger_entry (
    entry_index BIGINT PRIMARY KEY, statement BYTEA NOT NULL UNIQUE, subject TEXT COLLATE "C" NOT NULL,
    leaf BYTEA NOT NULL, entry BYTEA NOT NULL);
CREATE INDEX ledger_entry_subject ON ledger_entry (subject, entry_index);
CREATE TABLE ledger_tile (
    level BIGINT NOT NULL, number BIGINT NOT NULL, root BYTEA NOT NULL, hashes BYTEA NOT NULL,
    PRIMARY KEY (level, number));
CREATE TABLE ledger_document (
    sha256 BYTEA NOT NULL PRIMARY KEY, length BIGINT NOT NULL, media_type TEXT COLLATE "C" NOT NULL,
    data BYTEA NOT NULL);
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'ledger is append-only: no % on %', TG_OP, TG_TABLE_NAME; END $$;
CREATE FUNCTION ledger_refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE lowest BIGINT; highest BIGINT; amount BIGINT;
    BEGIN
        SELECT MIN(entry_index), MAX(entry_index), COUNT(*) INTO lowest, highest, amount FROM added;
        IF amount > 0 AND (lowest < 0 OR highest - lowest + 1 <> amount OR EXISTS
            (SELECT 1 WHERE lowest > 0 AND NOT EXISTS (SELECT 1 FROM ledger_entry WHERE entry_index = lowest - 1)))
        THEN RAISE EXCEPTION 'ledger is append-only: gap'; END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION ledger_refuse_head() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.time < OLD.time OR NEW.size <= OLD.size
            OR NEW.size <> (SELECT COALESCE(MAX(entry_index) + 1, 0) FROM ledger_entry)
        THEN RAISE EXCEPTION 'ledger is append-only: the head only grows with its entries'; END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER ledger_entry_gap AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_gap();
CREATE TRIGGER ledger_head_growth BEFORE UPDATE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_head();
"""

_POSTGRES_REFUSAL: Final = """
CREATE TRIGGER {table}_{lower} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""

_FROZEN: Final = ("ledger_entry", "ledger_tile", "ledger_document")


def statements(dialect: str) -> list[str]:
    """
    List what creates the tables and triggers, one SQL statement an item, in order.

    `ledger_head` alone may be updated, and only to grow.
    """
    verbs: tuple[str, ...]
    if dialect == "sqlite":
        script, refusal, verbs = _SQLITE, _SQLITE_REFUSAL, ("UPDATE", "DELETE")
        ends: tuple[str, ...] = (");", "END;")
    else:
        script, refusal, verbs = _POSTGRES, _POSTGRES_REFUSAL, ("UPDATE", "DELETE", "TRUNCATE")
        ends = (";",)
    refused = [(table, verb) for table in _FROZEN for verb in verbs]
    refused += [("ledger_head", verb) for verb in verbs if verb != "UPDATE"]
    script += "".join(refusal.format(table=table, verb=verb, lower=verb.lower()) for table, verb in refused)
    return _split(script, ends)


def grants(role: str) -> list[str]:
    """
    List what a role of PostgreSQL needs to append and read, and no more.

    The tables' owner should be another role, which no portal logs in as: with these rights alone nobody can change,
    delete or truncate an entry, nor drop a trigger.

    Args:
        role: The role's name, as SQL spells it.
    """
    frozen = ", ".join(_FROZEN)
    return [f"GRANT SELECT, INSERT ON {frozen} TO {role}", f"GRANT SELECT, UPDATE ON ledger_head TO {role}"]


def _split(script: str, ends: tuple[str, ...]) -> list[str]:
    """Cut a script at line ends only, outside of function bodies: a trigger's body holds semicolons too."""
    found: list[str] = []
    part = ""
    for line in script.strip().splitlines(keepends=True):
        part += line
        if line.rstrip().endswith(ends) and part.count("$$") % 2 == 0:
            found.append(part.strip())
            part = ""
    return found
