# SPDX-License-Identifier: Apache-2.0
"""What the root key signs to let an admin in again: one token, for a moment, under no other kind."""

from __future__ import annotations

import pytest
from trust_people import signing_key

from session import InputFault, IntegrityFault
from session.crypto.signing import fingerprint
from session.trust.admission import ADMISSION_S, Admission
from session.trust.statements import Removal, open_statement, sign

LEAKS: dict[str, object] = {"token_sha256": "the token itself"}
ROOT = signing_key("root of the admission")


def admission(**changed: object) -> Admission:
    said: dict[str, object] = {
        "organisation": fingerprint(ROOT.public),
        "person": "eve",
        "at_us": 5,
        "token_sha256": "ab" * 32,
    }
    return Admission(**(said | changed))  # type: ignore[arg-type] # some are wrong on purpose


def test_it_opens_as_it_was_signed_by_the_root_key_alone() -> None:
    raw = sign(admission(), ROOT)
    assert open_statement(raw, Admission, ROOT.public) == admission()
    with pytest.raises(IntegrityFault):
        open_statement(raw, Admission, signing_key("another").public)
    assert admission().subject == "eve"
    assert ADMISSION_S == 600


def test_it_is_no_other_statement_and_holds_a_digest_and_no_token() -> None:
    with pytest.raises(IntegrityFault):
        open_statement(sign(admission(), ROOT), Removal, ROOT.public)
    with pytest.raises(InputFault):
        sign(admission(**LEAKS), ROOT)
