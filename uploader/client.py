# SPDX-License-Identifier: Apache-2.0
"""The one HTTP client: a request in, an `Answer` with its outcome out. Knows no queue, no session and no file.

Rules:

1. A network never raises. Whatever comes back, or does not, is one of four outcomes (`session.ports.Outcome`).
2. TLS always, but for loopback addresses. No redirect is followed, no cookie kept, no `.netrc` believed, no compressed
   answer taken.
3. An answer is read up to a bound and never beyond; a late one is given up after `LONGEST_US`.
4. After anything but an orderly answer the connection is thrown away and the next request begins with a new one.
5. Logs carry the request's kind, the status and the outcome: never an address, an identifier, a token or a body.

| what came                                        | outcome | why |
|--------------------------------------------------|---------|-----|
| 200-299; 304 where the request named an ETag     | done    | |
| 408, 421, 425, 429 (`Retry-After`, at most 1 h)  | retry   | the platform is busy or was not ready |
| 500-599 (`Retry-After`, at most 1 h)             | retry   | the platform has a fault of its own, or is busy (503) |
| 401, 403, 407                                    | stop    | a person must enrol, be given the role, set the proxy |
| 400, 404, 409, 413, 422, every other 4xx         | never   | the same gets the same; the caller reads a 409, 413 |
| 100-199, 300-399, above 599                      | retry, malformed | a proxy, or a wrong address |
| refused, unreachable, no such name, reset        | retry   | offline |
| no TLS that can be trusted                       | retry   | a sign-in page, a wrong clock: a person reads the words |
| connect or read timeout, `LONGEST_US` spent      | retry   | |
| cut off inside the answer                        | retry   | |
| larger than asked for, compressed, not HTTP      | retry, malformed | |

`malformed` retries are bounded by the outbox: after some of them in a row a person is asked.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import msgspec
import requests
from requests.auth import AuthBase

from session import InputFault
from session.ports import Clock, Outcome

_log = logging.getLogger("fairwitness.client")

CONNECT_S: Final = 5
READ_S: Final = 30
"""Timeouts in s. Source: facts on upload, recommended semantics (5, 30)."""
LONGEST_US: Final = 600_000_000
"""Longest reading of one answer: 20 MiB at 35 kB/s."""
RETRY_AFTER_MOST_US: Final = 3_600_000_000
"""A platform may ask for one hour of rest, not for more."""
ANSWER_BYTES: Final = 1 << 20
"""Bound of an answer, where the request names no other."""
_CHUNK_BYTES: Final = 1 << 14
"""What arrived of a chunk is lost when the connection breaks off inside it, so chunks are small."""
_WORDS_MOST: Final = 300

_RETRY: Final = frozenset({408, 421, 425, 429})
_STOP: Final = frozenset({401, 403, 407})

_WORDS: Final = {
    401: "The platform does not know this device any more. Enrol it again with a new link from your organisation.",
    403: "The platform does not allow this to your role. Ask your organisation's admin.",
    407: "The network's proxy asks for a password. Set it in the system's network settings.",
    408: "The platform did not get the whole request in time. Check the network.",
    413: "The platform finds this file too large. Ask your organisation's admin to raise the limit.",
    429: "The platform asks to wait a little before the next try.",
}
_OWN_WORDS: Final = frozenset({"revoked"})
"""What the platform's own sentence alone explains: ours for the status would say to do something that does not help."""
_BUSY: Final = "busy"
"""The platform's code with a 503 that is no fault: it has too much to do at this moment, and says when to come again."""
_OFFLINE: Final = "The platform cannot be reached. Check the network; it will be tried again by itself."
_UNTRUSTED: Final = (
    "The connection to the platform cannot be trusted. Check this machine's clock, and whether the network wants a sign-in."
)
_SLOW: Final = "The platform did not answer in time. It will be tried again by itself."
_CUT: Final = "The connection broke off inside an answer. It will be tried again by itself."
_MALFORMED: Final = "What answered does not speak as the platform does. Check the platform's address and the proxy."


