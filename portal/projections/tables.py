"""
The tables of the read models, written once for both databases.

Column types are few: BIGINT and TEXT (COLLATE "C" on PostgreSQL; SQLite compares bytes anyway). Instants are text in
their one spelling, which sorts as time does. Yes and no are 1 and 0. `entry` is always the index of an entry.
"""

from msgspec import Struct
from sqlalchemy import Connection

from portal.projections.shelf import BESIDE, LIVE


class Table(Struct, frozen=True, kw_only=True):
    """One table: columns `name type`, its primary key, and what else is looked up by."""

    name: str
    key: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    optional_numbers: tuple[str, ...] = ()
    optional_texts: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns in the order in which they are made and dumped."""
        return (*self.numbers, *self.texts, *self.optional_numbers, *self.optional_texts)


TABLES = (
    # What the projections have read: the size of the log when the last entry was projected.
    Table(name="progress", key=("id",), numbers=("id", "size")),
    # name = a subject or a collection ("opportunities"); entry = the last entry that changed what it shows.
    Table(name="version", key=("name",), numbers=("entry",), texts=("name",), indexes=(("entry", "name"),)),
    Table(
        name="agency",
        key=("id",),
        numbers=("entry",),
        texts=("id", "name", "folded", "place", "place_name", "zone", "currency", "contact", "website", "at"),
    ),
    Table(
        name="policy",
        key=("entry",),
        numbers=("entry",),
        texts=("agency", "jurisdiction", "digest", "resolution", "at"),
        indexes=(("digest", "entry"), ("agency", "entry")),
    ),
    Table(
        name="firm",
        key=("id",),
        numbers=("entry", "staff", "training_partner"),
        texts=("id", "name", "folded", "place", "place_name", "founded", "skills", "words", "website", "at"),
        indexes=(("folded", "entry"),),
    ),
    Table(
        name="keeper",
        key=("id",),
        numbers=("entry", "keys"),
        texts=("id", "name", "organisation", "organisation_name", "at"),
    ),
    Table(
        name="partner",
        key=("id",),
        numbers=("entry",),
        texts=("id", "name", "folded", "place", "place_name", "skills", "words", "website", "contact", "at"),
        indexes=(("folded", "entry"),),
    ),
    # Whom notices (bid '') and opened bids name as their training partner, as written; and which of them confirmed.
    Table(
        name="naming",
        key=("opportunity", "bid"),
        numbers=("entry",),
        texts=("opportunity", "bid", "named"),
        indexes=(("named", "entry"),),
    ),
    Table(
        name="confirmed_naming",
        key=("opportunity", "bid", "partner"),
        numbers=("entry",),
        texts=("opportunity", "bid", "partner", "at"),
        indexes=(("partner", "entry"),),
    ),
    # Every key that anybody in a subject ever had; ended_entry is NULL while it signs.
    Table(
        name="held_key",
        key=("subject", "holder", "key", "entry"),
        numbers=("entry",),
        texts=("subject", "holder", "key", "how", "label", "since"),
        optional_numbers=("ended_entry",),
        optional_texts=("until", "ending"),
        indexes=(("key", "entry"),),
    ),
    Table(
        name="recovery",
        key=("entry",),
        numbers=("entry",),
        texts=("subject", "holder", "key", "label", "at", "effective_at"),
        optional_numbers=("stopped_entry", "completed_entry"),
        indexes=(("subject", "entry"),),
    ),
    Table(
        name="plan",
        key=("id",),
        numbers=("entry", "learner_places"),
        texts=(
            "id",
            "agency",
            "title",
            "need",
            "skills",
            "tier",
            "quarter",
            "money",
            "place",
            "place_name",
            "at",
            "changed_at",
        ),
        optional_numbers=("changed_entry", "dropped_entry"),
        optional_texts=("dropped_reason", "opportunity"),
        indexes=(("agency", "entry"), ("quarter", "entry")),
    ),
    Table(
        name="opportunity",
        key=("id",),
        numbers=(
            "entry",
            "budget_minor",
            "learner_places",
            "hours",
            "payment_days",
            "listed",
            "own_keys",
            "locked",
            "candidates",
            "questions",
        ),
        texts=(
            "id",
            "agency",
            "title",
            "summary",
            "skills",
            "place",
            "place_name",
            "tier",
            "price_mode",
            "currency",
            "tax",
            "reservation",
            "questions_close",
            "closes",
            "objection_until",
            "opens_by",
            "policy",
            "at",
            "decided",
            "decided_at",
            "changed_at",
        ),
        optional_numbers=("opened_entry", "ranked_entry", "chosen_entry", "awarded_entry", "ended_entry"),
        optional_texts=("plan", "follows", "standstill_ends", "ended_kind", "ended_reason"),
        indexes=(
            ("entry",),
            ("decided", "closes", "entry"),
            ("decided", "entry"),
            ("agency", "entry"),
            ("place", "entry"),
            ("follows", "entry"),
            ("budget_minor", "entry"),
        ),
    ),
    Table(
        name="seat",
        key=("opportunity", "number"),
        numbers=("number",),
        texts=("opportunity", "keeper", "organisation", "proposal", "offer"),
        indexes=(("keeper", "opportunity"),),
    ),
    Table(
        name="addendum",
        key=("entry",),
        numbers=("entry", "material"),
        texts=("opportunity", "leaf"),
        indexes=(("opportunity", "entry"),),
    ),
    Table(
        name="bid",
        key=("opportunity", "bid"),
        numbers=("entry", "current_entry", "withdrawn", "unconfirmed", "rank"),
        texts=("opportunity", "bid", "current_at", "statement", "status"),
        optional_numbers=("opened_entry", "price_minor", "learner_places", "quality", "price", "total"),
        optional_texts=("firm", "name", "currency", "reason"),
        indexes=(("firm", "entry"),),
    ),
    Table(
        name="confirmation",
        key=("opportunity", "bid", "addendum"),
        numbers=("entry",),
        texts=("opportunity", "bid", "addendum"),
    ),
    Table(name="eligibility", key=("opportunity", "firm"), numbers=("entry", "refused"), texts=("opportunity", "firm")),
    Table(name="objection", key=("entry",), numbers=("entry", "accepted"), texts=("opportunity", "statement")),
    Table(
        name="award",
        key=("opportunity",),
        numbers=("entry", "amount_minor"),
        texts=("opportunity", "agency", "bid", "firm", "currency", "at", "standstill_ends"),
        optional_numbers=("awarded_entry",),
        optional_texts=("awarded_at",),
        indexes=(("awarded_entry",), ("firm", "entry"), ("agency", "entry")),
    ),
    # Every document an entry refers to, by its first mention.
    Table(name="document", key=("sha256",), numbers=("entry", "length"), texts=("sha256", "media_type")),
    # The skills of plans and pilots; item = the entry that announced or published them.
    Table(
        name="skill",
        key=("item", "slug"),
        numbers=("item",),
        texts=("slug", "name", "kind"),
        indexes=(("kind", "slug", "item"),),
    ),
    # Every word by which a plan or a pilot is found.
    Table(
        name="word",
        key=("item", "word"),
        numbers=("item",),
        texts=("word", "kind"),
        indexes=(("kind", "word", "item"),),
    ),
    # Instants at which time alone changes a page of the subject.
    Table(
        name="deadline",
        key=("opportunity", "name"),
        texts=("opportunity", "name", "at"),
        indexes=(("at", "opportunity"),),
    ),
)
BY_NAME = {table.name: table for table in TABLES}


def table_statements(dialect: str, prefix: str) -> list[str]:
    """The CREATE TABLE statements of one set."""
    text = 'TEXT COLLATE "C"' if dialect == "postgresql" else "TEXT"
    made = []
    for table in TABLES:
        columns = [f'"{name}" BIGINT NOT NULL' for name in table.numbers]
        columns += [f'"{name}" {text} NOT NULL' for name in table.texts]
        columns += [f'"{name}" BIGINT' for name in table.optional_numbers]
        columns += [f'"{name}" {text}' for name in table.optional_texts]
        key = ", ".join(f'"{name}"' for name in table.key)
        made.append(f"CREATE TABLE {prefix}{table.name} ({', '.join(columns)}, PRIMARY KEY ({key}))")
    return made


def index_statements() -> list[str]:
    """The CREATE INDEX statements of the live set; a rebuilt set gets them when it takes the live names."""
    made = []
    for table in TABLES:
        for columns in table.indexes:
            name = f"{LIVE}{table.name}_by_{'_'.join(columns)}"
            listed = ", ".join(f'"{column}"' for column in columns)
            made.append(f"CREATE INDEX {name} ON {LIVE}{table.name} ({listed})")
    return made


def exists(connection: Connection, prefix: str = LIVE) -> bool:
    """Whether the set of tables is there."""
    name = f"{prefix}progress"
    if connection.dialect.name == "postgresql":
        return bool(connection.exec_driver_sql("SELECT to_regclass(%s) IS NOT NULL", (name,)).scalar())
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).first() is not None


def create(connection: Connection) -> None:
    """Make the live tables where there are none; a log that has entries already is read by `rebuild`."""
    if not exists(connection):
        create_set(connection, LIVE)
        for statement in index_statements():
            connection.exec_driver_sql(statement)


def lacking(connection: Connection) -> list[str]:
    """
    What the live tables lack that this release writes, as `table` or `table.column`; empty when they are whole.

    An earlier release made them so: nothing is wrong with the log, and a rebuild makes them anew.
    """
    if connection.dialect.name == "postgresql":
        sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    else:
        sql = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    there: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(sql):
        there.setdefault(str(table), set()).add(str(column))
    found = []
    for table in TABLES:
        columns = there.get(f"{LIVE}{table.name}")
        found += [table.name] if columns is None else []
        found += [] if columns is None else [f"{table.name}.{each}" for each in table.columns if each not in columns]
    return found


def create_set(connection: Connection, prefix: str) -> None:
    """Make one empty set of tables, without indexes beyond the keys."""
    for statement in table_statements(connection.dialect.name, prefix):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"INSERT INTO {prefix}progress (id, size) VALUES (0, 0)")  # noqa: S608 -- our own prefix


def drop_set(connection: Connection, prefix: str) -> None:
    """Remove one set of tables with its indexes, if it is there."""
    for table in TABLES:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {prefix}{table.name}")


def swap_sets(connection: Connection) -> None:
    """Put the rebuilt set in the place of the live one, in the caller's transaction."""
    drop_set(connection, LIVE)
    for table in TABLES:
        connection.exec_driver_sql(f"ALTER TABLE {BESIDE}{table.name} RENAME TO {LIVE}{table.name}")
    for statement in index_statements():
        connection.exec_driver_sql(statement)
