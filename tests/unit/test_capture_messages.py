# SPDX-License-Identifier: Apache-2.0
"""What passes between the recorder and the capture process comes out as it went in, or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.child import serve
from agent.capture.messages import (
    LENGTH,
    MAX_BYTES,
    Answer,
    Grab,
    Probe,
    Ready,
    Refused,
    Request,
    Rules,
    Shot,
    Taken,
    answer_of,
    body_bytes,
    framed,
    request_of,
)
from session import IntegrityFault
from session.events import Reason

NAMES = st.frozensets(st.text(max_size=20), max_size=5)
RULES = st.builds(Rules, primary_only=st.booleans(), mask=NAMES, show_only=NAMES)
COUNTS = st.integers(0, 2**53)
SHOTS = st.builds(
    Shot, *(COUNTS for _ in range(6)), st.text(max_size=20), st.binary(max_size=200), st.text(max_size=16), COUNTS
)


@given(st.one_of(st.builds(Probe, RULES), st.builds(Grab, RULES)))
def test_requests_come_out_as_they_went_in(request_sent: Request) -> None:
    message = framed(request_sent)
    assert body_bytes(message[: LENGTH.size]) == len(message) - LENGTH.size
    assert request_of(message[LENGTH.size :]) == request_sent


@given(
    st.one_of(
        st.builds(Ready, COUNTS),
        st.builds(Taken, st.lists(SHOTS, max_size=3).map(tuple)),
        st.builds(Refused, st.sampled_from(Reason), st.text(), st.text()),
    )
)
def test_answers_come_out_as_they_went_in(answer: Answer) -> None:
    assert answer_of(framed(answer)[LENGTH.size :]) == answer


@given(st.binary(max_size=60))
def test_anything_else_is_a_fault_of_integrity(body: bytes) -> None:
    for read in (request_of, answer_of):
        try:
            message = read(body)
        except IntegrityFault:
            continue
        assert framed(message)


def test_a_message_beyond_the_bound_is_refused_before_it_is_read() -> None:
    assert body_bytes(LENGTH.pack(MAX_BYTES)) == MAX_BYTES
    with pytest.raises(IntegrityFault, match="most"):
        body_bytes(LENGTH.pack(MAX_BYTES + 1))


def test_the_process_answers_each_request_and_ends_with_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    rules = Rules(primary_only=False, mask=frozenset(), show_only=frozenset())
    whole = framed(Probe(rules=rules)) + framed(Grab(rules=rules))
    for cut in (0, 3):
        outgoing = io.BytesIO()
        serve(io.BytesIO(whole[: len(whole) - cut]), outgoing)
        answers = outgoing.getvalue()
        first = answer_of(answers[LENGTH.size : LENGTH.size + body_bytes(answers[: LENGTH.size])])
        assert isinstance(first, Refused)
        assert first.reason is Reason.ABSENT
        assert len(answers) == len(framed(first)) * (1 if cut else 2)