class Request(msgspec.Struct, frozen=True):
    """One request.

    Args:
        what: its kind in one word, for the log.
        path: begins with "/v1/".
        etag: of an earlier answer, sent as `If-None-Match`, where not "".
        from_byte: sent as `Range`, where not 0; the answer is then 206 with the rest, or 200 with all of it.
        most_bytes: bound of the answer's body.
        into: called with the status of a 2xx answer, gives the writer for its body; `Answer.body` is then empty.
    """

    what: str
    method: str
    path: str
    body: bytes | None = None
    content_type: str = "application/json"
    etag: str = ""
    from_byte: int = 0
    most_bytes: int = ANSWER_BYTES
    into: Callable[[int], Callable[[bytes], object]] | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of a request.

    Args:
        status: HTTP status, 0 where none came.
        body: the answer's body, also of an error; b"" where it went `into` a writer.
        words: for a person, what happened and what to do; "" when done.
        code: the platform's own word for an error ("missing", "sealed", ...), or "".
        retry_after_us: the platform's wish, capped.
        malformed: not an answer of a platform like ours.
    """

    outcome: Outcome
    status: int = 0
    body: bytes = b""
    words: str = ""
    code: str = ""
    retry_after_us: int = 0
    malformed: bool = False
    etag: str = ""

    @property
    def done(self) -> bool:
        """Whether the platform did what was asked."""
        return self.outcome is Outcome.DONE


class _ErrorBody(msgspec.Struct, frozen=True):
    error: str = ""
    detail: str = ""


class _Bearer(AuthBase):
    """Sets the token last, so that nothing from the environment can take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """The answer is none of ours."""


class _Late(Exception):  # noqa: N818 - never leaves this module
    """`LONGEST_US` is spent."""


_FAILURES: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((_Late, requests.exceptions.Timeout), _SLOW),
    ((requests.exceptions.SSLError,), _UNTRUSTED),
    ((requests.exceptions.ChunkedEncodingError,), _CUT),
    ((requests.exceptions.ConnectionError,), _OFFLINE),
    ((Exception,), _MALFORMED),
)
"""First match wins. `ConnectTimeout` and `SSLError` are `ConnectionError`s, so they stand before it."""


