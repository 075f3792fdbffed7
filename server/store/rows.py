# SPDX-License-Identifier: Apache-2.0
"""Questions to the tables, each a function of an open connection; rows come out as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from server.store import tables

WITHDRAWN_US: Final = 0
"""`Invitation.used_us` of a code that an admin took back: nobody used it, at no time."""


class Organisation(msgspec.Struct, frozen=True):
    """Whose platform this is."""

    fingerprint: str
    root_public: bytes
    founded_us: int


class StoredDirectory(msgspec.Struct, frozen=True):
    """One accepted version of the directory."""

    version: int
    sha256: str
    envelope: bytes


class Invitation(msgspec.Struct, frozen=True):
    """A code that opens the door once. `roles` and `projects` are what the root may then sign.

    `device_key`: the only device that it opens for, whose person the directory names already; "" for any.
    """

    code_sha256: str
    person: str
    name: str
    roles: str
    projects: str
    expires_us: int
    used_us: int | None
    device_key: str = ""


class Device(msgspec.Struct, frozen=True):
    """What a person posted at enrolment."""

    person: str
    device: str
    name: str
    roles: str
    projects: str
    person_key: str
    reading_key: str
    certificate: bytes
    enrolled_us: int


class Token(msgspec.Struct, frozen=True):
    """Who a token stands for. `named_us`: when a directory first named its keys, 0 for not yet."""

    token_sha256: str
    person: str
    person_key: str
    device_key: str
    issued_us: int
    named_us: int


class SessionRow(msgspec.Struct, frozen=True):
    """A granted session and what was last cosigned of it."""

    session: str
    person: str
    device: str
    project: str
    session_public: bytes
    certificate: bytes
    grant: bytes
    granted_us: int
    start_by_us: int
    cosigned_size: int
    cosigned_root: bytes
    cosigned_note: bytes
    cosigned_first_us: int
    cosigned_last_us: int


class Cosigned(msgspec.Struct, frozen=True):
    """One size of a session that was cosigned, the root over it, and when it was first."""

    session: str
    size: int
    root: bytes
    first_us: int


class SealRow(msgspec.Struct, frozen=True):
    """A sealed session. `segments` and `captures` are digests parted by spaces.

    `kinds`: the type bytes that have a sealed part here, parted by spaces; None where it was not counted yet.
    """

    session: str
    envelope: bytes
    receipt: bytes
    segments: str
    captures: str
    directory: str
    policy: str
    project: str
    started_us: int
    worked_us: int
    sealed_us: int
    kinds: str | None = None


class ListedRow(msgspec.Struct, frozen=True):
    """What a list says of a session; all but the first three are 0 while it is open."""

    session: str
    person: str
    project: str
    started_us: int
    worked_us: int
    overlap_us: int
    beyond_us: int
    sealed_us: int
    sealed: bool


R = TypeVar("R", bound=msgspec.Struct)


def _value(kind: type[R], row: Row[Any] | None) -> R | None:
    return None if row is None else _built(kind, row)


def _built(kind: type[R], row: Row[Any]) -> R:
    fields: Mapping[Any, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name for it
    return kind(**{name: fields[name] for name in kind.__struct_fields__})


def _columns(kind: type[msgspec.Struct], table: Any) -> list[Any]:  # noqa: ANN401 - SQLAlchemy's Table and its columns
    return [table.c[name] for name in kind.__struct_fields__]


def put(connection: Connection, table: Any, row: msgspec.Struct) -> None:  # noqa: ANN401 - as above
    """Adds one row; the same key again is a bug of the caller and ends the transaction."""
    connection.execute(table.insert().values(**msgspec.structs.asdict(row)))


def organisation(connection: Connection) -> Organisation | None:
    """The organisation, None before it is founded."""
    found = connection.execute(select(*_columns(Organisation, tables.organisation))).one_or_none()
    return _value(Organisation, found)


def newest_directory(connection: Connection) -> StoredDirectory | None:
    """The directory in force."""
    asked = select(*_columns(StoredDirectory, tables.directories)).order_by(tables.directories.c.version.desc()).limit(1)
    return _value(StoredDirectory, connection.execute(asked).one_or_none())


def newest_directory_sha256(connection: Connection) -> str | None:
    """Its digest alone."""
    asked = select(tables.directories.c.sha256).order_by(tables.directories.c.version.desc()).limit(1)
    return connection.execute(asked).scalar_one_or_none()


def directories_after(connection: Connection, version: int) -> Iterator[tuple[bytes, int]]:
    """Envelopes of the versions above this one, the lowest first, with when each was accepted."""
    table = tables.directories
    asked = select(table.c.envelope, table.c.accepted_us).where(table.c.version > version).order_by(table.c.version)
    yield from ((envelope, accepted_us) for envelope, accepted_us in connection.execute(asked))


def directory(connection: Connection, sha256: str) -> bytes | None:
    """The envelope of an accepted version."""
    asked = select(tables.directories.c.envelope).where(tables.directories.c.sha256 == sha256)
    return connection.execute(asked).scalar_one_or_none()


def policy(connection: Connection, sha256: str) -> bytes | None:
    """The bytes of a policy."""
    return connection.execute(select(tables.policies.c.toml).where(tables.policies.c.sha256 == sha256)).scalar_one_or_none()


def catalogue(connection: Connection, sha256: str) -> bytes | None:
    """The bytes of a catalogue of AI tools."""
    table = tables.catalogues
    return connection.execute(select(table.c.body).where(table.c.sha256 == sha256)).scalar_one_or_none()


def policies(connection: Connection) -> list[tuple[str, bytes]]:
    """Every policy, with its digest."""
    found = connection.execute(select(tables.policies.c.sha256, tables.policies.c.toml))
    return [(row[0], row[1]) for row in found]


def invitation(connection: Connection, code_sha256: str) -> Invitation | None:
    """The invitation of a code."""
    asked = select(*_columns(Invitation, tables.invitations)).where(tables.invitations.c.code_sha256 == code_sha256)
    return _value(Invitation, connection.execute(asked).one_or_none())


def use_invitation(connection: Connection, code_sha256: str, used_us: int) -> None:
    """From now on the code opens nothing."""
    table = tables.invitations
    connection.execute(update(table).where(table.c.code_sha256 == code_sha256).values(used_us=used_us))


def open_invitations(connection: Connection, now_us: int, limit: int) -> list[Invitation]:
    """The newest codes of admins that are neither used nor expired; those for one device are its person's own."""
    table = tables.invitations
    asked = (
        select(*_columns(Invitation, table))
        .where(table.c.used_us.is_(None), table.c.expires_us > now_us, table.c.device_key == "")
        .order_by(table.c.expires_us.desc(), table.c.code_sha256)
        .limit(limit)
    )
    return [_built(Invitation, row) for row in connection.execute(asked)]


