# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text and the lines of those who signed it.

Rules:

1. A note is `text`, a blank line, and 1 to 16 signature lines; at most 64 KiB; UTF-8 without control characters but newline.
2. A signature line is `— <name> <base64(key id | signature)>`. The key id binds name, algorithm and public key.
3. One spelling only: what parses is written back to the same bytes. No line stands twice.

Source: C2SP signed-note v1.0.0. The bounds of 16 lines and 64 KiB are ours; docs/session-format.md, Checkpoints.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

import msgspec

from session import IntegrityFault
from session.crypto.signing import SigningKey, check_signature

MAX_NOTE_BYTES: Final = 64 * 1024
MAX_SIGNATURES: Final = 16
KEY_ID_BYTES: Final = 4
ED25519: Final = 0x01
"""Algorithm byte of a plain Ed25519 note signature."""
COSIGNATURE_V1: Final = 0x04
"""Algorithm byte of a timestamped Ed25519 cosignature."""

_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_NAME: Final = re.compile(r"[^\s+\x00-\x20\x7f]{1,255}")
_LINE: Final = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")


class Signature(msgspec.Struct, frozen=True):
    """One signature line: who signed (`name`, `key_id`), and the bytes after the key id."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, without its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.blob)}"


class Note(msgspec.Struct, frozen=True):
    """A signed text. `text` ends with a newline, and that newline is signed too."""

    text: str
    signatures: tuple[Signature, ...]


def encode_base64(raw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64 with padding, in the one spelling that `encode_base64` has.

    Raises:
        IntegrityFault: it is not that.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IntegrityFault("A base64 value is damaged.") from error
    if encode_base64(raw) != text:
        raise IntegrityFault("A base64 value is not in its one canonical spelling.")
    return raw


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The 4 bytes that stand for a name and key: SHA256(name | 0x0A | algorithm | public)[:4]."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + bytes((algorithm,)) + public).digest()[:KEY_ID_BYTES]


def check_name(name: str) -> None:
    """Returns if `name` may name a signer or a log.

    Raises:
        IntegrityFault: it is empty, longer than 255 characters, or holds a space, a plus sign or a control character.
    """
    if not _NAME.fullmatch(name):
        raise IntegrityFault("The name of a signer or log is empty, too long, or holds a space or a plus sign.")


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """The signature line of `key` under `text`, without a newline.

    Raises:
        IntegrityFault: `text` or `name` is none that a note can have.
    """
    check_text(text)
    check_name(name)
    return Signature(name, key_id(name, ED25519, key.public), key.sign(text.encode("utf-8"))).line


def note_bytes(text: str, *lines: str) -> bytes:
    """The note of `text` under these signature lines.

    Raises:
        IntegrityFault: what comes of it is no note (see `parse_note`).
    """
    raw = (text + "\n" + "".join(line + "\n" for line in lines)).encode("utf-8")
    parse_note(raw)
    return raw


def parse_note(raw: bytes) -> Note:
    """The note in `raw`. Checks no signature.

    Raises:
        IntegrityFault: it is too long, not UTF-8, not spelled as a note, or a line stands twice.
    """
    if len(raw) > MAX_NOTE_BYTES:
        raise IntegrityFault(f"A note is longer than {MAX_NOTE_BYTES} bytes.")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IntegrityFault("A note is not UTF-8 text.") from error
    above, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise IntegrityFault("A note has no blank line before its signatures, or does not end with a newline.")
    text = above + "\n"
    check_text(text)
    lines = below[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES or len(set(lines)) != len(lines):
        raise IntegrityFault(f"A note has more than {MAX_SIGNATURES} signatures, or one of them twice.")
    return Note(text, tuple(parse_signature(line) for line in lines))


def parse_signature(line: str) -> Signature:
    """The signature line `line`, without its newline.

    Raises:
        IntegrityFault: it is not spelled as one.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        raise IntegrityFault("A signature line is not spelled as the format says.")
    check_name(match[1])
    raw = decode_base64(match[2])
    if len(raw) <= KEY_ID_BYTES:
        raise IntegrityFault("A signature line holds no signature.")
    return Signature(match[1], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def check_text(text: str) -> None:
    """Returns if `text` may be signed.

    Raises:
        IntegrityFault: it is empty, has no newline at its end, holds a control character, or begins or ends in a blank line.
    """
    if not text.endswith("\n") or text.startswith("\n") or text.endswith("\n\n") or _CONTROL.search(text):
        raise IntegrityFault("A note's text must be lines of text without control characters, none blank at either end.")


def verify_note(note: Note, name: str, public: bytes) -> None:
    """Returns if `public`, under `name`, signed the text of `note`. Signatures of others are left alone.

    Raises:
        IntegrityFault: it did not, or the signature does not hold.
    """
    wanted = key_id(name, ED25519, public)
    found = [signature for signature in note.signatures if (signature.name, signature.key_id) == (name, wanted)]
    if len(found) != 1:
        raise IntegrityFault(f"The note is not signed once by {name} with the expected key.")
    check_signature(public, found[0].blob, note.text.encode("utf-8"))
