# SPDX-License-Identifier: Apache-2.0
"""Links that nobody used yet: to be copied again, or taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from session.offices import Invited
from session.trust.directory import Directory
from ui.admin.changes import project_names
from ui.ends import moment_words
from ui.strings import Words
from ui.widgets import button, card, label, line, row


class InvitedCard(QWidget):
    """See the module.

    Args:
        directory: in force, for the names of projects.
        invited: at least one.
        copy: called with what is to be copied again.
        withdraw: called with what is to be taken back.
        zone: None for this computer's.
    """

    def __init__(  # noqa: PLR0913 - the links, and the two things to do with one
        self,
        words: Words,
        directory: Directory,
        invited: Sequence[Invited],
        *,
        copy: Callable[[Invited], object],
        withdraw: Callable[[Invited], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        frame, column = card()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(frame)
        column.addWidget(label(words("invited.title"), "heading"))
        column.addWidget(label(words("invited.why"), "quiet"))
        for one in invited:
            column.addWidget(line())
            roles = ", ".join(words(f"role.{role}") for role in one.roles)
            projects = ", ".join(project_names(directory, one.projects)) or words("people.no.project")
            told = {"name": one.name, "person": one.person, "roles": roles, "projects": projects}
            column.addWidget(label(words("people.newcomer", **told)))
            column.addWidget(label(words("invited.until", until=moment_words(one.expires_us, words, zone)), "quiet"))
            if not one.link:
                column.addWidget(label(words("invited.elsewhere"), "quiet"))
            buttons = []
            if one.link:
                named = words("invited.copy.name", name=one.name)
                buttons.append(button(words("invited.copy"), partial(copy, one), name=named))
            named = words("invited.withdraw.name", name=one.name)
            buttons.append(button(words("invited.withdraw"), partial(withdraw, one), name=named))
            column.addLayout(row(*buttons, None))
