# SPDX-License-Identifier: Apache-2.0
"""What a fault of the surroundings says reaches an Italian in Italian, with its values, and an unknown sentence stays."""

from __future__ import annotations

import ast
import errno
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_sentences import VALUE, constants, sentences

from fairwitness.appealing import NO_ORGANISATION, NOT_CONFIRMED, NOT_SEALED
from session import InputFault, PlatformFault
from session.appeal import NOTHING
from session.crypto.hpke import ReadingKey
from session.crypto.recovery_code import code_words, secret_of
from session.disk import environment_fault
from session.trust.pairing import DeviceRequest, Handed, hand_over, parse_answer, parse_request, take_over
from ui.strings import Words
from ui.strings.it import FAULTS
from uploader.devices import NO_CODE
from uploader.uplink import REVOKED

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("session", "agent", "uploader", "fairwitness", "ui")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EEXIST, errno.EIO])
@pytest.mark.parametrize(
    "doing", ["recording the session", "sealing the session", "removing what you chose", "keeping the receipt"]
)
def test_every_fault_of_the_disk_has_its_italian(number: int, doing: str) -> None:
    words = str(environment_fault(OSError(number, "text"), doing))
    italian = Words("it").fault(words)
    assert "si è interrotto" in italian
    assert doing not in italian
    assert Words("en").fault(words) == words


def doings() -> set[str]:
    """What did not work, of every fault of the disk that the product tells."""
    trees = [ast.parse(path.read_bytes()) for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    calls = [one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.Call) and len(one.args) > 1]
    named = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "environment_fault"]
    return {one.args[1].value for one in named if isinstance(one.args[1], ast.Constant)}  # type: ignore[misc] # a text


def test_what_did_not_work_has_its_italian() -> None:
    found = doings()
    assert len(found) > 15
    assert sorted(found - {key for table in FAULTS for key in table}) == []


def test_a_sentence_within_a_sentence_is_translated_and_a_value_stays() -> None:
    inner = str(environment_fault(OSError(errno.ENOSPC, "full"), "recording the session"))
    whole = Words("it").fault(f"The session could not be closed: {inner} What was saved is safe.")
    assert "Il disco è pieno" in whole
    assert "The disk" not in whole
    told = Words("it").fault(
        "Fair Witness could not write your keys at /home/a {b}/keys: No space left on device. "
        "Make room on the disk, or give your account access to that folder, and try again."
    )
    assert "/home/a {b}/keys" in told
    assert "scrivere" in told


def test_a_trainer_whose_key_was_revoked_reads_it_in_italian() -> None:
    assert Words("it").fault(REVOKED).endswith("un nuovo link di iscrizione.")


@pytest.mark.parametrize("words", [NOT_CONFIRMED, NOT_SEALED, NO_ORGANISATION, f"seq: {NOTHING}"])
def test_what_stands_in_the_way_of_an_opening_has_its_italian(words: str) -> None:
    assert Words("it").fault(words) != words


def test_a_sentence_that_is_not_in_the_table_stays_as_it_is() -> None:
    assert Words("it").fault("Something else, with {braces}.") == "Something else, with {braces}."


ELSEWHERE = {
    "answer.words",  # the client's sentences, each below
    "detail",  # a sentence that the caller was given, and whose own place is looked at
    "self.status().message",  # a fault that was told before
    "recorder.status().message",
    "self._status.message or STARTING",
    "DAMAGED_HOME",
    "NOT_ENROLLED",
    "NO_CODE",
    "NOT_YOURS",
    "given.words",
}
"""Expressions whose sentences stand elsewhere."""


@pytest.mark.parametrize("folder", ["uploader", "fairwitness", "agent/keys"])
def test_every_sentence_that_is_raised_has_its_italian(folder: str) -> None:
    italian = Words("it")
    found = list(sentences(ROOT / folder))
    assert len(found) > 10
    assert [one for one in found if not one.text and one.said not in ELSEWHERE] == []
    spoken = [one for one in found if one.text and one.said != VALUE]
    assert [f"{one.place}: {one.text}" for one in spoken if italian.fault(one.text) == one.text] == []
    for one in spoken:
        assert italian.fault(one.text).count(VALUE) == one.text.count(VALUE), one.text


@pytest.mark.parametrize(
    "module", ["uploader/client.py", "uploader/transfer.py", "fairwitness/places.py", "fairwitness/trainer.py"]
)
def test_every_sentence_among_a_modules_constants_has_its_italian(module: str) -> None:
    found = [text for text in constants(ROOT / module) if "{" not in text]
    assert found
    assert [text for text in found if Words("it").fault(text) == text] == []


def test_a_platform_that_contradicts_itself_is_told_of_in_italian_to_its_detail() -> None:
    fault = PlatformFault("log", "its log has 3 entries, and had 5 when it was last seen: rolled back")
    told = Words("it").fault(str(fault))
    assert "La piattaforma si contraddice: il suo registro ha 3 voci, e ne aveva 5" in told
    assert "amministratore" in told
    assert "platform" not in told


def test_no_sentence_of_a_fault_takes_another_ones_place() -> None:
    """The first that fits is taken: none may fit what another says, but for sentences within sentences."""
    spoken = [(key, value) for table in FAULTS for key, value in table.items()]
    assert len({key for key, _ in spoken}) == len(spoken)
    for key, value in spoken:
        filled = re.sub(r"\{(\w+)\}", VALUE, key)
        assert Words("it").fault(filled) == re.sub(r"\{(\w+)\}", VALUE, value).replace("{{", "{").replace("}}", "}"), key


def test_what_is_wrong_with_a_code_or_a_devices_text_is_said_in_italian() -> None:
    code, transport = code_words(bytes(32)), ReadingKey.generate()
    request = DeviceRequest("laptop", "ab" * 32, transport.public.hex())
    handed = Handed(bytes(32), "a" * 22)
    answer = hand_over(
        request, handed, platform="p", organisation="cd" * 32, person="ada", person_public=bytes(32), now_us=10**15
    )
    faulty: list[Callable[[], object]] = [
        lambda: secret_of("one two"),
        lambda: secret_of(" ".join(("nothingness", *code[1:]))),
        lambda: secret_of(" ".join((*code[:-1], "zoo"))),
        lambda: parse_request("x"),
        lambda: parse_request("fairwitness:device?name=x"),
        lambda: parse_answer("x"),
        lambda: parse_answer("fairwitness:device-answer?person=x"),
        lambda: take_over(answer, request, transport, 2 * 10**15),
        lambda: take_over(answer, request, ReadingKey.generate(), 10**15),
    ]
    for one in faulty:
        with pytest.raises(InputFault) as fault:
            one()
        assert Words("it").fault(str(fault.value)) != str(fault.value), fault.value
    assert Words("it").fault(NO_CODE) != NO_CODE
    assert (
        Words("it").fault("Word 7 is not in the list of words. Please look at your page again.").startswith("La parola 7 ")
    )
