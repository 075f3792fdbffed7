# SPDX-License-Identifier: Apache-2.0
"""A replay as a picture in a file, with or without a display."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

import msgspec
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter

from session import EnvironmentFault
from session.policy import Policy
from session.ports import SessionReader
from session.verify.result import Verification
from ui.replay.canvas import Type
from ui.replay.model import ReplayModel
from ui.replay.painter import ReplayPainter, layout_of
from ui.replay.pictures import decode, slots
from ui.replay.scene import Scene
from ui.replay.standing import Standing
from ui.replay.view import View, zone_named
from ui.strings import Words
from ui.style import DARK, LIGHT


class Appearance(msgspec.Struct, frozen=True):
    """How a picture is to look.

    Args:
        size: logical pixels, width and height. scale: device pixels for each of them, above 0.
        dark: which palette. zone: of the axis; None: the one that the record names, UTC where it names none.
    """

    size: tuple[int, int] = (1600, 900)
    scale: float = 1.0
    dark: bool = False
    zone: tzinfo | None = None
    language: str = "en"


def render_png(  # noqa: PLR0913 - a session, where to, and the four choices that callers make
    reader: SessionReader,
    verification: Verification | None,
    path: Path,
    *,
    size: tuple[int, int] = (1600, 900),
    scale: float = 1.0,
    dark: bool = False,
    policy: Policy | None = None,
    zone: tzinfo | None = None,
    opened: Collection[int] = (),
) -> None:
    """Writes the whole session as a PNG of `size` logical pixels times `scale`.

    Works without a display, and inside a program that has a QGuiApplication as well as in one that has none.

    Args:
        reader: the session, as far as its keys open it.
        verification: what the verifier said, None where nobody asked it.
        path: of the file; one that is there is replaced.
        size: width and height in logical pixels.
        scale: device pixels for each logical one, above 0.
        dark: which palette.
        policy: whose rules say what time counts; the default policy's where it is None.
        zone: of the axis; None: the one that the record names, UTC where it names none.
        opened: seqs of withheld records that the trainer opened.

    Raises:
        EnvironmentFault: no font is installed, or the file cannot be written.
    """
    look = Appearance(size=size, scale=scale, dark=dark, zone=zone)
    own = None if QGuiApplication.instance() is not None else QGuiApplication(arguments())
    try:
        words = Words(look.language)
        if not Type().writes(words("standing.verified")):
            raise EnvironmentFault(words("font.missing"))
        image = draw(reader, ReplayModel.from_reader(reader, policy, opened), Standing.of(verification, words), look)
        writer = QImageWriter(str(path), QByteArray(b"png"))
        if not writer.write(image):
            raise EnvironmentFault(words("picture.unwritten"))
    finally:
        if own is not None:
            own.shutdown()


def draw(reader: SessionReader, model: ReplayModel, standing: Standing, look: Appearance) -> QImage:
    """The whole session on one image. Needs a QGuiApplication and a font."""
    image = QImage(QSize(round(look.size[0] * look.scale), round(look.size[1] * look.scale)), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(look.scale)
    scene = Scene(
        model=model,
        standing=standing,
        layout=layout_of(model, *look.size),
        view=View(model.start_us, model.end_us),
        zone=look.zone or zone_named(model.zone),
        words=Words(look.language),
        pictures={},
    )
    row = scene.layout.row("pictures")
    height_px = round(row.height * look.scale) if row is not None else 0
    pictures = {slot.shot.seq: decode(reader, slot.shot.seq, height_px) for slot in slots(scene)}
    painter = QPainter(image)
    ReplayPainter(DARK if look.dark else LIGHT).paint(painter, replace(scene, pictures=pictures))
    painter.end()
    return image


def arguments() -> list[str]:
    """Arguments for a QGuiApplication that only draws into memory.

    On Linux always without a display: with one that is named but does not answer, or without the libraries that the xcb
    platform needs, Qt ends the process.
    """
    return ["fairwitness", "-platform", "offscreen"] if sys.platform == "linux" else ["fairwitness"]
