# SPDX-License-Identifier: Apache-2.0
"""A session as one HTML file that asks nobody for anything: no script, no font, no picture from elsewhere.

Rules:

1. A policy inside the file forbids every request: `default-src 'none'`, pictures from the file itself alone.
2. All that comes from a record (titles, words, names) is text: escaped, without control characters, in its own direction.
3. It holds what the reader of the session may read, and says what it leaves out.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QGuiApplication, QImage

from session.desks import SessionCase
from session.disk import RealDisk, environment_fault, write_whole
from ui.replay.findings import Findings, together, visible_marks
from ui.replay.gaps import GapSpan
from ui.replay.header import date_words
from ui.replay.model import ReplayModel, Shot
from ui.replay.moment import finding_details
from ui.replay.nearby import NearbySeen, looked_words, mark_words, why_words
from ui.replay.painter import layout_of
from ui.replay.pictures import decode
from ui.replay.proved import bounds_words, proved_lines
from ui.replay.removals import removal_lines
from ui.replay.render import Appearance, arguments, draw
from ui.replay.sheet import STYLE
from ui.replay.standing import Standing
from ui.replay.steps import said_of, step_lines, step_state
from ui.replay.view import clock_words, local, zone_named
from ui.strings import Words

PICTURES_BYTES: Final = 12_000_000
"""Screenshots in one file at most: what mail still carries. The others are counted."""
PICTURE_PX: Final = 720
"""Height of a screenshot in the file: text of ordinary size stays readable."""
_QUALITY: Final = 60
_SIZE: Final = (1280, 760)
_SCALE: Final = 1.5
CSP: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Picture(msgspec.Struct, frozen=True):
    """One screenshot as it goes into the file."""

    when: str
    source: str


def write_html(case: SessionCase, path: Path, words: Words) -> None:
    """Writes the session of `case` as one file; one that is there is replaced.

    Works without a display, and inside a program that has a QGuiApplication as well as in one that has none.

    Raises:
        EnvironmentFault: the file cannot be written.
    """
    own = None if QGuiApplication.instance() is not None else QGuiApplication(arguments())
    try:
        page = page_of(case, words)
    finally:
        if own is not None:
            own.shutdown()
    try:
        write_whole(RealDisk(), path.absolute().parent, path.name, page.encode("utf-8"))
    except OSError as error:
        raise environment_fault(error, "writing the page") from error


def page_of(case: SessionCase, words: Words) -> str:
    """The whole page. Needs a QGuiApplication."""
    model = ReplayModel.from_reader(case.reader, case.policy, case.opened)
    zone = zone_named(model.zone)
    standing = Standing.of(case.verification, words)
    if case.verification is None:
        standing = Standing("dash", words("standing.open"), words("standing.open.why"))
    title = f"{words('replay.window')}, {date_words(model.start_us, zone, words)}"
    body = [
        f"<header><p class='state {standing.sign}'>{text(standing.title)}</p><h1>{text(title)}</h1>",
        f"<p>{text(standing.sentence)}</p></header>",
        _figures(model, standing, words, zone),
        _lanes(case, model, standing, words),
        *_findings(case, model, words, zone),
        _gaps(model.gaps, words, zone),
        _nearby(model.nearby, words, zone),
        *_pictures(case, model, words, zone),
        *_verification(case, words, zone),
        f"<footer><p>{text(words('session', id=case.session_id))}</p><p>{text(words('html.verify'))}</p>",
        f"<p><code>fairwitness verify PATH</code></p><p>{text(words('html.second'))}</p>",
        "<p><code>python3 fairwitness_verify.py PATH</code></p></footer>",
    ]
    head = (
        f"<meta charset='utf-8'><meta http-equiv='Content-Security-Policy' content=\"{CSP}\">"
        "<meta name='viewport' content='width=device-width, initial-scale=1'><meta name='referrer' content='no-referrer'>"
        f"<title>{text(title)}</title><style>{STYLE}</style>"
    )
    page = f"<html lang='{words.language}'>\n<head>{head}</head>\n<body><main>\n"
    return "<!DOCTYPE html>\n" + page + "\n".join(body) + "\n</main></body>\n</html>\n"


def text(said: str) -> str:
    """Words of a record as text of the page: nothing in them is markup, and none turns what follows about."""
    printable = "".join(char if char.isprintable() or char == "\n" else "�" for char in said)
    return html.escape(printable, quote=True).replace("\n", "<br>")


def _said(said: str) -> str:
    return f"<bdi>{text(said)}</bdi>"


def _lanes(case: SessionCase, model: ReplayModel, standing: Standing, words: Words) -> str:
    """The lanes in both looks; the drawing's own header is left away, since the page says the same above it."""
    layout = layout_of(model, *_SIZE)
    top, height = (round(one * _SCALE) for one in (layout.card_top - 4, layout.card_bottom - layout.card_top + 8))
    sources = []
    for dark in (False, True):
        look = Appearance(_SIZE, _SCALE, dark, language=words.language)
        image = draw(case.reader, model, standing, look)
        sources.append(_encoded(image.copy(0, top, image.width(), height), "png", -1))
    title, described = text(words("timeline.name")), text(words("html.timeline"))
    picture = (
        f"<source media='(prefers-color-scheme: dark)' srcset='{sources[1]}'><img alt='{described}' src='{sources[0]}'>"
    )
    return f"<section><h2>{title}</h2><picture>{picture}</picture></section>"


