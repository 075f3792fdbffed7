# SPDX-License-Identifier: Apache-2.0
"""The trainer's list of sessions, and which notices were read: small files that may be lost and made again."""

from __future__ import annotations

from pathlib import Path

import pytest
from uploader_sealed import Stock, build_stock

from fairwitness.cards import LISTED, Cards
from fairwitness.notices import Notices
from session import EnvironmentFault
from session.desks import SessionCard, Stage
from session.events import Ack
from session.ports import OutboxItem

POLICY, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return build_stock(tmp_path_factory.mktemp("stock"), 3)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    place = tmp_path / "spool"
    place.mkdir()
    return place


def item(session_id: str, folder: Path, state: str = "held") -> OutboxItem:
    return OutboxItem(session_id, folder, state, 77, 2, 10, 100, "The disk is full.")


def listed(cards: Cards, *waiting: SessionCard, items: dict[str, OutboxItem] | None = None) -> tuple[SessionCard, ...]:
    return cards.listed(waiting, items or {}, lambda _folder: 0)


def test_without_sessions_the_list_is_empty(tmp_path: Path) -> None:
    assert listed(Cards(tmp_path / "cards", tmp_path / "spool")) == ()


def test_a_sealed_session_is_summed_from_its_own_records(tmp_path: Path, spool: Path, stock: Stock) -> None:
    stock.sessions[0].into(spool)
    (card,) = listed(Cards(tmp_path / "cards", spool))
    assert (card.session_id, card.stage) == (stock.sessions[0].session_id, Stage.KEPT)
    assert card.worked_us > 0
    assert card.started_us > 0


@pytest.mark.parametrize("state", ["held", "waiting", "sending", "confirmed", "refused"])
def test_a_queued_session_stands_as_the_outbox_says(tmp_path: Path, spool: Path, stock: Stock, state: str) -> None:
    folder = stock.sessions[0].into(spool)
    (card,) = listed(Cards(tmp_path / "cards", spool), items={folder.name: item(folder.name, folder, state)})
    assert card.stage == state
    assert (card.sent_bytes, card.total_bytes, card.message) == (10, 100, "The disk is full.")
    assert card.send_at_us == (77 if state == "held" else 0)


def test_unread_decisions_are_asked_for_by_folder(tmp_path: Path, spool: Path, stock: Stock) -> None:
    folder = stock.sessions[0].into(spool)
    asked: list[Path] = []

    def unread(place: Path) -> int:
        asked.append(place)
        return 3

    items = {folder.name: item(folder.name, folder, "confirmed")}
    (card,) = Cards(tmp_path / "cards", spool).listed((), items, unread)
    assert card.unread == 3
    assert asked == [folder]


def test_what_was_kept_is_believed_and_what_is_damaged_is_made_again(tmp_path: Path, spool: Path, stock: Stock) -> None:
    folder = stock.sessions[0].into(spool)
    kept = SessionCard(folder.name, "project", 5, 6, Stage.REVIEW)
    Cards(tmp_path / "cards", spool).keep(kept)
    (card,) = listed(Cards(tmp_path / "cards", spool))
    assert (card.project, card.started_us, card.worked_us, card.stage) == ("project", 5, 6, Stage.KEPT)
    for damage in (b"", b"{", b"\xff\xff", b'{"session_id": "another"}', kept.session_id.encode()):
        (tmp_path / "cards" / f"{folder.name}.json").write_bytes(damage)
        (again,) = listed(Cards(tmp_path / "cards", spool))
        assert again.worked_us > 6


def test_a_damaged_session_does_not_hide_the_others(tmp_path: Path, spool: Path, stock: Stock) -> None:
    broken, whole = (one.into(spool) for one in stock.sessions[:2])
    (broken / "000000.fws").write_bytes(b"nothing")
    assert [card.session_id for card in listed(Cards(tmp_path / "cards", spool))] == [whole.name]


def test_sessions_that_wait_for_review_are_listed_once_and_the_newest_first(
    tmp_path: Path, spool: Path, stock: Stock
) -> None:
    folder = stock.sessions[0].into(spool)
    waiting = SessionCard(folder.name, "", 2**50, 1, Stage.REVIEW)
    older = [SessionCard(f"{number:032x}", "", number, 1, Stage.REVIEW) for number in range(LISTED + 5)]
    cards = listed(Cards(tmp_path / "cards", spool), *older, waiting)
    assert len(cards) == LISTED
    assert cards[0] == waiting
    assert [card.started_us for card in cards] == sorted((card.started_us for card in cards), reverse=True)


def test_a_list_that_cannot_be_kept_says_what_to_do(tmp_path: Path, spool: Path) -> None:
    (tmp_path / "cards").write_bytes(b"a file in the folder's place")
    with pytest.raises(EnvironmentFault):
        Cards(tmp_path / "cards", spool).keep(SessionCard("00" * 16, "", 1, 1, Stage.REVIEW))


def test_a_notice_that_was_read_is_remembered_by_the_next_program(tmp_path: Path) -> None:
    ack = Ack(1, POLICY, OTHER, "it")
    Notices(tmp_path / "notices").keep(ack)
    again = Notices(tmp_path / "notices")
    assert again.read(POLICY) == ack
    assert again.read(OTHER) is None
    assert (tmp_path / "notices" / f"{POLICY}.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b"\xff", b'[1,1,"' + OTHER.encode() + b'","' + OTHER.encode() + b'","en"]', b"x" * 9000]
)
def test_a_damaged_memory_of_a_notice_asks_again(tmp_path: Path, damage: bytes) -> None:
    notices = Notices(tmp_path / "notices")
    notices.keep(Ack(1, POLICY, OTHER, "en"))
    (tmp_path / "notices" / f"{POLICY}.json").write_bytes(damage)
    assert notices.read(POLICY) is None


def test_a_notice_that_cannot_be_kept_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "notices").write_bytes(b"a file in the folder's place")
    with pytest.raises(EnvironmentFault):
        Notices(tmp_path / "notices").keep(Ack(1, POLICY, OTHER, "en"))


def test_what_the_platform_counts_in_another_session_is_kept_with_the_card(
    tmp_path: Path, spool: Path, stock: Stock
) -> None:
    folder = stock.sessions[0].into(spool)
    cards = Cards(tmp_path / "cards", spool)
    assert listed(cards)[0].overlap_us == 0
    cards.learn({folder.name: 720_000_000, "00" * 16: 5})  # the other one is of another device
    for known in (cards, Cards(tmp_path / "cards", spool)):
        (card,) = listed(known, items={folder.name: item(folder.name, folder, "confirmed")})
        assert (card.overlap_us, card.stage) == (720_000_000, Stage.CONFIRMED)
    cards.learn({folder.name: 0})
    assert listed(cards)[0].overlap_us == 0
    cards.learn({})
    assert [one.name for one in (tmp_path / "cards").iterdir()] == [f"{folder.name}.json"]
