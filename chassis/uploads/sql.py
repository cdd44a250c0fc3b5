"""The SQL that a database needs before files can be staged in it, and the two halves of the person-key secret."""

import hashlib
from pathlib import Path

_FILES = ("staging.sql", "readers.sql", "resident_ids.sql")
_BLOCK = 64


def statements() -> list[str]:
    """Everything to be executed once by a migration, in order; each may be executed again without harm."""
    text = "\n\n".join(Path(__file__).with_name(name).read_text("utf-8") for name in _FILES)
    return [part for part in text.split("\n\n") if not all(line.startswith("--") for line in part.strip().splitlines())]


def key_pads(secret: bytes) -> tuple[bytes, bytes]:
    """The secret as the parameters of `chassis.person_key`: inner and outer pad of HMAC (RFC 2104).

    Whoever knows the pads knows the secret: bind them as parameters, never write them into a statement.
    """
    key = hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret
    key = key.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
