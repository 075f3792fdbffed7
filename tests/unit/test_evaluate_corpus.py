# SPDX-License-Identifier: Apache-2.0
"""A corpus is read by its schema alone; what is not sound is refused with its field, and nothing in it is run."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from evaluate_corpora import assisted, keys, pointing, typing, write

from fairwitness.evaluation import corpus
from fairwitness.evaluation.corpus import Schema, Source, files_of, read
from session import InputFault
from ui.strings import Words

SESSIONS = [("ada", keys(1, 30)), ("ben", keys(2, 20)), ("ada", keys(3, 10))]
Fields = dict[str, np.ndarray]


def taken(path: Path) -> Source:
    source = read(path)
    assert source is not None
    return source


def test_a_corpus_is_read_session_by_session(tmp_path: Path) -> None:
    source = taken(write(tmp_path / "lab_compose.npz", typing(SESSIONS)))
    assert (source.name, source.schema, len(source)) == ("lab_compose", Schema.TYPING, 3)
    second = source.session(1)
    assert second.person == "ben"
    read_rows = list(zip(*(second.columns[name].tolist() for name in ("press_ms", "dwell_ms", "key_class")), strict=True))
    assert read_rows == SESSIONS[1][1]
    assert second.pastes is None


def test_sizes_of_pastes_are_known_where_they_fit_the_pastes(tmp_path: Path) -> None:
    pasted = [(0, 80, 0), (500, 80, 5), (900, 80, 5)]
    sessions = [("ada", pasted), ("ben", pasted), ("eve", keys(1, 5))]
    source = taken(write(tmp_path / "a.npz", typing(sessions, [[40, 600], [7], []])))
    known = [source.session(number).pastes for number in range(3)]
    assert known[0] is not None
    assert known[0].tolist() == [40, 600]
    assert known[1] is None, "one size of two pastes is of neither"
    assert known[2] is not None
    assert known[2].tolist() == []


def test_without_the_fields_of_pastes_no_size_is_known(tmp_path: Path) -> None:
    fields = typing(SESSIONS)
    del fields["paste_offsets"], fields["paste_chars"]
    assert taken(write(tmp_path / "a.npz", fields)).session(0).pastes is None


def test_suggestions_and_pointers_are_told_by_their_fields(tmp_path: Path) -> None:
    assert taken(write(tmp_path / "a.npz", assisted([("ada", [(0, 0, 1), (90, 5, 0)])]))).schema is Schema.ASSISTED
    assert taken(write(tmp_path / "b.npz", pointing([("ada", [(0, 5, 5, 0), (90, 9, 5, 4)])]))).schema is Schema.POINTER


def test_any_width_and_order_of_whole_numbers_is_taken(tmp_path: Path) -> None:
    fields = typing(SESSIONS)
    wide = fields | {"press_ms": fields["press_ms"].astype(">i8"), "key_class": fields["key_class"].astype(np.int64)}
    narrow, other = taken(write(tmp_path / "a.npz", fields)), taken(write(tmp_path / "b.npz", wide))
    for number in range(3):
        for name, column in narrow.session(number).columns.items():
            assert column.tolist() == other.session(number).columns[name].tolist()


def test_fields_of_no_corpus_are_passed_over(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.npz", {"weights": np.zeros(3)})) is None


def test_people_are_the_first_by_their_pseudonyms(tmp_path: Path) -> None:
    source = taken(write(tmp_path / "a.npz", typing(SESSIONS)))
    assert source.numbers(None) == [0, 1, 2]
    assert source.numbers(1) == [0, 2]
    assert source.numbers(9) == [0, 1, 2]


BROKEN: list[tuple[str, Callable[[Fields], Fields], str]] = [
    ("offsets", lambda f: f | {"offsets": f["offsets"] + 1}, "rise from 0"),
    ("offsets", lambda f: f | {"offsets": f["offsets"][::-1]}, "rise from 0"),
    ("offsets", lambda f: f | {"offsets": np.array([0, 40, 30, 60])}, "rise from 0"),
    ("offsets", lambda f: f | {"offsets": np.array([0, 2**62, 2**62, 60])}, "rise from 0"),
    ("offsets", lambda f: f | {"offsets": np.array([0, -5, 30, 60])}, "rise from 0"),
    ("offsets", lambda f: f | {"offsets": f["offsets"][:-1]}, "one more of them"),
    ("offsets", lambda f: f | {"offsets": np.array([], dtype=np.int64)}, "one more of them"),
    ("offsets", lambda f: f | {"offsets": f["offsets"].astype(float)}, "wrong type"),
    ("offsets", lambda f: {name: f[name] for name in f if name != "offsets"}, "missing"),
    ("paste_offsets", lambda f: f | {"paste_offsets": np.array([0, 0, 0, 9])}, "rise from 0 to 0"),
    ("paste_chars", lambda f: f | {"paste_chars": np.array([-1])}, "value that is not from"),
    ("paste_chars", lambda f: {name: f[name] for name in f if name != "paste_chars"}, "missing"),
    ("press_ms", lambda f: f | {"press_ms": f["press_ms"].astype(np.float32)}, "wrong type"),
    ("press_ms", lambda f: f | {"press_ms": f["press_ms"] - 1}, "value that is not from"),
    ("press_ms", lambda f: f | {"press_ms": np.full(60, 2**63, dtype=np.uint64)}, "value that is not from"),
    ("press_ms", lambda f: f | {"press_ms": f["press_ms"].reshape(-1, 2)}, "plain row"),
    ("dwell_ms", lambda f: f | {"dwell_ms": f["dwell_ms"][:-1]}, "another number of rows"),
    ("dwell_ms", lambda f: f | {"dwell_ms": np.full(60, -2)}, "value that is not from"),
    ("key_class", lambda f: f | {"key_class": np.full(60, 7)}, "value that is not from 0 to 6"),
    ("person", lambda f: f | {"person": np.array([1, 2, 3])}, "wrong type"),
    ("person", lambda f: f | {"person": np.array(["a" * 300] * 3)}, "too long"),
    ("person", lambda f: f | {"person": np.frombuffer(b"\xff" * 12, dtype="<U1")}, "text that is none"),
]


@pytest.mark.parametrize(("field", "broken", "reason"), BROKEN)
def test_a_field_that_is_not_what_its_schema_asks_is_named(
    tmp_path: Path, field: str, broken: Callable[[Fields], Fields], reason: str
) -> None:
    path = write(tmp_path / "lab_compose.npz", broken(typing(SESSIONS)))
    with pytest.raises(InputFault, match=rf"lab_compose\.npz cannot be taken: {field}: .*{reason}") as fault:
        read(path)
    assert Words("it").fault(str(fault.value)).startswith("Il file lab_compose.npz ")
    assert " It " not in Words("it").fault(str(fault.value))


def test_the_first_session_of_many_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.npz", typing(SESSIONS))
    monkeypatch.setattr(corpus, "MOST_SESSIONS", 2)
    with pytest.raises(InputFault, match="person: It names too many sessions"):
        read(path)


class Trap:
    """Unpickling it would leave a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self.path), "w")


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    objects = np.empty(60, dtype=object)
    objects[:] = [Trap(sprung)] * 60
    for field in ("press_ms", "person"):
        with pytest.raises(InputFault, match=f"{field}: It has the wrong type"):
            read(write(tmp_path / "a.npz", typing(SESSIONS) | {field: objects}))
    assert not sprung.exists()


