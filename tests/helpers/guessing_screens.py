# SPDX-License-Identifier: Apache-2.0
"""What a screen shows while somebody works: pages of drawn text that look unlike each other, as real ones do.

A page that is typed into grows by a line for every sixty keys, and shows the line that is being typed.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np
from guessing_people import Life
from PIL import Image, ImageDraw, ImageFont

from agent.capture.tiles import Frame

WIDTH_PX, HEIGHT_PX = 1280, 800
LINE_PX = 20
KEYS_A_LINE = 60
WORDS = tuple(
    word
    for line in (
        "the ice of the glacier lay over the valley and moved with it as slowly as the hour hand of a clock nobody winds",
        "while water ran below under stones and rose at the snout into a river which carried grey flour of rock to the sea",
    )
    for word in line.split()
)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(15)


@cache
def _lines(ink: int, paper: int, wide_px: int) -> tuple[np.ndarray, ...]:
    """A stock of lines of text as pixels, drawn once."""
    chance = random.Random(ink * 31 + paper)  # noqa: S311 - made-up text
    drawn = []
    for _ in range(60):
        words = " ".join(chance.choices(WORDS, k=wide_px // 45))
        image = Image.new("L", (wide_px, LINE_PX), paper)
        ImageDraw.Draw(image).text((0, 1), words, fill=ink, font=_font())
        drawn.append(np.asarray(image))
    return tuple(drawn)


@cache
def _photograph() -> np.ndarray:
    """Smooth light with grain, as of a landscape."""
    grains = np.random.default_rng(5)
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    light = 120 + 60 * np.sin(columns / 170) + 40 * np.cos(rows / 90 + columns / 300)
    return np.clip(light + grains.normal(0, 7, light.shape), 0, 255).astype(np.uint8)


def _page(page: int, lines: int, first: int) -> np.ndarray:
    """Grey values of one page that shows `lines` lines of text from the `first` one on."""
    papers = ((247, 40), (255, 0), (250, 30), (235, 20), (24, 210), (255, 50))
    paper, ink = papers[page]
    canvas = np.full((HEIGHT_PX, WIDTH_PX), paper, dtype=np.uint8)
    canvas[:40] = 70 + 10 * page
    left, wide = ((340, 620), (200, 860), (40, 1180), (260, 760), (10, 1240), (60, 420))[page]
    if page == 5:
        canvas[60:760, 520:1240] = _photograph()[60:760, 520:1240]
    stock = _lines(ink, paper, wide)
    for row in range(min(lines, (HEIGHT_PX - 80) // LINE_PX)):
        top = 60 + row * LINE_PX
        canvas[top : top + LINE_PX, left : left + wide] = stock[(first + row * 7) % len(stock)]
    return canvas


def screen_at(life: Life, at_us: int) -> Frame:
    """The picture that the camera would take: `(height, width)` of u32, BGRX."""
    page = life.page_at(at_us)
    typed = life.typed_by(at_us)
    grows = page in (0, 1, 4)
    lines = 4 + typed // KEYS_A_LINE % 32 if grows else (36, 36, 36, 30, 36, 18)[page]
    canvas = _page(page, lines, page * 11 + (0 if grows else at_us // 60_000_000))
    if grows:
        top = 60 + min(lines, 34) * LINE_PX
        canvas[top : top + LINE_PX - 4, 360 : 360 + 10 * (typed % KEYS_A_LINE)] ^= 0x5F
    grey = canvas.astype(np.uint32)
    frame: Frame = grey | grey << 8 | grey << 16
    return frame
