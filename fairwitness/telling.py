# SPDX-License-Identifier: Apache-2.0
"""What the commands print for people: state first, plain words, no verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from detectors.again import Again
from session.account import Account
from session.crypto.signing import six_words
from session.events import Event, FocusChange, Kind, Payload
from session.verify import Step, Times, Verification
from session.verify.one import Proven
from session.verify.result import SeenRemoval

_MARKS = {True: "ok  ", False: "FAIL", None: "-   "}


def utc(t_us: int | None) -> str:
    """A moment as people read it, in UTC; "not known" for None or 0."""
    if not t_us:
        return "not known"
    try:
        return datetime.fromtimestamp(t_us / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return "outside the calendar"


def hours(length_us: int) -> str:
    """A length as h:mm:ss, whole seconds, rounded down."""
    seconds = length_us // 1_000_000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _step(step: Step) -> Iterable[str]:
    yield f"  {step.number:2} {_MARKS[step.passed]} {step.name}: {step.detail}"
    if step.passed is not None:
        yield f"          proves: {step.proves}"
        yield f"          does not prove: {step.does_not_prove}"


def counted(kinds: Sequence[tuple[int, int]]) -> str:
    """How many records of each type byte, as "2 RAW, 1 CAPTURE"."""
    return ", ".join(f"{number} {_kind_name(kind)}" for kind, number in kinds)


def verification(result: Verification, *, steps: bool = True) -> list[str]:
    """The outcome, then who and when, then each step with what it proves and what not."""
    lines = [_outcome(result)]
    if result.session_id:
        lines.append(f"Session {result.session_id}, person {result.person}, policy “{result.policy_name}”.")
    lines += _signers(result)
    if result.continues:
        lines.append(f"It goes on from session {result.continues}, of which countersigned records were lost.")
    lines += _times(result)
    if result.account is not None:
        lines += account(result.account)
    if result.withheld:
        lines.append(f"{result.opened} of {result.withheld} withheld records opened.")
    for one in result.openings:
        lines.append(f"    {utc(one.at_us)}: {one.name} ({one.person}) opened {counted(one.kinds)}.")
    if result.removed:
        lines.append(f"{result.removed} records were removed by the trainer.")
    lines += [_removal(one) for one in result.removals]
    lines.append(f"{len(result.gaps)} marks of something not observed." if result.gaps else "No gap was recorded.")
    lines.append("Confirmed by the platform." if result.receipt else "Not confirmed by the platform (no receipt).")
    lines += [f"Claimed, not proved: {claim}" for claim in result.claimed]
    for step in result.steps if steps else ():
        lines += _step(step)
    return lines


def _removal(one: SeenRemoval) -> str:
    who = "the trainer" if one.by == "person" else "the organisation, under retention,"
    why = f" Reason given: “{one.reason}”." if one.reason else ""
    what = kinds_told(one.kinds) or "nothing that was here"
    return f"After the seal, {who} removed {what}, at {utc(one.at_us)} by their clock.{why}"


def kinds_told(kinds: Iterable[tuple[int, int]]) -> str:
    """How many of each type, as "3 CAPTURE, 1 FOCUS"; "" for none."""
    return ", ".join(f"{count} {_kind_name(kind)}" for kind, count in kinds)


def proven(one: Proven) -> list[str]:
    """What a proof proves, in sentences: whose record, within which bounds of time, and what it says."""
    words = " ".join(six_words(one.organisation))
    lines = [
        f"This proof holds: record {one.seq} ({_kind_name(one.kind)}) of session {one.session_id}, person {one.person}.",
        "It is of the organisation that you trust."
        if one.trusted
        else f"Compare the six words with those that reached you outside of this file: {words}.",
        "No grant says when the session began." if one.not_before_us is None else f"Not before {utc(one.not_before_us)}.",
        "No time by which it existed is proved." if one.by_us is None else f"It existed by {utc(one.by_us)}.",
    ]
    lines += [f"{name}: {value}" for name, value in _fields(one.body).items()]
    return [*lines, f"Its screenshot has {len(one.image)} bytes (--image FILE writes it)."] if one.image else lines


def proven_row(one: Proven) -> dict[str, object]:
    """The same for `verify --json`."""
    return {
        "verified": True,
        "session": one.session_id,
        "person": one.person,
        "organisation": one.organisation,
        "trusted": one.trusted,
        "seq": one.seq,
        "type": _kind_name(one.kind),
        "body": _fields(one.body),
        "image_bytes": len(one.image),
        "not_before_us": one.not_before_us,
        "by_us": one.by_us,
    }


def _times(result: Verification) -> list[str]:
    times = result.times
    lines = [times.sentence]
    for words, t_us in (
        ("not before", times.not_before_us),
        ("first countersigned", times.first_us),
        ("last countersigned", times.last_us),
        ("received by the platform", times.received_us),
    ):
        if t_us is not None:
            lines.append(f"    {words} {utc(t_us)}")
    if times.beyond_us:
        lines.append(f"    {hours(times.beyond_us)} of the counted time cannot have passed by the platform's clock")
    if times.longest_us is not None:
        lines.append(f"    longest time between two countersignatures {hours(times.longest_us)}")
    if result.opening == "offline":
        lines.append("    started offline, without a grant: no lower bound of time")
    lines += [f"    not countersigned from {utc(one.from_us)} to {utc(one.to_us)}" for one in times.open_stretches]
    return lines + _clock(times)


def _clock(times: Times) -> list[str]:
    """How the recording computer's clock differed from the platform's, and how it was set; no fault, and no time lost."""
    lines = [
        f"    the computer's clock was at least {hours(length_us)} {words} the platform's"
        for words, length_us in (("ahead of", times.ahead_us), ("behind", times.behind_us))
        if length_us
    ]
    lines += [
        f"    the clock was set {'forward' if step.by_us > 0 else 'back'} by {hours(abs(step.by_us))} at {utc(step.at_us)}"
        for step in times.clock.steps
    ]
    moved_us = times.clock.drift_us
    if moved_us:
        lines.append(
            f"    the clock was moved {'forward' if moved_us > 0 else 'back'} little by little by {hours(abs(moved_us))}"
        )
    return lines


def _outcome(result: Verification) -> str:
    failed = result.failed_step
    if failed is None and result.lost:
        lost = (
            "1 countersigned record is lost: it was"
            if result.lost == 1
            else f"{result.lost} countersigned records are lost: they were"
        )
        gone = "its seal, and it is gone" if result.lost == 1 else "their seal, and they are gone"
        return (
            f"This session verifies, but {lost} on the computer that recorded this session, the platform saw "
            f"{gone}. A disk that failed is one innocent cause. What is here is unchanged since it was sealed."
        )
    if failed is None:
        return "This session verifies: it is whole, and unchanged since it was sealed."
    return f"This session does not verify. Step {failed.number}, {failed.name}: {failed.detail}"


def _signers(result: Verification) -> list[str]:
    if result.self_signed:
        return ["A personal session: signed by the person's own keys; no organisation or platform stands behind it."]
    if not result.organisation:
        return []
    lines = [f"Organisation {result.organisation[:16]}…: {' '.join(result.words)}"]
    if not result.trusted:
        lines.append("Compare these six words with those that reached you from the organisation, outside the platform.")
    return lines


def account(accounted: Account) -> list[str]:
    """Accounted time in one line, and what can be claimed."""
    parts = [f"work time {hours(accounted.worked_us)}"]
    for name, length_us in (
        ("paused", accounted.paused_us),
        ("private", accounted.private_us),
        ("given back", accounted.trimmed_us),
        ("entered by hand", accounted.manual_us),
    ):
        if length_us:
            parts.append(f"{name} {hours(length_us)}")
    lines = [f"{utc(accounted.started_us)} to {utc(accounted.ended_us)}: " + ", ".join(parts) + "."]
    lines += [
        f"Not counted by itself, can be claimed: {utc(one.from_us)} to {utc(one.to_us)} (the program ended without warning)."
        for one in accounted.claimable
    ]
    return lines


def findings(told: Sequence[Again], sentences: dict[str, str]) -> list[str]:
    """Each finding as a question with its number, its threshold, the innocent causes, and what stands behind it."""
    lines = []
    for one, standing in ((beside.finding, beside.standing) for beside in told):
        lines.append(f"{sentences.get(f'finding.{one.detector}.title', one.detector)}: {one.state.value}")
        lines.append(f"    {sentences.get(one.explanation, one.explanation)}")
        if one.state.value != "not evaluated":
            lines.append(f"    measured {one.statistic:g}, asked from {one.threshold:g} (calibration {one.calibration})")
            if one.calibration.startswith("unmeasured"):
                lines.append("    how often this question is raised without cause has not been measured yet")
        if one.state.value == "raised":
            lines += [f"    it may be: {sentences.get(key, key)}" for key in one.alternatives]
            lines.append(f"    rests on records {', '.join(str(seq) for seq in one.evidence)}")
        if one.reason:
            lines.append(f"    why: {sentences.get(one.reason, one.reason)} (this reason stays on this computer)")
        lines.append(f"    beside what the session recorded: {standing.value}")
    return lines


def _kind_name(kind: int) -> str:
    return Kind(kind).name if kind in Kind._value2member_map_ else f"newer record type {kind}"


def listing(events: Sequence[Event]) -> list[str]:
    """How many records of each kind there are, and how many of them these keys open."""
    counted = Counter(event.kind for event in events)
    opened = Counter(event.kind for event in events if event.body is not None)
    lines = [f"{len(events)} records:"]
    for kind in sorted(counted):
        closed = counted[kind] - opened[kind]
        note = f", {closed} not readable with the keys on this computer" if closed else ""
        lines.append(f"  {counted[kind]:6} {_kind_name(kind)}{note}")
    return lines


def applications(events: Sequence[Event]) -> list[str]:
    """The applications that were in front, in order of first appearance."""
    seen: dict[str, None] = {}
    for event in events:
        for change in getattr(event.body, "changes", ()):
            if isinstance(change, FocusChange) and change.app:
                seen.setdefault(change.app, None)
    return [f"In front: {', '.join(seen)}"] if seen else []


def event_row(event: Event) -> dict[str, object]:
    """One record for `show --json`: its payload as named fields, None where it cannot be read here."""
    body = event.body
    return {
        "seq": event.seq,
        "type": _kind_name(event.kind),
        "body": None if body is None else _fields(body),
        **({"blob_sha256": event.blob_sha256} if event.blob_sha256 else {}),
    }


def _fields(body: Payload) -> dict[str, object]:
    named: dict[str, object] = {}
    for field in body.__struct_fields__:
        value = getattr(body, field)
        if field == "blob_key":  # a key is nothing to print
            continue
        named[field] = (
            [_fields(one) if isinstance(one, Payload) else one for one in value] if isinstance(value, tuple) else value
        )
    return named
