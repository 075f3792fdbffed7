# SPDX-License-Identifier: Apache-2.0
"""The strip of screenshots: which ones there is room for, decoding them small, and drawing them where they belong."""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from session import IntegrityFault
from session.ports import SessionReader
from ui.replay.canvas import SMALL, Canvas
from ui.replay.model import ReplayModel, Shot
from ui.replay.scene import Scene

_SHAPE: Final = 16 / 9
_APART: Final = 8.0
_LEAST_HEIGHT: Final = 32.0
_NEAR: Final = 0.01


class Slot(msgspec.Struct, frozen=True):
    """One screenshot's place in the strip; `x` is where its moment lies on the axis."""

    shot: Shot
    left: float
    width: float
    x: float


def slots(scene: Scene) -> tuple[Slot, ...]:
    """As many screenshots as have room side by side: of each equal part of the axis the one nearest its middle."""
    row = scene.layout.row("pictures")
    if row is None or row.height < _LEAST_HEIGHT:
        return ()
    shots = _of_one_monitor(scene.model)
    layout, view = scene.layout, scene.view
    shape = max((shot.shape for shot in shots), default=_SHAPE)
    width = min(round(row.height * shape), layout.plot_width)
    parts = max(1, int((layout.plot_width + _APART) // (width + _APART)))
    part = layout.plot_width / parts
    nearest: dict[int, Shot] = {}
    for shot in shots:
        if view.from_us <= shot.t_us < view.to_us:
            x = view.x_of(shot.t_us, 0.0, layout.plot_width)
            at = min(int(x // part), parts - 1)
            rival = nearest.get(at)
            middle_us = view.t_of((at + 0.5) * part, 0.0, layout.plot_width)
            if rival is None or abs(shot.t_us - middle_us) < abs(rival.t_us - middle_us):
                nearest[at] = shot
    placed = []
    for at, shot in sorted(nearest.items()):
        x = scene.x_of(shot.t_us)
        begin, room = layout.plot_left + at * part, part - (_APART if at < parts - 1 else 0)
        left = min(max(x - width / 2, begin), begin + room - width)
        placed.append(Slot(shot, round(left), width, x))
    return tuple(placed)


def _of_one_monitor(model: ReplayModel) -> list[Shot]:
    """The screenshots that can be shown, of the monitor with the lowest number: two of one moment tell little more."""
    shown = [shot for shot in model.shots if not shot.removed]
    first = min((shot.monitor for shot in shown), default=0)
    return [shot for shot in shown if shot.monitor == first]


def decode(reader: SessionReader, seq: int, height_px: int) -> QImage | str:
    """A screenshot at about `height_px`, or the key of why it is not shown."""
    try:
        encoded = reader.image(seq)
    except IntegrityFault:
        return "picture.damaged"
    if encoded is None:
        return "picture.unreadable"
    buffer = QBuffer()
    buffer.setData(QByteArray(encoded))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    source = QImageReader(buffer)
    size = source.size()
    if size.isValid() and size.height() > height_px:
        source.setScaledSize(QSize(max(1, size.width() * height_px // size.height()), height_px))
    image = source.read()
    return "picture.unreadable" if image.isNull() else image


def draw_pictures(canvas: Canvas, scene: Scene) -> None:
    """Draws the strip: each picture in its frame, tied to its mark; an empty frame where it is not decoded yet."""
    row, marks = scene.layout.row("pictures"), scene.layout.row("shots")
    if row is None or marks is None:
        return
    palette = canvas.palette
    for slot in slots(scene):
        frame = QRectF(slot.left, row.top, slot.width, row.height)
        foot = min(max(slot.x, frame.left() + 1), frame.right() - 1)
        canvas.fill(QRectF(slot.x - 2, marks.top, 4, marks.height), palette.typing)
        canvas.line(slot.x, marks.bottom, foot, row.top, palette.typing, width=1.5)
        canvas.fill(frame.adjusted(-1, -1, 1, 1), palette.track, edge=palette.line)
        picture = scene.pictures.get(slot.shot.seq)
        if isinstance(picture, QImage):
            _draw(canvas, picture, frame)
        elif isinstance(picture, str):
            canvas.text(
                frame.adjusted(6, 0, -6, 0),
                scene.words(picture),
                size_px=SMALL - 1,
                colour=palette.quiet,
                align=Qt.AlignmentFlag.AlignHCenter,
            )


def _draw(canvas: Canvas, picture: QImage, frame: QRectF) -> None:
    """Draws `picture` into `frame`: as it is where it has the right size, which is fast, else scaled to fit."""
    share = min(frame.width() / picture.width(), frame.height() / picture.height())
    if abs(share * canvas.scale - 1) < _NEAR:
        picture.setDevicePixelRatio(canvas.scale)
        canvas.painter.drawImage(frame.topLeft(), picture)
        return
    width, height = picture.width() * share, picture.height() * share
    box = QRectF(frame.center().x() - width / 2, frame.center().y() - height / 2, width, height)
    canvas.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=True)
    canvas.painter.drawImage(box, picture)
    canvas.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
