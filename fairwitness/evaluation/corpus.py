# SPDX-License-Identifier: Apache-2.0
"""Corpora as files: `.npz` with one row a key, edit or pointer event, and offsets that part the rows into sessions.

Rules:

1. A file is a stranger's: nothing in it is unpickled, and each size is known to be bounded before memory is taken for it.
2. A file that is none of ours is passed over, and one that breaks its schema is refused with the field that does.
3. What a field may hold is in docs/evaluation.md, Corpora.
"""

from __future__ import annotations

import io
import sys
import warnings
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
import numpy.typing as npt

from session import InputFault

MOST_BYTES: Final = 2**30
"""Greatest file, packed and unpacked: some 150 million keystrokes. The largest corpus known has 10 million."""
MOST_SESSIONS: Final = 1_000_000
"""Sessions of one file."""
MOST_TEXT: Final = 256
"""Characters of a pseudonym."""
MOST_PASTE_CHARS: Final = 2**31 - 1

Rows = npt.NDArray[Any]


class Schema(StrEnum):
    """What the rows of a file are."""

    TYPING = "typing"
    ASSISTED = "assisted"
    POINTER = "pointer"


class Bounds(msgspec.Struct, frozen=True):
    """What a column of whole numbers may hold, both ends included."""

    least: int
    greatest: int


_TIME: Final = Bounds(0, 2**31 - 1)
COLUMNS: Final[dict[Schema, dict[str, Bounds]]] = {
    Schema.TYPING: {"press_ms": _TIME, "dwell_ms": Bounds(-1, 2**31 - 1), "key_class": Bounds(0, 6)},
    Schema.ASSISTED: {"t_ms": _TIME, "kind": Bounds(0, 8), "chars": Bounds(0, 2**31 - 1)},
    Schema.POINTER: {
        "t_ms": _TIME,
        "x_px": Bounds(-(2**20), 2**20),
        "y_px": Bounds(-(2**20), 2**20),
        "kind": Bounds(0, 5),
        "scroll": Bounds(0, 1),
    },
}
"""The columns of each schema. Source: docs/evaluation.md, Corpora."""
TIMES: Final = {Schema.TYPING: "press_ms", Schema.ASSISTED: "t_ms", Schema.POINTER: "t_ms"}


class CorpusSession(msgspec.Struct, frozen=True):
    """One session's rows.

    Args:
        columns: by name, all of one length, as int64.
        pastes: sizes of its pastes in characters, in order; None where the corpus does not know them.
    """

    person: str
    schema: Schema
    columns: dict[str, Rows]
    pastes: Rows | None


class Source(msgspec.Struct, frozen=True):
    """One file's sessions. `name` is the file's, without `.npz`."""

    name: str
    schema: Schema
    persons: tuple[str, ...]
    offsets: Rows
    columns: dict[str, Rows]
    paste_offsets: Rows | None
    paste_chars: Rows | None

    def __len__(self) -> int:
        return len(self.persons)

    def session(self, number: int) -> CorpusSession:
        """The session of this number, from 0."""
        rows = slice(int(self.offsets[number]), int(self.offsets[number + 1]))
        pastes = None
        if self.paste_offsets is not None and self.paste_chars is not None and len(self.paste_chars):
            sizes = self.paste_chars[int(self.paste_offsets[number]) : int(self.paste_offsets[number + 1])]
            # Sizes that do not fit the pastes are not known to be of any.
            pressed = int(np.count_nonzero(self.columns["key_class"][rows] == PASTE_CLASS))
            pastes = sizes.astype(np.int64) if len(sizes) == pressed else None
        columns = {name: column[rows].astype(np.int64) for name, column in self.columns.items()}
        return CorpusSession(person=self.persons[number], schema=self.schema, columns=columns, pastes=pastes)

    def numbers(self, people: int | None) -> list[int]:
        """Numbers of all sessions, or of those of the first so many people by their pseudonyms."""
        if people is None:
            return list(range(len(self)))
        chosen = frozenset(sorted(set(self.persons))[:people])
        return [number for number, person in enumerate(self.persons) if person in chosen]


PASTE_CLASS: Final = 5


class Skipped(msgspec.Struct, frozen=True):
    """A file that was not read, and why; `broken` where it is meant to be a corpus and is not sound."""

    file: str
    reason: str
    broken: bool


def files_of(folder: Path) -> tuple[Path, ...]:
    """The `.npz` files of `folder` and of its folders `typing` and `pointer`, in order of their names.

    Raises:
        InputFault: `folder` is no folder, or has no such file.
    """
    if not folder.is_dir():
        raise InputFault(f"corpus: there is no folder {folder}.")
    places = (folder, folder / "typing", folder / "pointer")
    found = sorted(path for place in places if place.is_dir() for path in place.glob("*.npz"))
    if not found:
        raise InputFault(f"corpus: there is no .npz file in {folder}, nor in its folders typing and pointer.")
    return tuple(found)


def read(path: Path) -> Source | None:
    """The sessions of a file; None where its fields are of none of the schemas.

    Raises:
        InputFault: it cannot be read, or a field is not what its schema asks; names file and field.
    """
    try:
        with path.open("rb") as file:
            return _source(path.stem, file)
    except _Broken as broken:
        raise InputFault(f"The corpus file {path.name} cannot be taken: {broken.field}: {broken.reason}") from broken
    except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        reason = "It is damaged, or no .npz file."
        raise InputFault(f"The corpus file {path.name} cannot be taken: file: {reason}") from error