def _encoded(image: QImage, form: str, quality: int) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, form, quality)  # type: ignore[call-overload] # the stubs want bytes, the library takes a name
    return f"data:image/{form};base64,{base64.b64encode(bytes(buffer.data().data())).decode()}"


def _figures(model: ReplayModel, standing: Standing, words: Words, zone: tzinfo) -> str:
    asks = sum(mark.state == "raised" for mark in model.findings)
    gaps = [gap for gap in model.gaps if not gap.of_platform]
    shots = sum(not shot.removed for shot in model.shots)
    begin, end = (f"{local(t_us, zone):%H:%M:%S}" for t_us in (model.start_us, model.end_us))
    rows = (
        (words("html.when"), words("hours", begin=begin, end=end, zone=model.zone or "UTC")),
        *_proved_figure(standing, model.start_us, words, zone),
        (words("figure.work"), clock_words(model.account.worked_us)),
        (words("figure.screenshots"), str(shots)),
        (words("figure.gaps"), words.count("gaps", len(gaps)) if gaps else words("gaps.none")),
        (words("figure.findings"), words.count("questions", asks) if asks else words("questions.none")),
        (words("lane.applications"), ", ".join(row.name for row in model.apps if row.name) or "-"),
    )
    return "<dl class='figures'>" + "".join(f"<div><dt>{text(a)}</dt><dd>{_said(b)}</dd></div>" for a, b in rows) + "</dl>"


