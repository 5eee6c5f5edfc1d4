"""Money as whole minor units with a currency; adding two currencies is an error, not a conversion."""

from msgspec import Struct

from portal.procurement.refusal import Refusal

# ISO 4217 codes whose minor unit is not a hundredth; all others divide by 100.
_EXPONENTS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}


def exponent(currency: str) -> int:
    """How many decimal digits the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units (cents, pence) of one ISO 4217 currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise Refusal("currency-wrong", {"expected": self.currency, "given": other.currency})
        return Money(amount_minor=self.amount_minor + other.amount_minor, currency=self.currency)

    def __str__(self) -> str:
        digits = exponent(self.currency)
        whole, rest = divmod(abs(self.amount_minor), 10**digits)
        sign = "-" if self.amount_minor < 0 else ""
        cents = f".{rest:0{digits}d}" if digits and rest else ""
        return f"{sign}{whole:,}{cents} {self.currency}"
