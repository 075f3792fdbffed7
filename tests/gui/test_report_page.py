# SPDX-License-Identifier: Apache-2.0
"""A session as one page: it asks nobody for anything, shows hostile words as words, and holds what its reader may read."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot
from replay_desks import ListReader, long_day, verification, witnessed

from session import EnvironmentFault
from session.desks import SessionCase
from session.events import Answer, FindingRecord, Kind
from session.policy import default_policy_toml, parse_policy
from session.verify.said import Decided, Replied, Said
from ui.replay.html import CSP, PICTURES_BYTES, page_of, text, write_html
from ui.strings import LANGUAGES, Words

EN = Words("en")
HOSTILE = "<script>alert('x')</script><img src=https://example.org/x.png>\" onload=\"\u202ereversed\x00"


class Seen(HTMLParser):
    """What a browser would make of a page: tags with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.words).split())

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def case(
    *, reads_as: str = "reviewer", said: Said | None = None, pictures: bool = False, sealed: bool = True
) -> SessionCase:
    """A long day with questions."""
    desk = long_day(pictures=pictures)
    return SessionCase(
        session_id="ab" * 16,
        folder=Path("/nowhere"),
        reader=ListReader(desk.tape.events, desk.images),
        verification=verification() if sealed else None,
        policy=parse_policy(default_policy_toml()),
        reads_as=reads_as,
        said=said,
        reasons={"ai-tool": "abstain.titles-off"} if reads_as == "trainer" else {},
    )


def asked(one: SessionCase) -> int:
    """The seq of the first finding that asks."""
    return next(e.seq for e in one.reader.events() if isinstance(e.body, FindingRecord) and e.body.state == "raised")


def test_no_tag_of_the_page_leads_anywhere_else(qtbot: QtBot) -> None:
    page = page_of(case(), EN)
    seen = Seen(page)
    for tag, attributes in seen.tags:
        for name, value in attributes.items():
            if name in {"src", "href", "srcset", "action", "data", "poster"}:
                assert (value or "").startswith(("data:image/", "#")), (tag, name)
    names = {tag for tag, _ in seen.tags}
    assert names.isdisjoint(
        {"script", "link", "iframe", "object", "embed", "form", "base", "video", "audio", "svg", "style-src"}
    )
    assert not re.search(r"url\(|@import|https?://", re.sub(r"data:image/[^']*", "", page))


