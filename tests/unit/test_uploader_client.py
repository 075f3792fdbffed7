# SPDX-License-Identifier: Apache-2.0
"""One test a row of the table in uploader/client.py, each against a peer that really gives that answer."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import http
import ipaddress
import logging
import socket
import ssl
import struct
import threading
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from uploader_clock import StillClock
from uploader_loopback import LoopbackPeer, Script
from uploader_loopback import http as http_answer

from session import InputFault
from session.ports import Outcome
from uploader.client import ANSWER_BYTES, LONGEST_US, Answer, PlatformClient, Request

GET = Request("directory", "GET", "/v1/directory")
TOKEN = "t" * 43


def ask(*scripts: Script | bytes, request: Request = GET, clock: StillClock | None = None) -> Answer:
    with LoopbackPeer(*scripts) as peer:
        return PlatformClient(peer.address, TOKEN, clock=clock or StillClock(), timeouts_s=(5, 5)).send(request)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_success_is_done_and_carries_the_body(status: int) -> None:
    body = b"" if status == 204 else b"whole"
    answer = ask(http_answer(status, body, headers=[("ETag", '"abc"')]))
    assert (answer.outcome, answer.status, answer.body, answer.words, answer.etag) == (Outcome.DONE, status, body, "", "abc")
    assert answer.done


@pytest.mark.parametrize("status", [408, 421, 425, 429, 500, 501, 502, 503, 504, 507, 599])
def test_busy_and_faulty_platforms_are_tried_again(status: int) -> None:
    answer = ask(http_answer(status, b'{"error":"x","detail":"y"}'))
    assert (answer.outcome, answer.malformed) == (Outcome.RETRY, False)
    assert answer.words


@pytest.mark.parametrize("status", [401, 403, 407])
def test_what_needs_a_person_stops(status: int) -> None:
    answer = ask(http_answer(status, b'{"error":"token","detail":"y"}'))
    assert (answer.outcome, answer.code) == (Outcome.STOP, "token")
    assert answer.words.endswith("It says: y")


@pytest.mark.parametrize(
    "status", [400, 402, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 418, 422, 423, 451, 499]
)
def test_what_would_be_refused_again_is_never_sent_again(status: int) -> None:
    answer = ask(http_answer(status, b'{"error":"verify","detail":"Step 7 does not hold.","step":7}'))
    assert (answer.outcome, answer.status, answer.code) == (Outcome.NEVER, status, "verify")
    assert "Step 7 does not hold." in answer.words
    assert b'"step":7' in answer.body


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 600, 999])
def test_redirects_and_nonsense_are_malformed_and_not_followed(status: int) -> None:
    with (
        LoopbackPeer(http_answer(200, b"elsewhere")) as elsewhere,
        LoopbackPeer(http_answer(status, b"", headers=[("Location", elsewhere.address + "/v1/directory")])) as peer,
    ):
        answer = PlatformClient(peer.address, TOKEN, clock=StillClock()).send(GET)
        assert (answer.outcome, answer.malformed, answer.body) == (Outcome.RETRY, True, b"")
        assert elsewhere.connections == 0


def test_not_modified_is_done_only_where_it_was_asked_for() -> None:
    asked = Request("directory", "GET", "/v1/directory", etag="abc")
    assert ask(http_answer(304), request=asked).outcome is Outcome.DONE


def test_every_status_that_python_knows_has_an_outcome() -> None:
    for status in (s.value for s in http.HTTPStatus if s.value >= 200):
        assert ask(http_answer(status)).outcome in set(Outcome)


def test_a_refused_connection_is_offline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = PlatformClient(f"http://127.0.0.1:{port}", TOKEN, clock=StillClock()).send(GET)
    assert (answer.outcome, answer.status, answer.malformed) == (Outcome.RETRY, 0, False)
    assert "cannot be reached" in answer.words


def test_an_unknown_name_is_offline() -> None:
    answer = PlatformClient("https://platform.invalid", TOKEN, clock=StillClock()).send(GET)
    assert (answer.outcome, answer.malformed) == (Outcome.RETRY, False)
    assert "cannot be reached" in answer.words


def test_a_silent_platform_is_given_up_after_the_read_timeout() -> None:
    held = threading.Event()
    with LoopbackPeer(lambda _: held.wait(10)) as peer:
        answer = PlatformClient(peer.address, TOKEN, clock=StillClock(), timeouts_s=(5, 0.2)).send(GET)
        held.set()
    assert (answer.outcome, answer.malformed) == (Outcome.RETRY, False)
    assert "in time" in answer.words


def test_a_connection_that_is_not_taken_up_in_time_is_tried_again() -> None:
    # A listener with a full backlog: Linux drops further SYNs, so connecting hangs as with a dead router.
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        client = PlatformClient(
            f"http://127.0.0.1:{listener.getsockname()[1]}", TOKEN, clock=StillClock(), timeouts_s=(0.3, 5)
        )
        answer = client.send(GET)
    assert (answer.outcome, answer.malformed) == (Outcome.RETRY, False)
    assert "in time" in answer.words


def test_an_answer_that_drips_for_ever_is_given_up() -> None:
    answer = ask(http_answer(200, b"x" * 10), clock=StillClock(step_us=LONGEST_US + 1))
    assert (answer.outcome, answer.malformed) == (Outcome.RETRY, False)
    assert "in time" in answer.words


def test_an_answer_cut_off_inside_is_tried_again() -> None:
    for raw in (http_answer(200, b"whole")[:-1], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwho"):
        answer = ask(raw)
        assert (answer.outcome, answer.malformed, answer.body) == (Outcome.RETRY, False, b"")
        assert "broke off" in answer.words


def test_a_reset_instead_of_an_answer_is_tried_again() -> None:
    def reset(peer: socket.socket) -> None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    answer = ask(reset)
    assert (answer.outcome, answer.malformed) == (Outcome.RETRY, False)


@pytest.mark.parametrize(
    "raw",
    [
        http_answer(200, b"x" * 101),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 101,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nwhole",
        http_answer(200, gzip.compress(b"x"), headers=[("Content-Encoding", "gzip")]),
    ],
    ids=["declared", "chunked", "until-close", "not-a-length", "compressed"],
)
def test_an_answer_larger_or_other_than_asked_for_is_malformed(raw: bytes) -> None:
    answer = ask(raw, request=Request("directory", "GET", "/v1/directory", most_bytes=100))
    assert (answer.outcome, answer.malformed, answer.body) == (Outcome.RETRY, True, b"")
    assert "Check the platform's address" in answer.words


def test_the_bound_itself_is_taken() -> None:
    assert ask(http_answer(200, b"x" * 100), request=Request("directory", "GET", "/v1/directory", most_bytes=100)).done


def test_an_endless_answer_is_not_kept_in_memory() -> None:
    sent = 0

    def endless(peer: socket.socket) -> None:
        nonlocal sent
        peer.sendall(b"HTTP/1.1 500 Oh\r\n\r\n")
        with contextlib.suppress(OSError):
            while sent < 1 << 28:
                sent += peer.send(b"x" * 65536)

    assert ask(endless).malformed
    assert sent < 8 * ANSWER_BYTES


def test_what_does_not_speak_http_is_tried_again() -> None:
    for raw in (b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 100, b"HTTP/1.1 abc\r\n\r\n"):
        assert ask(raw).outcome is Outcome.RETRY


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [("7", 7), ("0", 0), ("-5", 0), ("3601", 3600), ("9" * 30, 3600), ("soon", 0), ("", 0), ("Thu, 99 Foo 2026", 0)],
)
def test_retry_after_in_seconds_is_honoured_and_capped(value: str, wait_s: int) -> None:
    assert ask(http_answer(429, headers=[("Retry-After", value)])).retry_after_us == wait_s * 1_000_000


@pytest.mark.parametrize(("ahead_s", "wait_s"), [(90, 90), (-90, 0), (90_000, 3600)])
def test_retry_after_as_a_date_is_honoured_and_capped(ahead_s: int, wait_s: int) -> None:
    clock = StillClock()
    moment = dt.datetime.fromtimestamp(clock.t_us // 1_000_000 + ahead_s, dt.UTC)
    answer = ask(http_answer(503, headers=[("Retry-After", format_datetime(moment, usegmt=True))]), clock=clock)
    assert answer.retry_after_us == wait_s * 1_000_000


def test_a_busy_platform_has_no_fault_and_is_asked_again_when_it_says() -> None:
    body = b'{"error": "busy", "detail": "Ask again a little later."}'
    answer = ask(http_answer(503, body, headers=[("Retry-After", "10")]))
    assert (answer.outcome, answer.code, answer.retry_after_us) == (Outcome.RETRY, "busy", 10_000_000)
    assert "asks to wait" in answer.words
    assert "fault" not in answer.words


def test_the_request_carries_the_token_and_nothing_of_the_surroundings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with LoopbackPeer(http_answer(200, headers=[("Set-Cookie", "a=b; Path=/"), ("Connection", "close")])) as peer:
        client = PlatformClient(peer.address, TOKEN, clock=StillClock())
        put = Request("blob", "PUT", "/v1/x", b"octets", "application/octet-stream", etag="abc", from_byte=5)
        assert client.send(put).done
        assert client.send(put).done
        first, second = peer.requests
    head = first.partition(b"\r\n\r\n")[0].decode().splitlines()
    assert head[0] == "PUT /v1/x HTTP/1.1"
    for line in (
        f"Authorization: Bearer {TOKEN}",
        "Accept-Encoding: identity",
        "Content-Length: 6",
        "Content-Type: application/octet-stream",
        'If-None-Match: "abc"',
        "Range: bytes=5-",
    ):
        assert line in head
    assert b"Cookie" not in second


def test_enrolment_carries_no_token() -> None:
    with LoopbackPeer(http_answer(200)) as peer:
        PlatformClient(peer.address, "", clock=StillClock()).send(GET)
        assert b"Authorization" not in peer.requests[0]


def test_a_writer_gets_the_body_and_the_status_and_nothing_of_an_error() -> None:
    seen: list[tuple[int, bytes]] = []

    def into(status: int):  # noqa: ANN202 - a closure of the test
        return lambda chunk: seen.append((status, chunk))

    request = Request("blob", "GET", "/v1/x", into=into)
    assert ask(http_answer(206, b"rest"), request=request).body == b""
    assert ask(http_answer(404, b"error"), request=request).body == b"error"
    assert seen == [(206, b"rest")]


@pytest.mark.parametrize("fault", [http_answer(500), http_answer(302), http_answer(200, b"whole")[:-1]])
def test_after_a_fault_the_connection_is_a_new_one(fault: bytes) -> None:
    def keeps_open(peer: socket.socket) -> None:
        peer.sendall(fault)
        with contextlib.suppress(OSError):
            assert peer.recv(1) == b""  # the client hung up first

    cut = fault.endswith(b"whol")
    with LoopbackPeer(fault if cut else keeps_open, http_answer(200)) as peer:
        client = PlatformClient(peer.address, TOKEN, clock=StillClock())
        assert client.send(GET).outcome is Outcome.RETRY
        assert client.send(GET).done
        assert peer.connections == 2


def test_an_orderly_answer_keeps_the_connection() -> None:
    def twice(peer: socket.socket) -> None:
        peer.sendall(http_answer(200))
        while peer.recv(65536):
            peer.sendall(http_answer(404))

    with LoopbackPeer(twice) as peer:
        client = PlatformClient(peer.address, TOKEN, clock=StillClock())
        assert [client.send(GET).status for _ in range(3)] == [200, 404, 404]
        assert peer.connections == 1
        client.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    signing = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signing.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(1))
        .not_valid_after(now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(signing, hashes.SHA256())
    )
    path = tmp_path / "platform.pem"
    secret = signing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_certificate_that_nobody_vouches_for_gets_no_request(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with LoopbackPeer(http_answer(200), tls=tls) as peer:
        answer = PlatformClient(peer.address, TOKEN, clock=StillClock()).send(GET)
        assert (answer.outcome, answer.malformed, peer.requests) == (Outcome.RETRY, False, [])
    assert "cannot be trusted" in answer.words


@pytest.mark.parametrize(
    "address",
    [
        "http://platform.example",
        "http://192.168.1.5:8000",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "https://",
        "",
        "platform.example",
        "https://someone:else@platform.example",
        "https://platform.example/path",
        "https://platform.example?x",
        "https://platform.example#x",
        "https://platform.example:99999",
        "https://[::1",
    ],
)
def test_an_address_that_would_send_in_the_clear_or_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputFault, match="address"):
        PlatformClient(address, TOKEN, clock=StillClock())


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://platform.example/", "https://platform.example"),
        ("https://Platform.Example:8443", "https://platform.example:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_https_anywhere_and_http_on_loopback_are_taken(address: str, base: str) -> None:
    assert PlatformClient(address, TOKEN, clock=StillClock()).address == base


@pytest.mark.parametrize("token", ["a b", "a\nHost: x", "ä", "\x00"])
def test_a_token_that_would_break_the_header_is_refused(token: str) -> None:
    with pytest.raises(InputFault, match="token"):
        PlatformClient("https://platform.example", token, clock=StillClock())


def test_the_platforms_words_are_cut_to_one_line() -> None:
    answer = ask(http_answer(422, b'{"error":"a\\u0007b","detail":"' + b"w\\n" * 1000 + b'"}'))
    assert answer.code == "ab"
    assert answer.words == "w" * 300


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error":7}', b'{"detail":null}', b"\xff\xfe"])
def test_an_error_without_words_gets_ours(body: bytes) -> None:
    answer = ask(http_answer(422, body))
    assert (answer.outcome, answer.code) == (Outcome.NEVER, "")
    assert "422" in answer.words


def test_logs_name_the_kind_and_the_status_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    secret = "c0ffee" * 8
    with caplog.at_level(logging.DEBUG, logger="fairwitness"):
        ask(http_answer(422, secret.encode()), request=Request("blob", "GET", f"/v1/sessions/{secret}"))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("fairwitness")]
    assert ours == ["request=blob status=422 outcome=never"]