def last_cosigned_us(connection: Connection) -> dict[tuple[str, str], int]:
    """When anything of each (person, device) was countersigned last."""
    table = tables.sessions
    asked = (
        select(table.c.person, table.c.device, func.max(table.c.cosigned_last_us))
        .where(table.c.cosigned_last_us > 0)
        .group_by(table.c.person, table.c.device)
    )
    return {(person, device): at_us for person, device, at_us in connection.execute(asked)}


def device(connection: Connection, person: str, name: str) -> Device | None:
    """The device of that name, of that person."""
    table = tables.devices
    asked = select(*_columns(Device, table)).where(table.c.person == person, table.c.device == name)
    return _value(Device, connection.execute(asked).one_or_none())


def devices(connection: Connection, limit: int) -> list[Device]:
    """The newest enrolled devices."""
    asked = select(*_columns(Device, tables.devices)).order_by(tables.devices.c.enrolled_us.desc()).limit(limit)
    return [_built(Device, row) for row in connection.execute(asked)]


def token(connection: Connection, token_sha256: str) -> Token | None:
    """What a token stands for."""
    asked = select(*_columns(Token, tables.tokens)).where(tables.tokens.c.token_sha256 == token_sha256)
    return _value(Token, connection.execute(asked).one_or_none())


def name_tokens(connection: Connection, person_keys: Sequence[tuple[str, str]], named_us: int) -> None:
    """Marks the tokens of these (person, person key) as named by a directory."""
    table = tables.tokens
    for person, person_key in person_keys:
        ours = (table.c.person == person, table.c.person_key == person_key, table.c.named_us == 0)
        connection.execute(update(table).where(*ours).values(named_us=named_us))


def person_keys(connection: Connection, person: str) -> set[str]:
    """Every person key that was ever enrolled under this id."""
    table = tables.tokens
    return set(connection.execute(select(table.c.person_key).distinct().where(table.c.person == person)).scalars())


def grants_of(connection: Connection, person: str) -> list[tuple[str, bytes]]:
    """Session and grant of everything that was granted under this id."""
    table = tables.sessions
    asked = select(table.c.session, table.c.grant).where(table.c.person == person)
    return [(session_id, grant) for session_id, grant in connection.execute(asked)]


def session(connection: Connection, session_id: str) -> SessionRow | None:
    """A granted session."""
    asked = select(*_columns(SessionRow, tables.sessions)).where(tables.sessions.c.session == session_id)
    return _value(SessionRow, connection.execute(asked).one_or_none())