def member(text: str, body: bytes = b"", *, version: tuple[int, int] = (1, 0)) -> bytes:
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text.encode() + body


MEMBERS = {
    "a claim of 10^12 rows": member("{'descr': '<i4', 'fortran_order': False, 'shape': (1000000000000,), }\n"),
    "fewer rows than it says": member("{'descr': '<i4', 'fortran_order': False, 'shape': (60,), }\n", b"\0" * 236),
    "more rows than it says": member("{'descr': '<i4', 'fortran_order': False, 'shape': (60,), }\n", b"\0" * 244),
    "a negative length": member("{'descr': '<i4', 'fortran_order': False, 'shape': (-1,), }\n", b"\0" * 240),
    "code in its header": member("__import__('os').abort()"),
    "deep nesting": member("(" * 5000),
    "a type of no size": member("{'descr': '<U0', 'fortran_order': False, 'shape': (60,), }\n"),
    "rows within rows": member("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (60,), }\n", b"\0" * 240),
    "an unknown version": member("{}", version=(9, 9)),
    "a header longer than it may be": member(" " * 20_000 + "{}", version=(2, 0)),
    "nothing": b"",
    "a pickle": b"\x80\x04N.",
}


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_field_made_to_deceive_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    whole = write(tmp_path / "whole.npz", typing(SESSIONS))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for one in source.namelist():
            target.writestr(one, MEMBERS[name] if one == "press_ms.npy" else source.read(one))
    with pytest.raises(InputFault, match=r"a\.npz cannot be taken: press_ms: It "):
        read(path)


def test_a_file_that_unpacks_to_more_than_is_taken_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.npz", typing(SESSIONS) | {"padding": np.zeros(1_000_000)})
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(corpus, "MOST_BYTES", 100_000)
    with pytest.raises(InputFault, match="file: It is too large"):
        read(path)
    monkeypatch.setattr(corpus, "MOST_BYTES", path.stat().st_size - 1)
    with pytest.raises(InputFault, match="file: It is too large"):
        read(path)


@pytest.mark.parametrize("way", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_what_numpy_packs_is_unpacked(tmp_path: Path, way: int) -> None:
    whole = write(tmp_path / "whole.npz", typing(SESSIONS))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "a.npz", "w", way) as target:
        for one in source.namelist():
            target.writestr(one, source.read(one))
    with pytest.raises(InputFault, match="person: It is packed in another way"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04N.", b"PK\x05\x06" + b"\xff" * 18, np.arange(9).tobytes()])
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(InputFault, match=r"a\.npz cannot be taken: file: It is damaged"):
        read(path)


def test_damage_anywhere_is_refused_or_harmless_and_never_a_trace(tmp_path: Path) -> None:
    stored = io.BytesIO()
    np.savez(stored, **typing(SESSIONS))  # type: ignore[arg-type] # its stub takes no names
    for whole in (stored.getvalue(), write(tmp_path / "b.npz", typing(SESSIONS)).read_bytes()):
        chance = random.Random(3)  # noqa: S311 - where damage falls
        path = tmp_path / "a.npz"
        for _ in range(400):
            damaged = bytearray(whole)
            for _ in range(chance.choice((1, 3))):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            path.write_bytes(damaged[: chance.choice((len(damaged), chance.randrange(len(damaged))))])
            try:
                source = read(path)
            except InputFault:
                continue
            if source is not None:
                assert all(len(source.session(number).columns["press_ms"]) <= 60 for number in range(len(source)))


def test_files_lie_in_the_folder_or_in_its_two(tmp_path: Path) -> None:
    for name in ("b.npz", "typing/a.npz", "pointer/c.npz", "other/d.npz"):
        write(tmp_path / name, {"x": np.zeros(1)})
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert [str(path.relative_to(tmp_path)) for path in files_of(tmp_path)] == ["b.npz", "pointer/c.npz", "typing/a.npz"]


def test_a_folder_without_corpora_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="there is no folder"):
        files_of(tmp_path / "none")
    with pytest.raises(InputFault, match=r"no \.npz file"):
        files_of(tmp_path)
