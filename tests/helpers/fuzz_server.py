# SPDX-License-Identifier: Apache-2.0
"""A fuzz target of the platform: one request after another to the real application, without a socket.

An input is the operation, who asks, what the path names, and the body; for signed bodies the signature is made right in some
modes. Whatever is asked, the platform answers as its own description says, never with 5xx, and never with another body of an
error than the one that it documents.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
from fuzz_formats import Target, least, or_none
from msgspec import inspect
from server_openings import disclosure
from server_running import Member, RunningPlatform, running
from server_statements import removal, sealed_session, seqs_of
from trust_people import POLICY_WITHHOLDING_CAPTURES, PROJECT, signing_key

from server.app import create_app
from server.config import Limits, ServerConfig
from session.crypto.signing import SigningKey
from session.events import Kind
from session.log.checkpoint import origin_of
from session.log.note import note_bytes, sign_note
from session.trust.admission import Admission
from session.trust.directory import PAYLOAD_TYPE as DIRECTORY_TYPE
from session.trust.dsse import read_envelope, seal_envelope
from session.trust.statements import Decision, OpeningStatement, Removal, Reply, Statement

OPERATIONS = (
    ("GET", "/v1/health"),
    ("GET", "/v1/directory"),
    ("PUT", "/v1/directory"),
    ("GET", "/v1/policies/{sha256}"),
    ("PUT", "/v1/policies/{sha256}"),
    ("POST", "/v1/invitations"),
    ("POST", "/v1/enrol"),
    ("GET", "/v1/enrolments"),
    ("POST", "/v1/grants"),
    ("POST", "/v1/sessions/{session}/add-checkpoint"),
    ("POST", "/v1/sessions/{session}/missing"),
    ("HEAD", "/v1/sessions/{session}/blobs/{sha256}"),
    ("PUT", "/v1/sessions/{session}/blobs/{sha256}"),
    ("GET", "/v1/sessions/{session}/blobs/{sha256}"),
    ("PUT", "/v1/sessions/{session}/seal"),
    ("GET", "/v1/sessions/{session}/receipt"),
    ("GET", "/v1/sessions"),
    ("GET", "/v1/sessions/{session}"),
    ("POST", "/v1/sessions/{session}/statements"),
    ("GET", "/v1/statements"),
    ("GET", "/v1/log/checkpoint"),
    ("GET", "/v1/log/consistency/{index}/{index}"),
    ("GET", "/v1/log/entries/{index}"),
    ("GET", "/v1/log/entries"),
    ("GET", "/v1/log/inclusion/{index}/{index}"),
    ("GET", "/v1/devices"),
    ("POST", "/v1/devices"),
    ("POST", "/v1/admin-tokens"),
    ("GET", "/v1/retention"),
    ("GET", "/v1/sessions/{session}/outline"),
    ("POST", "/v1/sessions/{session}/retention"),
    ("POST", "/v1/sessions/{session}/openings"),
    ("GET", "/v1/invitations"),
    ("DELETE", "/v1/invitations/{sha256}"),
    ("GET", "/v1/platform-keys"),
    ("PUT", "/v1/rates/{index}"),
    ("GET", "/v1/rates/{index}"),
    ("GET", "/v1/catalogues/{sha256}"),
    ("PUT", "/v1/catalogues/{sha256}"),
)
WITHOUT_TOKEN = ("/v1/health", "/v1/enrol", "/v1/sessions/{session}/add-checkpoint", "/v1/admin-tokens")
"""Operations that ask for something else: nothing, a code, the signature of the session key or of the root's."""
OPENINGS = "/v1/sessions/{session}/openings"
JSON = (
    "/v1/invitations",
    "/v1/enrol",
    "/v1/grants",
    "/v1/sessions/{session}/missing",
    "/v1/devices",
    OPENINGS,
    "/v1/rates/{index}",
)
SIGNED: tuple[type[Statement], ...] = (Decision, Reply, OpeningStatement, Removal)
BY_ROOT = {
    "/v1/directory": DIRECTORY_TYPE,
    "/v1/admin-tokens": Admission.payload_type,
    "/v1/sessions/{session}/retention": Removal.payload_type,
}
"""Payload types of what the organisation's root key signs and an admin sends."""
ANEW_AFTER = 1_000
"""Inputs after which the platform is again as it was founded: what is reached must not rest on what a day's inputs left."""
NAMED = re.compile(rb"[0-9A-Za-z+/=_-]{22,}")
"""What is written as a number in an input: keys, digests, tokens, signatures. They are other ones in each process."""
NUMBER = re.compile(rb"@([0-9]{2,3})@")
QUERIES = {
    "/v1/statements": "after={}",
    "/v1/retention": "after={}",
    "/v1/log/entries": "size=3&begin={}",
    "/v1/sessions/{session}/blobs/{sha256}": "from={}",
}
SESSION = "ab" * 16


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Loaded:
    """A founded platform with a trainer, a reviewer, an admin and one granted session, and a loop to ask it in."""

    def __init__(self, folder: Path) -> None:
        limits = Limits(enrol_per_minute=100_000)
        with running(folder, limits) as platform:
            self.clock = platform.clock
            self.trainer, self.reviewer, self.admin = self._people(platform)
            self.organisation = platform.organisation
            self.code = platform.invite("kim", "trainer")
            self.sealed = sealed_session(platform, self.trainer, folder / "live")
            withheld = seqs_of(self.sealed, Kind.RAW)[0]
            self.opening = disclosure(platform, self.trainer, self.sealed, withheld)
            root = platform.organisation.root
            gone = removal(platform, self.trainer, self.sealed, withheld, key=root, by="organisation", reason="retention")
            _, self.retained = read_envelope(gone)
            self.file = next(iter(self.sealed.files))
        self.key: SigningKey = signing_key("fuzzed session")
        self.config, self.before = ServerConfig(folder=folder / "platform", limits=limits), folder / "before"
        shutil.copytree(self.config.folder, self.before)
        self.loop = asyncio.new_event_loop()
        self.inputs = 0
        self.numbers: dict[bytes, int] = {}
        self.begin()

    def begin(self) -> None:
        """As it was founded: a directory that was taken may name nobody, and nobody could ask anything more."""
        shutil.rmtree(self.config.folder)
        shutil.copytree(self.before, self.config.folder)
        self.app = create_app(self.config, self.clock)
        wish = {"project": PROJECT, "requests": [self.wish()]}
        granted = self.ask("POST", "/v1/grants", self.trainer.client.token, json.dumps(wish).encode())
        assert granted.status == 200, granted.body

    def written(self, body: bytes) -> bytes:
        """`body` with a number in the place of each long name, so that the next process can read it as its own."""
        return NAMED.sub(lambda found: b"@%02d@" % self.numbers.setdefault(found[0], len(self.numbers)), body)

    def read(self, body: bytes) -> bytes:
        """`body` with the names of this process in the place of their numbers; other numbers stay."""
        names = list(self.numbers)
        return NUMBER.sub(lambda found: names[int(found[1])] if int(found[1]) < len(names) else found[0], body)

    def _people(self, platform: RunningPlatform) -> tuple[Member, Member, Member]:
        platform.organisation.policy = POLICY_WITHHOLDING_CAPTURES
        platform.put_policy()
        trainer = platform.join("ada", "trainer")
        reviewer = platform.join("ben", "reviewer")
        platform.issue_review_key()
        return trainer, reviewer, platform.admin

    def wish(self) -> dict[str, str]:
        certificate = self.trainer.certify_session(SESSION, self.key.public).decode()
        return {"session": SESSION, "session_certificate": certificate}

    def ask(self, method: str, path: str, token: str, body: bytes) -> Answer:
        return self.loop.run_until_complete(self._asked(method, path, token, body))

    async def _asked(self, method: str, path: str, token: str, body: bytes) -> Answer:
        path, _, query = path.partition("?")
        headers = [(b"host", b"platform"), (b"content-length", str(len(body)).encode())]
        if token:
            headers.append((b"authorization", b"Bearer " + token.encode("latin-1", "replace")))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "replace"),
            "query_string": query.encode("utf-8", "replace"),
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("platform", 80),
        }
        pending = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[dict[str, object]] = []

        async def receive() -> dict[str, object]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)  # type: ignore[arg-type]
        head = next(one for one in sent if one["type"] == "http.response.start")
        pieces = [one.get("body", b"") for one in sent if one["type"] == "http.response.body"]
        found = {key.decode().lower(): value.decode() for key, value in head["headers"]}  # type: ignore[attr-defined]
        return Answer(int(str(head["status"])), found, b"".join(pieces))  # type: ignore[arg-type]