def open_grants(connection: Connection, person: str, device_name: str, project: str, now_us: int) -> int:
    """How many grants of this device and project nobody used yet and still can."""
    table = tables.sessions
    asked = select(func.count()).where(
        table.c.person == person,
        table.c.device == device_name,
        table.c.project == project,
        table.c.cosigned_size == 0,
        table.c.start_by_us > now_us,
        _unsealed(),
    )
    return connection.execute(asked).scalar_one()


def end_unused_grants(connection: Connection, now_us: int) -> None:
    """No grant that was not cosigned yet counts as unused from now on."""
    table = tables.sessions
    asked = update(table).where(table.c.cosigned_size == 0, table.c.start_by_us > now_us)
    connection.execute(asked.values(start_by_us=now_us))


def cosigned(connection: Connection, row: SessionRow) -> None:
    """Keeps what was cosigned last."""
    table = tables.sessions
    fields = {name: value for name, value in msgspec.structs.asdict(row).items() if name.startswith("cosigned_")}
    connection.execute(update(table).where(table.c.session == row.session).values(**fields))


def keep_cosigned(connection: Connection, cosigned_now: Cosigned) -> None:
    """Keeps a size for good; where it was cosigned before, the first time stays."""
    values = msgspec.structs.asdict(cosigned_now)
    connection.execute(insert(tables.cosignatures).values(**values).on_conflict_do_nothing())


def cosigned_up_to(connection: Connection, session_id: str, size: int) -> Cosigned | None:
    """The greatest cosigned size of a session that is at most `size`, None for none."""
    table = tables.cosignatures
    ours = select(*_columns(Cosigned, table)).where(table.c.session == session_id, table.c.size <= size)
    return _value(Cosigned, connection.execute(ours.order_by(table.c.size.desc()).limit(1)).one_or_none())


def blob_size(connection: Connection, session_id: str, sha256: str) -> int | None:
    """Bytes of a blob that is there and durable, None for none."""
    table = tables.blobs
    asked = select(table.c.size_bytes).where(table.c.session == session_id, table.c.sha256 == sha256)
    return connection.execute(asked).scalar_one_or_none()


def blob_totals(connection: Connection, session_id: str) -> tuple[int, int]:
    """Number and bytes of a session's blobs."""
    table = tables.blobs
    asked = select(func.count(), func.coalesce(func.sum(table.c.size_bytes), 0)).where(table.c.session == session_id)
    count, total = connection.execute(asked).one()
    return int(count), int(total)


def unsealed_bytes(connection: Connection, person: str) -> int:
    """Bytes of all blobs of a person's sessions that are not sealed."""
    sizes, ours = tables.blobs.c, tables.sessions.c
    asked = select(func.coalesce(func.sum(sizes.size_bytes), 0)).where(
        sizes.session == ours.session, ours.person == person, _unsealed()
    )
    return int(connection.execute(asked).scalar_one())


def unsealed_sessions(connection: Connection, person: str, since_us: int) -> int:
    """How many sessions of a person were granted since then and are not sealed, used or not."""
    ours = tables.sessions.c
    asked = select(func.count()).where(ours.person == person, ours.granted_us > since_us, _unsealed())
    return connection.execute(asked).scalar_one()


def _unsealed() -> ColumnElement[bool]:
    return ~select(tables.seals.c.session).where(tables.seals.c.session == tables.sessions.c.session).exists()


def add_blob(connection: Connection, session_id: str, sha256: str, size_bytes: int, stored_us: int) -> bool:
    """Says that a blob is there; False where it was said before."""
    values = {"session": session_id, "sha256": sha256, "size_bytes": size_bytes, "stored_us": stored_us}
    added = connection.execute(insert(tables.blobs).values(**values).on_conflict_do_nothing())
    return added.rowcount == 1


def present(connection: Connection, session_id: str, digests: Iterable[str]) -> set[str]:
    """Which of these blobs are there."""
    table = tables.blobs
    wanted = list(digests)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        asked = select(table.c.sha256).where(table.c.session == session_id, table.c.sha256.in_(wanted[start : start + 500]))
        found.update(connection.execute(asked).scalars())
    return found


def blobs_of(connection: Connection, session_id: str) -> list[str]:
    """Digests of all files of a session that are there."""
    asked = select(tables.blobs.c.sha256).where(tables.blobs.c.session == session_id)
    return list(connection.execute(asked).scalars())


def seal(connection: Connection, session_id: str) -> SealRow | None:
    """A sealed session, None where it is not sealed."""
    asked = select(*_columns(SealRow, tables.seals)).where(tables.seals.c.session == session_id)
    return _value(SealRow, connection.execute(asked).one_or_none())


