# SPDX-License-Identifier: Apache-2.0
"""A member's key and devices: how each stands, first, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from session.offices import MemberDevice
from session.trust.directory import Directory, Person
from ui.admin.meaning import key_words
from ui.ends import day_words, moment_words
from ui.strings import Words
from ui.widgets import button, card, label, line, row

Revoke = Callable[[MemberDevice | None], object]


class KeysCard(QWidget):
    """See the module.

    Args:
        directory: in force.
        person: whose.
        devices: of everybody.
        revoke: called with one device, or with None for every key of the person.
        remove: called when the person is to be removed.
        zone: None for this computer's.
    """

    def __init__(  # noqa: PLR0913 - a member, and the two things to do about one
        self,
        words: Words,
        directory: Directory,
        person: Person,
        devices: Sequence[MemberDevice],
        *,
        revoke: Revoke,
        remove: Callable[[], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._words, self._person, self._zone, self._revoke = words, person, zone, revoke
        revoked_us = directory.revoked_us(person.person_key)
        frame, self._column = card()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(frame)
        self._column.addWidget(label(words("keys.of", name=person.name), "heading"))
        if revoked_us is None:
            self._column.addWidget(label(words("keys.person.holds"), "good"))
        else:
            since = moment_words(revoked_us, words, zone)
            self._column.addWidget(label(words("keys.person.revoked", since=since, name=person.name), "problem"))
        own = [one for one in devices if one.person == person.id]
        for one in own:
            self._column.addWidget(line())
            self._device(one)
        self._column.addWidget(line())
        self._column.addWidget(label(words("keys.devices.why" if own else "keys.devices.none"), "quiet"))
        self._key = label(key_words(person))
        self._key.hide()
        self._column.addLayout(row(button(words("keys.own"), self._key.show, "link"), None))
        self._column.addWidget(self._key)
        every = button(words("keys.revoke.all" if revoked_us is None else "keys.earlier.all"), partial(revoke, None))
        self._column.addLayout(row(every, button(words("keys.remove", name=person.name), remove), None))

    def _device(self, one: MemberDevice) -> None:
        words, zone = self._words, self._zone
        if one.revoked_us is None:
            state = label(words("keys.holds", since=day_words(one.certified_us, words, zone)), "good")
        else:
            state = label(words("keys.revoked", since=moment_words(one.revoked_us, words, zone)), "problem")
        seen = moment_words(one.cosigned_us, words, zone) if one.cosigned_us else ""
        self._column.addWidget(label(one.device))
        self._column.addWidget(state)
        told = words("keys.seen", when=seen) if seen else words("keys.seen.never")
        self._column.addWidget(label(told, "quiet"))
        self._column.addWidget(label(words("keys.words", words=" ".join(one.words)), "quiet"))
        key = "keys.revoke" if one.revoked_us is None else "keys.earlier"
        named = words(f"{key}.name", device=one.device, name=self._person.name)
        self._column.addLayout(row(button(words(key), partial(self._revoke, one), name=named), None))
