# SPDX-License-Identifier: Apache-2.0
"""What two devices say to each other: whole or refused, for one request only, and no secret in clear."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from format_independent import hpke_recipient

from session import InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey, wrap
from session.crypto.recovery_code import person_keys
from session.crypto.signing import SigningKey
from session.trust.pairing import (
    ANSWER_S,
    DeviceAnswer,
    DeviceRequest,
    Handed,
    hand_over,
    invitation_message,
    pairing_info,
    parse_answer,
    parse_request,
    take_over,
)

ORG = hashlib.sha256(b"an organisation").hexdigest()
SECRET, CODE, NOW_US = bytes(range(32)), "abcdefgh23456789jkmnpq", 1_795_305_600_000_000
DEVICE, TRANSPORT = SigningKey.from_seed(b"\x01" * 32), ReadingKey.from_seed(b"\x02" * 32)
REQUEST = DeviceRequest("Ada's laptop & more, à côté", DEVICE.public.hex(), TRANSPORT.public.hex())
VECTOR: dict[str, Any] = json.loads((Path(__file__).parents[1] / "assets" / "vectors.json").read_text(encoding="utf-8"))[
    "second_device"
]


def answer(request: DeviceRequest = REQUEST) -> DeviceAnswer:
    public = person_keys(SECRET, ORG).signing.public
    return hand_over(
        request,
        Handed(SECRET, CODE),
        platform="https://platform.example:8440/x?y=z",
        organisation=ORG,
        person="ada",
        person_public=public,
        now_us=NOW_US,
    )


def test_both_texts_come_back_as_they_went_even_in_pieces() -> None:
    assert parse_request(str(REQUEST)) == REQUEST
    given = answer()
    text = str(given)
    assert parse_answer(f"  {text[:40]}\n{text[40:90]} {text[90:]}\n") == given
    assert take_over(parse_answer(text), REQUEST, TRANSPORT, NOW_US) == Handed(SECRET, CODE)


def test_no_secret_stands_in_the_text() -> None:
    text = str(answer())
    for secret in (SECRET, person_keys(SECRET, ORG).signing.seed, person_keys(SECRET, ORG).reading.seed):
        for spelled in (secret.hex(), base64.urlsafe_b64encode(secret).decode().rstrip("=")[4:-4]):
            assert spelled not in text
    assert CODE not in text
    assert str(answer()) != text  # encrypted anew each time


def test_the_answer_is_good_for_ten_minutes_by_its_makers_clock() -> None:
    last_us = NOW_US + ANSWER_S * 1_000_000
    assert take_over(answer(), REQUEST, TRANSPORT, last_us - 1).code == CODE
    with pytest.raises(InputFault, match="more than ten minutes old"):
        take_over(answer(), REQUEST, TRANSPORT, last_us)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("platform", "https://elsewhere.example"),
        ("organisation", "ab" * 32),
        ("person", "eve"),
        ("signing", "cd" * 32),
        ("expires", str(NOW_US)),
        ("sealed", base64.urlsafe_b64encode(bytes(102)).decode()),
        ("sealed", "A"),
    ],
)
def test_whatever_is_changed_on_the_way_opens_nothing_and_changes_the_words(field: str, value: str) -> None:
    changed = msgspec.structs.replace(answer(), **{field: value})
    with pytest.raises(InputFault, match="for another request, or part of it was changed"):
        take_over(changed, REQUEST, TRANSPORT, NOW_US)
    assert (changed.words(REQUEST) == answer().words(REQUEST)) is (field == "sealed")


@pytest.mark.parametrize("field", ["name", "signing", "transport"])
def test_an_answer_is_for_one_request(field: str) -> None:
    other = msgspec.structs.replace(REQUEST, **{field: "ef" * 32})
    assert other.words != REQUEST.words
    assert answer().words(other) != answer().words(REQUEST)
    with pytest.raises(InputFault, match="for another request"):
        take_over(answer(), other, TRANSPORT, NOW_US)


def test_another_transport_key_opens_nothing() -> None:
    with pytest.raises(InputFault, match="for another request"):
        take_over(answer(), REQUEST, ReadingKey.generate(), NOW_US)


@pytest.mark.parametrize("handed", [b"", SECRET, SECRET + b"short", SECRET + b"x" * 65, SECRET + b"\xff" * 20])
def test_what_is_no_secret_and_code_is_refused(handed: bytes) -> None:
    clear = answer()
    sealed = base64.urlsafe_b64encode(wrap(handed, TRANSPORT.public, pairing_info(REQUEST, clear))).decode().rstrip("=")
    with pytest.raises(InputFault, match="does not hold what a new device needs"):
        take_over(msgspec.structs.replace(clear, sealed=sealed), REQUEST, TRANSPORT, NOW_US)


def test_nothing_is_handed_to_a_key_of_small_order() -> None:
    with pytest.raises(IntegrityFault):
        answer(msgspec.structs.replace(REQUEST, transport="00" * 32))


@pytest.mark.parametrize("parse", [parse_request, parse_answer])
def test_what_is_neither_is_said(parse: Any) -> None:  # noqa: ANN401 - one of two functions
    text = str(REQUEST) if parse is parse_request else str(answer())
    begin, _, rest = text.partition("?")
    with pytest.raises(InputFault, match="begins with fairwitness:device"):
        parse("fairwitness:enrol?" + rest)
    for broken in (
        text[:-60].rpartition("&")[0],
        text + "&more=1",
        text + "&" + rest.split("&", maxsplit=1)[0],
        begin + "?",
    ):
        with pytest.raises(InputFault, match="is not whole"):
            parse(broken)
    with pytest.raises(InputFault, match="a key in it is not 64 digits from 0 to 9"):
        parse(text.replace("signing=", "signing=X", 1))


def test_the_worked_example_holds_by_the_second_implementation() -> None:
    request, given = parse_request(VECTOR["request"]), parse_answer(VECTOR["answer"])
    assert hashlib.sha256(VECTOR["request"].encode()).hexdigest() == VECTOR["request_sha256"]
    said = [given.platform, given.organisation, given.person, given.signing, given.expires, VECTOR["request_sha256"]]
    digest = hashlib.sha256(
        b"fairwitness/v1/device/answer" + b"".join(hashlib.sha256(one.encode()).digest() for one in said)
    )
    assert digest.hexdigest() == VECTOR["answer_sha256"]
    info = b"fairwitness/v1/device/wrap" + bytes.fromhex(given.organisation) + hashlib.sha256(b"ada").digest()
    info += bytes.fromhex(VECTOR["request_sha256"]) + digest.digest()
    assert info.hex() == VECTOR["info"]
    wrapped = base64.urlsafe_b64decode(given.sealed + "==")
    opened = hpke_recipient(wrapped[:32], bytes.fromhex(VECTOR["transport_seed"]), info).open(wrapped[32:], b"")
    assert opened[32:].decode() == VECTOR["code"]
    taken = take_over(given, request, ReadingKey.from_seed(bytes.fromhex(VECTOR["transport_seed"])), 0)
    assert taken == Handed(opened[:32], VECTOR["code"])
    assert list(request.words) == VECTOR["request_words"]
    assert list(given.words(request)) == VECTOR["answer_words"]


def test_an_invitation_names_all_that_it_is_for() -> None:
    plain = {"device": "laptop", "device_key": "ab" * 32, "at_us": 1}
    messages = {invitation_message(ORG, "ada", **plain)}  # type: ignore[arg-type] # as typed
    for changed in ({"device": "other"}, {"device_key": "cd" * 32}, {"at_us": 2}):
        messages.add(invitation_message(ORG, "ada", **(plain | changed)))  # type: ignore[arg-type] # as typed
    messages |= {invitation_message("ef" * 32, "ada", **plain), invitation_message(ORG, "eve", **plain)}  # type: ignore[arg-type]
    assert len(messages) == 6
    assert {len(one) for one in messages} == {164}