def is_sealed(connection: Connection, session_id: str) -> bool:
    """Whether it is."""
    asked = select(tables.seals.c.session).where(tables.seals.c.session == session_id)
    return connection.execute(asked).scalar_one_or_none() is not None


def set_files(connection: Connection, session_id: str, segments: str, captures: str, kinds: str) -> None:
    """From now on a sealed session consists of these."""
    table = tables.seals
    values = {"segments": segments, "captures": captures, "kinds": kinds}
    connection.execute(update(table).where(table.c.session == session_id).values(**values))


def sealed_by(connection: Connection, before_us: int, after: str) -> Iterator[tuple[str, str, int, str | None]]:
    """Sessions sealed up to a time, by their ids after `after`: (session, policy, sealed_us, kinds)."""
    table = tables.seals
    columns = (table.c.session, table.c.policy, table.c.sealed_us, table.c.kinds)
    asked = select(*columns).where(table.c.sealed_us <= before_us, table.c.session > after).order_by(table.c.session)
    for row in connection.execute(asked):
        yield row[0], row[1], row[2], row[3]


def listed(
    connection: Connection, person: str, projects: Sequence[str], limit: int, *, without: Iterable[str] = ()
) -> list[ListedRow]:
    """The newest sessions that are the person's own, begun or sealed, and the sealed ones of `projects`.

    `without`: those under the person's id that are not theirs.
    """
    ours, seals, worked = tables.sessions, tables.seals, tables.worked
    sealed = seals.c.session.is_not(None)
    columns = (
        ours.c.session,
        ours.c.person,
        func.coalesce(seals.c.project, ours.c.project).label("project"),
        func.coalesce(seals.c.started_us, ours.c.cosigned_first_us).label("started_us"),
        func.coalesce(seals.c.worked_us, 0).label("worked_us"),
        func.coalesce(worked.c.overlap_us, 0).label("overlap_us"),
        func.coalesce(worked.c.beyond_us, 0).label("beyond_us"),
        func.coalesce(seals.c.sealed_us, 0).label("sealed_us"),
        sealed.label("sealed"),
    )
    own = (ours.c.person == person) & ((ours.c.cosigned_size > 0) | sealed) & ours.c.session.not_in(list(without))
    asked = (
        select(*columns)
        .select_from(
            ours.outerjoin(seals, seals.c.session == ours.c.session).outerjoin(worked, worked.c.session == ours.c.session)
        )
        .where(or_(own, seals.c.project.in_(projects)))
        .order_by(func.coalesce(seals.c.sealed_us, ours.c.cosigned_last_us).desc(), ours.c.session)
        .limit(limit)
    )
    return [_built(ListedRow, row) for row in connection.execute(asked)]


def given(connection: Connection, person: str, sessions: Sequence[str]) -> set[str]:
    """Which of these sessions the person was given something of."""
    table = tables.accesses
    asked = select(table.c.session).distinct().where(table.c.person == person, table.c.session.in_(sessions))
    return set(connection.execute(asked).scalars())


def accessed_us(connection: Connection, session_id: str, person: str, sha256: str) -> int | None:
    """When the person was last given this file, as logged."""
    table = tables.accesses
    ours = (table.c.session == session_id, table.c.person == person, table.c.sha256 == sha256)
    return connection.execute(select(table.c.at_us).where(*ours)).scalar_one_or_none()


def set_accessed(connection: Connection, session_id: str, person: str, sha256: str, at_us: int) -> None:
    """Keeps when a file was last logged as given."""
    values = {"session": session_id, "person": person, "sha256": sha256, "at_us": at_us}
    added = insert(tables.accesses).values(**values)
    connection.execute(added.on_conflict_do_update(index_elements=["session", "person", "sha256"], set_={"at_us": at_us}))


def add_directory(connection: Connection, stored: StoredDirectory, accepted_us: int) -> None:
    """Keeps a new version."""
    values = {**msgspec.structs.asdict(stored), "accepted_us": accepted_us}
    connection.execute(tables.directories.insert().values(**values))


def add_policy(connection: Connection, sha256: str, toml: bytes, added_us: int) -> bool:
    """Keeps a policy; False where it was kept before."""
    added = insert(tables.policies).values(sha256=sha256, toml=toml, added_us=added_us)
    return connection.execute(added.on_conflict_do_nothing()).rowcount == 1


def add_catalogue(connection: Connection, sha256: str, body: bytes, added_us: int) -> bool:
    """Keeps a catalogue; False where it was kept before."""
    added = insert(tables.catalogues).values(sha256=sha256, body=body, added_us=added_us)
    return connection.execute(added.on_conflict_do_nothing()).rowcount == 1