def test_the_page_forbids_itself_every_request(qtbot: QtBot) -> None:
    seen = Seen(page_of(case(), EN))
    policies = [one["content"] for one in seen.every("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [CSP]
    assert "default-src 'none'" in CSP
    assert "script-src" not in CSP
    assert {one.get("content") for one in seen.every("meta") if one.get("name") == "referrer"} == {"no-referrer"}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_it_says_the_state_first_in_its_language(qtbot: QtBot, language: str) -> None:
    words = Words(language)
    seen = Seen(page_of(case(), words))
    assert seen.every("html")[0]["lang"] == language
    body = seen.said[seen.said.index(words("standing.verified")) :]
    assert body.startswith(words("standing.verified"))
    for key in ("replay.questions", "lane.gaps", "steps.title", "replay.steps"):
        assert words(key) in seen.said


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_it_names_both_ways_to_check_the_session_itself(qtbot: QtBot, language: str) -> None:
    said = Seen(page_of(case(), Words(language))).said
    assert "fairwitness verify PATH" in said
    assert "python3 fairwitness_verify.py PATH" in said
    assert (Path(__file__).parents[2] / "verifier" / "fairwitness_verify.py").is_file()


def test_hostile_words_are_words(qtbot: QtBot) -> None:
    plain = case()
    seq = asked(plain)
    events = list(plain.reader.events())
    last = max(event.seq for event in events)
    template = events[-1]
    events.append(msgspec.structs.replace(template, seq=last + 1, kind=Kind.ANSWER, body=Answer(1, seq, HOSTILE)))
    decided = Decided(seq, "upheld", HOSTILE, "bo", HOSTILE, 1_795_500_000_000_000, "cd" * 32)
    hostile = msgspec.structs.replace(
        plain,
        reader=ListReader(events, {}),
        said=Said((decided,), (Replied("cd" * 32, HOSTILE, "ada", 1_795_500_000_000_000),), ()),
    )
    page = page_of(hostile, EN)
    seen = Seen(page)
    assert {"script", "iframe"}.isdisjoint({tag for tag, _ in seen.tags})
    assert all(not name.startswith("on") for _, attributes in seen.tags for name in attributes)
    assert seen.said.count("alert('x')") >= 4
    assert "\x00" not in page
    assert "\u202e" not in page


def test_text_turns_nothing_about_and_breaks_lines_as_written() -> None:
    assert text("a\nb") == "a<br>b"
    assert text("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"
    assert text("\u202ex\x07") == "�x�"


def test_questions_come_with_causes_and_with_what_people_said(qtbot: QtBot) -> None:
    plain = case()
    decided = Decided(
        asked(plain),
        "not upheld",
        "A dictation program writes like this.",
        "bo",
        "Bo Lind",
        1_795_500_000_000_000,
        "cd" * 32,
    )
    replied = Replied("cd" * 32, "Thank you.", "ada", 1_795_500_100_000_000)
    causes = ("alternative.dictation", "alternative.expander")
    events = [
        msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, alternatives=causes))
        if isinstance(event.body, FindingRecord) and event.body.state == "raised"
        else event
        for event in plain.reader.events()
    ]
    one = msgspec.structs.replace(plain, reader=ListReader(events, {}), said=Said((decided,), (replied,), ()))
    said = Seen(page_of(one, EN)).said
    assert all(EN(cause) in said for cause in causes)
    assert "Not upheld, decided by Bo Lind on" in said
    assert said.index("A dictation program writes like this.") < said.index("Thank you.")


def test_whether_a_review_is_opened_is_in_the_page(qtbot: QtBot) -> None:
    for opens, told in ((True, "findings.open-review"), (False, "findings.open-none")):
        page = Seen(page_of(msgspec.structs.replace(case(), opens_review=opens), EN)).said
        assert EN(told) in page
    assert EN("findings.open-none") not in Seen(page_of(case(), EN)).said


def test_a_reason_of_an_abstention_is_in_the_trainers_page_alone(qtbot: QtBot) -> None:
    reason = EN("abstain.titles-off")
    events = list(case().reader.events())
    place = next(at for at, event in enumerate(events) if isinstance(event.body, FindingRecord))
    body = events[place].body
    assert isinstance(body, FindingRecord)
    quiet = msgspec.structs.replace(
        body,
        detector="ai-tool",
        state="not evaluated",
        explanation="finding.ai-tool.not-evaluated",
        evidence=(),
        alternatives=(),
    )
    events[place] = msgspec.structs.replace(events[place], body=quiet)
    for reads_as, told in (("trainer", True), ("reviewer", False)):
        one = msgspec.structs.replace(case(reads_as=reads_as), reader=ListReader(events, {}))
        assert (reason in Seen(page_of(one, EN)).said) is told


def test_an_unsealed_session_says_so_and_has_no_steps(qtbot: QtBot) -> None:
    seen = Seen(page_of(case(sealed=False, reads_as="trainer"), EN))
    assert EN("standing.open") in seen.said
    assert seen.every("details") == []


def test_the_lanes_are_there_for_light_and_dark_and_are_said_in_words(qtbot: QtBot) -> None:
    seen = Seen(page_of(case(), EN))
    (dark,) = seen.every("source")
    assert dark["media"] == "(prefers-color-scheme: dark)"
    light = seen.every("img")[0]
    assert light["alt"] == EN("html.timeline")
    assert dark["srcset"] != light["src"]
    for source in (dark["srcset"], light["src"]):
        assert base64.b64decode((source or "").split(",", 1)[1]).startswith(b"\x89PNG")


def test_the_file_is_written_whole_and_for_its_owner_alone(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("something else", encoding="utf-8")
    write_html(case(), path, EN)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert path.stat().st_mode & 0o077 == 0
    assert path.stat().st_size < PICTURES_BYTES


def test_a_file_that_cannot_be_written_says_what_to_do(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        write_html(case(), tmp_path / "missing" / "report.html", EN)


def test_what_is_proved_of_when_stands_above_and_in_full_below(qtbot: QtBot) -> None:
    times = witnessed(long_day().tape.events, ahead_s=200)
    one = msgspec.structs.replace(case(), verification=msgspec.structs.replace(verification(), times=times))
    said = Seen(page_of(one, EN)).said
    assert "By the platform\u2019s clock after 08:26:40, by 18:26:40" in said
    assert "The clock of the computer was at least 3 min 18 s ahead of the platform\u2019s." in said
    assert "At most 1 h 12 min passed between one countersignature and the next." in said
    assert "platform\u2019s clock" not in Seen(page_of(case(sealed=False), EN)).said
    assert "rispetto a quello della piattaforma" in Seen(page_of(one, Words("it"))).said