def _proved_figure(standing: Standing, near_us: int, words: Words, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Between which times of the platform it was made, where that is proved."""
    said = bounds_words("proved.figure", standing.not_before_us, standing.not_after_us, words, zone, near_us)
    if said:
        yield words("html.proved"), said


def _findings(case: SessionCase, model: ReplayModel, words: Words, zone: tzinfo) -> Iterator[str]:
    marks = visible_marks(model.findings, case)
    yield f"<section><h2>{text(words('replay.questions') if marks else words('replay.questions.none'))}</h2>"
    opens = together(case, marks, words)
    if opens:
        yield f"<p>{text(opens)}</p>"
    details = finding_details(case.reader.events())
    told = Findings(case, details, words, zone)
    for mark in marks:
        said, detail = told.told(mark), details.get(mark.seq)
        looks = "ask" if mark.state == "raised" else "card"
        yield f"<article class='{looks}'><h3>{text(said.title)}: {text(said.state)}</h3>"
        yield f"<p>{text(said.question)}</p>"
        if detail is not None and detail.moments and mark.state == "raised":
            times = ", ".join(f"{local(t_us, zone):%H:%M:%S}" for t_us in detail.moments)
            yield f"<p class='quiet'>{text(words('finding.when'))} {text(times)}</p>"
        if said.causes:
            causes = "".join(f"<li>{text(cause)}</li>" for cause in said.causes)
            yield f"<p class='quiet'>{text(words('finding.causes'))}</p><ul>{causes}</ul>"
        if said.rests_on:
            yield f"<p class='quiet'>{text(said.rests_on)}</p>"
        yield from (
            f"<blockquote><p class='quiet'>{text(words('said.answer'))}</p>{_said(one)}</blockquote>" for one in said.answers
        )
        yield from (f"<blockquote><p class='quiet'>{_said(who)}</p>{_said(what)}</blockquote>" for who, what in said.said)
        yield "</article>"
    yield "</section>"


def _gaps(gaps: Iterable[GapSpan], words: Words, zone: tzinfo) -> str:
    rows = "".join(
        f"<tr><td>{local(gap.from_us, zone):%H:%M:%S}</td><td>{clock_words(gap.to_us - gap.from_us)}</td>"
        f"<td>{text(words.of(f'scope.{gap.scope}', 'scope.unknown'))}</td>"
        f"<td>{text(words.of(f'gap.{gap.reason}', 'gap.unknown') if gap.reason is not None else words('removed'))}</td></tr>"
        for gap in gaps
    )
    if not rows:
        return f"<section><h2>{text(words('lane.gaps'))}</h2><p>{text(words('lane.gaps.none'))}</p></section>"
    heads = "".join(f"<th scope='col'>{text(words(f'html.{key}'))}</th>" for key in ("from", "length", "what", "why"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<section><h2>{text(words('lane.gaps'))}</h2>{table}</section>"


def _nearby(seen: NearbySeen, words: Words, zone: tzinfo) -> str:
    rows = "".join(
        f"<tr><td>{local(mark.t_us, zone):%H:%M:%S}</td><td>{text(mark_words(mark, words))}</td></tr>" for mark in seen.marks
    )
    told = "".join(f"<p>{text(sentence)}</p>" for sentence in looked_words(seen, words))
    if rows:
        heads = "".join(f"<th scope='col'>{text(words(f'html.{key}'))}</th>" for key in ("from", "what"))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        why = "".join(f"<p class='quiet'>{text(sentence)}</p>" for sentence in why_words(seen, words))
        told = f"{table}{why}{told}"
    return f"<section><h2>{text(words('lane.nearby'))}</h2>{told}</section>"


def _pictures(case: SessionCase, model: ReplayModel, words: Words, zone: tzinfo) -> Iterator[str]:
    shots = [shot for shot in model.shots if not shot.removed and not shot.same]
    if not shots:
        return
    pictures, left_out = _within(case, shots, zone)
    yield f"<section><h2>{text(words('lane.shots'))}</h2>"
    if left_out:
        yield f"<p class='quiet'>{text(words.count('html.left', left_out))}</p>"
    for one in pictures:
        caption = words("html.shot", time=one.when)
        yield f"<figure><img alt='{text(caption)}' src='{one.source}'><figcaption>{text(caption)}</figcaption></figure>"
    yield "</section>"


def _within(case: SessionCase, shots: list[Shot], zone: tzinfo) -> tuple[list[Picture], int]:
    """As many screenshots as have room, spread over the session, and how many have none."""
    pictures: list[Picture] = []
    octets, left_out = 0, 0
    for shot in shots:
        image = decode(case.reader, shot.seq, PICTURE_PX)
        source = _encoded(image, "webp", _QUALITY) if isinstance(image, QImage) and octets < PICTURES_BYTES else ""
        if not source or octets + len(source) > PICTURES_BYTES:
            left_out += 1
            continue
        octets += len(source)
        pictures.append(Picture(f"{local(shot.t_us, zone):%H:%M:%S}", source))
    return pictures, left_out


def _verification(case: SessionCase, words: Words, zone: tzinfo) -> Iterator[str]:
    verification = case.verification
    if verification is None:
        return
    yield f"<section><h2>{text(words('steps.title'))}</h2>"
    yield "".join(f"<p>{text(line)}</p>" for line in proved_lines(verification, words, zone))
    if verification.organisation and not verification.self_signed:
        yield f"<p>{text(words('html.words', words=' '.join(verification.words)))}</p>"
    gone = tuple(removal_lines(verification, words, zone))
    if gone:
        yield f"<h3>{text(words('removals.title'))}</h3>" + "".join(f"<p>{_said(one)}</p>" for one in gone)
    yield f"<details><summary>{text(words('replay.steps'))}</summary><p class='quiet'>{text(words('steps.why'))}</p><ol>"
    for step in verification.steps:
        lines = "".join(f"<p class='quiet'>{text(one)}</p>" for one in step_lines(step, words))
        lines += "".join(f"<p>{text(one)}</p>" for one in said_of(verification, step, words, zone))
        yield f"<li><h3>{text(words.verifier(step.name))}: {text(step_state(step, words))}</h3>{lines}</li>"
    yield "</ol>"
    if verification.claimed:
        claims = "".join(f"<li>{text(words.verifier(one))}</li>" for one in verification.claimed)
        yield f"<h3>{text(words('steps.claimed'))}</h3><ul>{claims}</ul>"
    yield "</details></section>"
