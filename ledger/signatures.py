"""
Which library checks the signatures of entries: an auditor's choice, for almost all of an audit's time goes there.

`cryptography` is the default and the only one this package needs; PyNaCl, where it is installed, takes about half the
time with Ed25519, which most signatures of a log are; keys of other kinds are always `cryptography`'s. Both refuse the
public keys that `keys.check_public` refuses, because it is asked before either.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ledger.errors import MalformedError, VerificationError
from ledger.keykinds import verify_signature
from ledger.keys import KEY_ID, check_public, public_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Check: TypeAlias = Callable[[str, bytes, bytes], None]

NAMES: Final = ("cryptography", "nacl")


def backend(name: str) -> Check:
    """
    Tell the function that checks (key id, message, signature) and raises what `keykinds.verify_signature` raises.

    Raises:
        MalformedError: `signatures-backend` if there is no such library here.
    """
    if name == "cryptography":
        return verify_signature
    if name == "nacl":
        try:
            signing: Any = importlib.import_module("nacl.signing")
            refusal: Any = importlib.import_module("nacl.exceptions").BadSignatureError
        except ImportError as error:
            raise MalformedError("signatures-backend", "PyNaCl is not installed") from error
        return _Nacl(signing.VerifyKey, refusal)
    raise MalformedError("signatures-backend", f"{name!r} is none of {', '.join(NAMES)}")


class _Nacl:
    """Checks with PyNaCl; other processes find it by its name."""

    def __init__(self, verify_key: Any, refusal: type[Exception]) -> None:
        self._verify_key = verify_key
        self._refusal = refusal
        self._load = functools.lru_cache(maxsize=4096)(self._read)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return backend, ("nacl",)

    def __call__(self, key: str, message: bytes, signature: bytes) -> None:
        if KEY_ID.fullmatch(key) is None:
            verify_signature(key, message, signature)
            return
        try:
            self._load(key).verify(message, signature)
        except self._refusal as error:
            raise VerificationError("signature", f"not signed by {key}") from error

    def _read(self, key: str) -> Any:
        public = public_of(key)
        check_public(public)
        return self._verify_key(public)