class _Broken(Exception):  # noqa: N818 - becomes an InputFault with the file's name
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def _source(name: str, file: BinaryIO) -> Source | None:
    if file.seek(0, io.SEEK_END) > MOST_BYTES:
        raise _Broken("file", "It is too large.")
    with zipfile.ZipFile(file) as packed:
        return _unpacked(name, packed)


def _unpacked(name: str, packed: zipfile.ZipFile) -> Source | None:
    fields = {member.filename.removesuffix(".npy") for member in packed.infolist() if member.filename.endswith(".npy")}
    schema = next((one for one, columns in COLUMNS.items() if columns.keys() <= fields), None)
    if schema is None:
        return None
    if sum(member.file_size for member in packed.infolist()) > MOST_BYTES:
        raise _Broken("file", "It is too large.")
    persons = _texts(packed, "person")
    if len(persons) > MOST_SESSIONS:
        raise _Broken("person", "It names too many sessions.")
    columns = {field: _numbers(packed, field, bounds) for field, bounds in COLUMNS[schema].items()}
    length = len(columns[TIMES[schema]])
    for field, column in columns.items():
        if len(column) != length:
            raise _Broken(field, "It has another number of rows than the times.")
    offsets = _offsets(packed, "offsets", sessions=len(persons), rows=length)
    pastes = schema is Schema.TYPING and "paste_offsets" in fields
    chars = _numbers(packed, "paste_chars", Bounds(0, MOST_PASTE_CHARS)) if pastes else None
    return Source(
        name=name,
        schema=schema,
        persons=persons,
        offsets=offsets,
        columns=columns,
        paste_offsets=None if chars is None else _offsets(packed, "paste_offsets", sessions=len(persons), rows=len(chars)),
        paste_chars=chars,
    )


def _texts(packed: zipfile.ZipFile, field: str) -> tuple[str, ...]:
    array = _array(packed, field, "U")
    if array.dtype.itemsize > 4 * MOST_TEXT:
        raise _Broken(field, "It has a text that is too long.")
    letters = np.frombuffer(array.tobytes(), dtype=np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    if len(letters) and int(letters.max()) > sys.maxunicode:
        raise _Broken(field, "It has a text that is none.")
    return tuple(array.tolist())


def _numbers(packed: zipfile.ZipFile, field: str, bounds: Bounds) -> Rows:
    array = _array(packed, field, "iub")
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    if len(array) and not bounds.least <= int(array.min()) <= int(array.max()) <= bounds.greatest:
        raise _Broken(field, f"It has a value that is not from {bounds.least} to {bounds.greatest}.")
    return array


def _offsets(packed: zipfile.ZipFile, field: str, *, sessions: int, rows: int) -> Rows:
    array = _array(packed, field, "iu")
    if len(array) != sessions + 1:
        raise _Broken(field, "There must be one more of them than sessions.")
    if int(array[0]) != 0 or int(array[-1]) != rows or bool(np.any(array[1:] < array[:-1])):
        raise _Broken(field, f"They must rise from 0 to {rows}, the number of rows.")
    return array.astype(np.int64)


def _array(packed: zipfile.ZipFile, field: str, kinds: str) -> Rows:
    """One row of values, read without `numpy.load`: the size that the header claims is compared before it is taken."""
    try:
        member = packed.getinfo(f"{field}.npy")
    except KeyError as error:
        raise _Broken(field, "It is missing.") from error
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Broken(field, "It is packed in another way than NumPy does.")
    with packed.open(member) as stream:
        shape, dtype = _header(stream.read(_HEADER_BYTES), field)
        stream.seek(0)
        if dtype.hasobject or dtype.kind not in kinds or not dtype.itemsize:
            raise _Broken(field, "It has the wrong type of values.")
        if len(shape) != 1:
            raise _Broken(field, "It must be one plain row of values.")
        packed_bytes = stream.read()
    begin = len(packed_bytes) - shape[0] * dtype.itemsize
    if begin != _header_bytes(packed_bytes):
        raise _Broken(field, "It is longer or shorter than it says.")
    return np.frombuffer(packed_bytes, dtype=dtype, offset=begin)


_HEADER_BYTES: Final = 10_000
_MAGIC: Final = {(1, 0): (np.lib.format.read_array_header_1_0, 2), (2, 0): (np.lib.format.read_array_header_2_0, 4)}
"""Reader of each version's header, and bytes of its length. Source: numpy.lib.format, Format Version."""


def _header(begun: bytes, field: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    stream = io.BytesIO(begun)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header of Python 2 is read all the same
            reader, _ = _MAGIC[np.lib.format.read_magic(stream)]
            shape, _, dtype = reader(stream, max_header_size=_HEADER_BYTES)
    except (KeyError, ValueError, SyntaxError, TokenError, TypeError, RecursionError, MemoryError) as error:
        raise _Broken(field, "It is damaged, or no .npy field.") from error
    return shape, dtype


def _header_bytes(whole: bytes) -> int:
    _, length_bytes = _MAGIC[(whole[6], whole[7])]
    begin = 8 + length_bytes
    return begin + int.from_bytes(whole[8:begin], "little")
