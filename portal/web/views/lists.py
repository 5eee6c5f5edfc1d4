"""What every list has: a search, facets with counts, active filters that can be removed, sort orders and keyset pages."""

from msgspec import Struct


class Option(Struct, frozen=True, kw_only=True):
    """
    One value of a facet with the number of rows it would leave.

    `label` is a name out of the record; where the value is a code of ours ("open", "under-25k"), leave `label` empty
    and the word under `facets.CODE.VALUE` is shown. `href` switches it on, or off when `active`.
    """

    value: str
    count: int
    href: str
    label: str = ""
    active: bool = False


class Facet(Struct, frozen=True, kw_only=True):
    """One way to narrow a list. `code` is a key under `facets`: state, agency, place, value, skill, year, by."""

    code: str
    options: tuple[Option, ...]


class Filter(Struct, frozen=True, kw_only=True):
    """A filter now in force, shown as a removable word. `label` as in `Option`."""

    code: str
    value: str
    remove: str
    label: str = ""


class Order(Struct, frozen=True, kw_only=True):
    """A way to sort; `code` is a key under `sorts`: closing, newest, value, name."""

    code: str
    href: str
    active: bool = False


class Listing(Struct, frozen=True, kw_only=True):
    """
    The frame of one list.

    Attributes:
        action: Where the search form goes (GET); hidden fields keep the filters.
        hidden: Name and value of each filter in force, in the order of the address.
        total: Rows that match, over all pages.
        older: Address of the next page, empty on the last one.
        newer: Address of the page before, empty on the first.
        reset: Address without any filter.
    """

    action: str
    total: int
    query: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    facets: tuple[Facet, ...] = ()
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    older: str = ""
    newer: str = ""
    reset: str = ""
