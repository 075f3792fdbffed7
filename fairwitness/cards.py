# SPDX-License-Identifier: Apache-2.0
"""The trainer's list of earlier sessions: what each was, and how far it is on its way.

What a session was (project, start, work time) never changes after its stop, so it is summed once and kept in a small file,
which can be made again from the session's public records at any time. It is a convenience and never evidence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from agent.finishing import is_sealed
from fairwitness.opening import policy_of
from fairwitness.recording import project_of
from session import FairWitnessError, IntegrityFault
from session.account import account, rules_of
from session.desks import SessionCard, Stage
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.ports import OutboxItem
from session.reader import FolderReader
from session.segments import read_file
from uploader.client import PlatformClient
from uploader.fetch import RemotePlatform

_LOG: Final = logging.getLogger("fairwitness.cards")

LISTED: Final = 60
"""Sessions in the list, the newest first. Source: a person looks back over some weeks; older ones open by their path."""
_MOST_BYTES: Final = 8192


class Cards:
    """The files `cards/<session id>.json`.

    Args:
        folder: made on first use.
        spool: where the sessions are.
    """

    def __init__(self, folder: Path, spool: Path) -> None:
        self._folder, self._spool = folder, spool
        self._known: dict[str, SessionCard] = {}

    def keep(self, card: SessionCard) -> None:
        """Keeps what a session was. Raises `EnvironmentFault`."""
        self._known[card.session_id] = card
        try:
            make_private(self._folder)
            write_whole(RealDisk(), self._folder, f"{card.session_id}.json", msgspec.json.encode(card))
        except OSError as error:
            raise environment_fault(error, "keeping the list of your sessions") from error

    def learn_from(self, client: PlatformClient) -> None:
        """What of the trainer's hours another session counts too, which may be one of another device; later, where away."""
        try:
            self.learn({one.session_id: one.overlap_us for one in RemotePlatform(client).sessions()})
        except FairWitnessError as fault:
            _LOG.warning("overlap=unknown: %s", type(fault).__name__)

    def learn(self, overlaps: Mapping[str, int]) -> None:
        """Keeps how much of each session another one counts too, in µs by session id. Raises `EnvironmentFault`."""
        for session_id, overlap_us in overlaps.items():
            folder = self._spool / session_id
            card = self._card(folder) if is_sealed(folder) else None
            if card is not None and card.overlap_us != overlap_us:
                self.keep(msgspec.structs.replace(card, overlap_us=overlap_us))

    def listed(
        self,
        waiting: Iterable[SessionCard],
        items: Mapping[str, OutboxItem],
        unread: Callable[[Path], int],
    ) -> tuple[SessionCard, ...]:
        """All that the list shows, the newest first.

        Args:
            waiting: sessions that wait for review.
            items: the outbox, by session.
            unread: how many decisions of a session the trainer has not opened.
        """
        cards = {card.session_id: card for card in waiting}
        for folder in self._sealed():
            if folder.name not in cards:
                card = self._card(folder)
                if card is not None:
                    cards[folder.name] = _standing(card, items.get(folder.name), unread(folder))
        newest = sorted(cards.values(), key=lambda card: card.started_us, reverse=True)
        return tuple(newest[:LISTED])

    def _sealed(self) -> list[Path]:
        try:
            folders = [path for path in self._spool.iterdir() if not path.name.startswith(".") and is_sealed(path)]
        except FileNotFoundError:
            return []
        return sorted(folders, key=lambda path: path.stat().st_mtime_ns, reverse=True)[: LISTED * 2]

    def _card(self, folder: Path) -> SessionCard | None:
        """What a sealed session was; None where its files are damaged (opening it says how)."""
        if folder.name not in self._known:
            try:
                self._known[folder.name] = self._kept(folder.name) or _summed(folder)
            except FairWitnessError:
                return None
        return self._known[folder.name]

    def _kept(self, session_id: str) -> SessionCard | None:
        path = self._folder / f"{session_id}.json"
        if not path.is_file():
            return None
        try:
            card = msgspec.json.decode(read_file(path, _MOST_BYTES, "the list of sessions"), type=SessionCard)
        except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault):
            return None
        return card if card.session_id == session_id else None


def _summed(folder: Path) -> SessionCard:
    events = FolderReader(folder, {}).events()
    accounted = account(events, rules_of(policy_of(folder)))
    return SessionCard(folder.name, project_of(events), accounted.started_us, accounted.worked_us, Stage.KEPT)


def _standing(card: SessionCard, item: OutboxItem | None, unread: int) -> SessionCard:
    if item is None:
        return msgspec.structs.replace(card, stage=Stage.KEPT)
    return msgspec.structs.replace(
        card,
        stage=Stage(item.state),
        send_at_us=item.not_before_us if item.state == Stage.HELD else 0,
        sent_bytes=item.sent_bytes,
        total_bytes=item.total_bytes,
        message=item.last_error,
        unread=unread,
    )
