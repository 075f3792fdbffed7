# SPDX-License-Identifier: Apache-2.0
"""What a fault of the surroundings says reaches an Italian in Italian, with its values, and an unknown sentence stays."""

from __future__ import annotations

import errno

import pytest

from fairwitness.appealing import NO_ORGANISATION, NOT_CONFIRMED, NOT_SEALED
from session.appeal import NOTHING
from session.disk import environment_fault
from ui.strings import Words
from uploader.uplink import REVOKED


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