@cache
def loaded() -> Loaded:
    """The platform, made once for all inputs: what one of them changes, the next finds changed."""
    folder = Path(tempfile.mkdtemp(prefix="fairwitness-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Loaded(folder)


def requests(octets: bytes) -> None:
    platform, head = loaded(), octets[:4].ljust(4, b"\0")
    if not platform.numbers:
        request_seeds()  # which give the numbers out, the same in each process
    rest = platform.read(octets[4:])
    platform.inputs += 1
    if platform.inputs % ANEW_AFTER == 0:
        platform.app.state.core.close()
        platform.begin()
    method, template = OPERATIONS[head[0] % len(OPERATIONS)]
    tokens = ["", *(one.client.token for one in (platform.trainer, platform.reviewer, platform.admin)), "x" * 43]
    body = signed_body(platform, template, head[2], rest)
    if body is None:
        return
    names = {
        "session": [SESSION, platform.sealed.id, "0" * 32, rest[:40].decode("latin-1")][head[3] % 4],
        "sha256": [hashlib.sha256(body).hexdigest(), platform.file, "0" * 64, rest[:80].decode("latin-1")][head[3] // 4 % 4],
        "index": ["0", "1", "9", rest[:20].decode("latin-1")][head[3] // 16 % 4],
    }
    path = template.format(**names)
    if template in QUERIES and head[3] & 64:
        path += "?" + QUERIES[template].format(rest[:40].decode("latin-1"))
    answer = platform.ask(method, path, tokens[head[1] % len(tokens)], body)
    if (method, template) == ("PUT", "/v1/directory") and answer.status < 300:
        platform.app.state.core.close()
        platform.begin()
    assert answer.status < 500, f"{method} {template} gave {answer.status}"
    assert answer.status >= 400 or not (method == "POST" and template in JSON and stands_twice(body)), (
        "a field that stands twice was taken"
    )
    if answer.status >= 400 and method != "HEAD" and not (answer.status == 409 and template.endswith("add-checkpoint")):
        told = json.loads(answer.body)
        assert isinstance(told["error"], str), "an error without its code"
        assert isinstance(told["detail"], str), "an error without its words"
        assert answer.headers["content-type"] == "application/json"
    assert answer.status not in (200, 201) or head[1] % len(tokens) not in (0, 4) or template in WITHOUT_TOKEN, (
        "no token, or an unknown one, opened something"
    )


def stands_twice(body: bytes) -> bool:
    """Whether an object in the JSON has a field twice."""
    twice = False

    def seen(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal twice
        twice |= len(dict(pairs)) != len(pairs)
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=seen)
    except (ValueError, RecursionError):
        return False
    return twice


def with_a_field_twice(body: bytes) -> bytes | None:
    """The JSON object with its first field once more at the end; None where it is no object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found:
        return None
    name = next(iter(found))
    return json.dumps(found).encode()[:-1] + b", " + json.dumps({name: found[name]}).encode()[1:]


def signed_body(platform: Loaded, template: str, mode: int, rest: bytes) -> bytes | None:
    """The body as it is, or with the signature that belongs under it; None where that cannot be made."""
    if mode % 2 == 0:
        return rest
    if template in JSON:
        return opening_body(platform, rest) if template == OPENINGS and mode & 2 else with_a_field_twice(rest)
    if template.endswith("add-checkpoint"):
        return checkpoint_body(platform, rest)
    if template in BY_ROOT:
        return or_none(lambda: seal_envelope(BY_ROOT[template], rest, platform.organisation.root))
    if template.endswith("statements"):
        kind = SIGNED[mode // 2 % len(SIGNED)]
        who = platform.reviewer if kind is Decision else platform.trainer
        return or_none(lambda: seal_envelope(kind.payload_type, rest, who.person_key))
    return rest


def checkpoint_body(platform: Loaded, rest: bytes) -> bytes | None:
    """What the session key asks the witness to sign; ORIGIN stands for the session's."""
    old, _, text = rest.partition(b"\n\n")
    origin = origin_of(platform.organisation.fingerprint, SESSION)
    words = text.replace(b"ORIGIN", origin.encode()).decode("utf-8", "replace")
    note = or_none(lambda: note_bytes(words, sign_note(words, origin, platform.key)))
    return None if note is None else old + b"\n\n" + note


def opening_body(platform: Loaded, rest: bytes) -> bytes | None:
    """The request that opens a withheld record, with another statement in it, signed anew."""
    signed = or_none(lambda: seal_envelope(OpeningStatement.payload_type, rest, platform.trainer.person_key))
    return None if signed is None else json.dumps(platform.opening | {"statement": signed.decode("latin-1")}).encode()


def request_seeds() -> list[bytes]:
    platform = loaded()
    seeds = [
        bytes((at, who, 0, named)) + b"{}"
        for at in range(len(OPERATIONS))
        for who, named in ((1, 1), (1, 0), (2, 5), (3, 5), (0, 2))
    ]
    place = {template: at for at, (method, template) in enumerate(OPERATIONS) if method != "GET" or template in QUERIES}

    def seed(template: str, who: int, mode: int, body: bytes, named: int = 0) -> None:
        seeds.append(bytes((place[template], who, mode, named)) + body)

    def said(value: object) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode()

    seed("/v1/grants", 1, 0, said({"project": PROJECT, "requests": [platform.wish()]}))
    seed("/v1/invitations", 3, 0, said({"person": "kim", "name": "Kim", "roles": ["trainer"], "projects": [PROJECT]}))
    seed("/v1/enrol", 0, 0, said(platform.trainer.enrol_body(platform.code, device="another")))
    _, opening = read_envelope(str(platform.opening["statement"]).encode())
    seed(OPENINGS, 1, 0, json.dumps(platform.opening).encode(), 1)
    seed(OPENINGS, 1, 3, opening, 1)
    seed("/v1/sessions/{session}/retention", 3, 1, platform.retained, 1)
    admission = msgspec.convert(least(inspect.type_info(Admission)), Admission)
    admission = msgspec.structs.replace(
        admission, organisation=platform.organisation.fingerprint, person="", at_us=platform.clock.read().t_us
    )
    seed("/v1/admin-tokens", 0, 1, msgspec.json.encode(admission))
    for template in QUERIES:
        seed(template, 3, 0, b"1", 64 | 5)
    for mode in (0, 1):
        seed("/v1/sessions/{session}/missing", 1, mode, said({"digests": ["ab" * 32]}))
    root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    seed("/v1/sessions/{session}/add-checkpoint", 0, 1, b"old 0\n\nORIGIN\n2\n" + root.encode() + b"\n")
    seed(
        "/v1/sessions/{session}/add-checkpoint",
        0,
        1,
        b"old 2\n" + root.encode() + b"\n\nORIGIN\n3\n" + root.encode() + b"\n",
    )
    directory = platform.organisation.directory()
    seed("/v1/directory", 3, 1, msgspec.json.encode(directory))
    seed("/v1/policies/{sha256}", 3, 0, platform.organisation.policy)
    for at, kind in enumerate(SIGNED):
        body = msgspec.convert(least(inspect.type_info(kind)), kind)
        whose = {"organisation": platform.organisation.fingerprint, "session": platform.sealed.id}
        whose |= {"at_us": platform.clock.read().t_us}
        who = platform.reviewer if kind is Decision else platform.trainer
        named = {"person": who.person} if hasattr(body, "person") else {}
        body = msgspec.structs.replace(body, **whose, **named)
        seed("/v1/sessions/{session}/statements", 2 if kind is Decision else 1, 2 * at + 1, msgspec.json.encode(body), 1)
    seed("/v1/sessions/{session}/seal", 1, 0, seal_envelope("application/vnd.fairwitness.seal.v1+json", b"{}", platform.key))
    return [seed[:4] + platform.written(seed[4:]) for seed in seeds]


SERVER = (Target("request", requests, request_seeds),)
