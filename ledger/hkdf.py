"""
HKDF with SHA-256, in its two halves (RFC 5869).

Sealing names the halves apart: one *extract* feeds many *expands*. The standard library's one-shot
HMAC does the work, so that the module stays readable beside the browser's, which has only HMAC too.
"""

import hmac

HASH_LENGTH = 32
MAX_OUTPUT = 255 * HASH_LENGTH


def extract(salt: bytes, material: bytes) -> bytes:
    """Concentrate key material into one 32-byte key (RFC 5869, 2.2); an empty salt equals 32 zero bytes."""
    return hmac.digest(salt, material, "sha256")


def expand(key: bytes, info: bytes, length: int = HASH_LENGTH) -> bytes:
    """
    Derive `length` bytes for one purpose, named by `info` (RFC 5869, 2.3).

    Callers keep purposes apart by `info` alone, so no two purposes under one key may share it.
    """
    if not 0 <= length <= MAX_OUTPUT:
        raise RuntimeError(f"HKDF cannot expand to {length} bytes")
    output = block = b""
    counter = 1
    while len(output) < length:
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        output += block
        counter += 1
    return output[:length]