class PlatformClient:
    """Speaks to one platform as one device. For one thread at a time.

    Args:
        address: `https://host[:port]`; `http://` for loopback only.
        token: the device's bearer token, "" for enrolment.
        clock: for `Retry-After` dates and for the longest answer.
        timeouts_s: for connecting, and between two bytes of an answer.

    Raises:
        InputFault: the address is none, or would send in the clear; or the token holds what no header may.
    """

    def __init__(
        self, address: str, token: str, *, clock: Clock, timeouts_s: tuple[float, float] = (CONNECT_S, READ_S)
    ) -> None:
        self._base, self._loopback = _checked_address(address)
        if not all("!" <= c <= "~" for c in token):
            raise InputFault("The device's token is damaged. Enrol it again with a new link from your organisation.")
        self._auth = _Bearer(token)
        self._clock = clock
        self._timeouts_s = timeouts_s
        self._session: requests.Session | None = None

    @property
    def address(self) -> str:
        """The platform's address, without a slash at its end."""
        return self._base

    def send(self, request: Request) -> Answer:
        """Sends it once; whatever the network does becomes an `Answer`. Only `request.into` may raise through."""
        answer = self._send(request)
        if not answer.status or answer.malformed or answer.status >= 500:
            self.close()
        _log.debug("request=%s status=%d outcome=%s", request.what, answer.status, answer.outcome)
        return answer

    def close(self) -> None:
        """Gives up the connection; the next request makes a new one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _send(self, request: Request) -> Answer:
        try:
            return self._exchange(request)
        except (_Malformed, _Late, requests.exceptions.RequestException) as error:
            words = next(words for kinds, words in _FAILURES if isinstance(error, kinds))
            return Answer(Outcome.RETRY, words=words, malformed=words is _MALFORMED)

    def _exchange(self, request: Request) -> Answer:
        headers = {"Accept-Encoding": "identity", "User-Agent": "fairwitness"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        if request.etag:
            headers["If-None-Match"] = f'"{request.etag}"'
        if request.from_byte:
            headers["Range"] = f"bytes={request.from_byte}-"
        begun_us = self._clock.read().mono_us
        with self._live().request(
            request.method,
            self._base + request.path,
            data=request.body,
            headers=headers,
            auth=self._auth,
            timeout=self._timeouts_s,
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
            if not (200 <= status <= 299 or 400 <= status <= 599 or (status == 304 and request.etag)):
                raise _Malformed
            succeeded = status < 400
            into = request.into(status) if succeeded and request.into is not None else None
            body = self._read(response, request.most_bytes if succeeded else ANSWER_BYTES, into, begun_us)
            return self._judge(status, body, response.headers)

    def _read(self, response: requests.Response, most: int, into: Callable[[bytes], object] | None, begun_us: int) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise _Malformed
        declared = response.headers.get("Content-Length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared) > most:
            raise _Malformed
        whole = bytearray()
        write = into if into is not None else whole.extend
        count = 0
        for chunk in response.iter_content(_CHUNK_BYTES):
            count += len(chunk)
            if count > most:
                raise _Malformed
            if self._clock.read().mono_us - begun_us > LONGEST_US:
                raise _Late
            write(chunk)
        return bytes(whole)

    def _judge(self, status: int, body: bytes, headers: requests.structures.CaseInsensitiveDict[str]) -> Answer:
        etag = headers.get("ETag", "").strip('"')
        if status < 400:
            return Answer(Outcome.DONE, status, body, etag=etag)
        outcome = Outcome.STOP if status in _STOP else Outcome.NEVER
        if status in _RETRY or status >= 500:
            outcome = Outcome.RETRY
        error = _error_body(body)
        return Answer(
            outcome,
            status,
            body,
            words=_words(status, error),
            code=_plain(error.error),
            retry_after_us=self._retry_after_us(headers.get("Retry-After", "")) if outcome is Outcome.RETRY else 0,
        )

    def _retry_after_us(self, value: str) -> int:
        """`Retry-After` as seconds or as an HTTP date, between 0 and the cap. Source: RFC 9110, 10.2.3."""
        value = value.strip()
        if value.isascii() and value.isdigit():
            return min(int(value[:12]) * 1_000_000, RETRY_AFTER_MOST_US)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return 0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        wait_us = round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000) - self._clock.read().t_us
        return max(0, min(wait_us, RETRY_AFTER_MOST_US))

    def _live(self) -> requests.Session:
        if self._session is None:
            session = requests.Session()
            session.trust_env = not self._loopback  # a proxy or a certificate store of the system, never for loopback
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._session = session
        return self._session


def _checked_address(address: str) -> tuple[str, bool]:
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputFault("The platform's address cannot be read. Copy it again from the enrolment link.") from error
    if not host or parts.scheme not in {"http", "https"} or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise InputFault("The platform's address must be https:// and a name, and no more. Copy it from the enrolment link.")
    if parts.username is not None or parts.password is not None:
        raise InputFault("The platform's address must not hold a user name. Copy it again from the enrolment link.")
    loopback = _is_loopback(host)
    if parts.scheme != "https" and not loopback:
        raise InputFault("The platform's address must begin with https://, since what is sent is private.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else ""), loopback


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _error_body(body: bytes) -> _ErrorBody:
    try:
        return msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _ErrorBody()


def _plain(text: str) -> str:
    """The platform's words, fit for one line on a screen."""
    return "".join(c for c in text if c.isprintable())[:_WORDS_MOST]


def _words(status: int, error: _ErrorBody) -> str:
    ours = "" if error.error in _OWN_WORDS and error.detail else _WORDS.get(429 if error.error == _BUSY else status)
    if ours is None:
        ours = "The platform has a fault of its own. It will be tried again by itself." if status >= 500 else ""
    theirs = _plain(error.detail)
    if ours and theirs:
        return f"{ours} It says: {theirs}"
    return ours or theirs or f"The platform refused this (status {status}). Ask your organisation's admin."
