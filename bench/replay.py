# SPDX-License-Identifier: Apache-2.0
"""`./run python bench/replay.py [--json]`: CPU of painting an 8-hour session, 1600 by 900, without a display.

Bars: first paint, model and all, 200 ms; a frame of panning 5 ms. Exit 1 beyond 1.5 times a bar.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from PySide6.QtGui import QPixmap  # noqa: E402 - after the platform is chosen
from PySide6.QtWidgets import QApplication  # noqa: E402 - as above
from replay_canvas import RULES  # noqa: E402 - as above
from replay_desks import long_day, verification  # noqa: E402 - as above

from ui.replay.model import ReplayModel  # noqa: E402 - as above
from ui.replay.timeline import Timeline  # noqa: E402 - as above
from ui.replay.view import View  # noqa: E402 - as above
from ui.strings import Words  # noqa: E402 - as above
from ui.style import LIGHT  # noqa: E402 - as above

FIRST_MS, PAN_MS, SLACK = 200.0, 5.0, 1.5
FRAMES = 60


def main() -> int:
    """Prints the figures; 1 where one is beyond its bar and slack."""
    app = QApplication(["bench"])
    desk = long_day(pictures=False)
    began = time.process_time()
    reader = desk.reader()
    model = ReplayModel.from_events(reader.session_id, reader.events(), RULES)
    widget = Timeline(reader, model, verification(), LIGHT, words=Words())
    widget.resize(1600, 900)
    picture = QPixmap(widget.size())
    widget.render(picture)
    first_ms = (time.process_time() - began) * 1000
    whole = View(model.start_us, model.end_us)
    widget.show_view(whole.zoomed(0.25, (model.start_us + model.end_us) // 2, whole))
    frames = []
    for number in range(FRAMES):
        began = time.process_time()
        step_us = widget.view.span_us // 100
        widget.show_view(widget.view.panned(step_us if number < FRAMES // 2 else -step_us, whole))
        widget.render(picture)
        frames.append((time.process_time() - began) * 1000)
    told = {"first_paint_ms": round(first_ms, 1), "pan_median_ms": round(statistics.median(frames), 2)}
    print(json.dumps(told) if "--json" in sys.argv[1:] else told)
    app.quit()
    return int(first_ms > FIRST_MS * SLACK or statistics.median(frames) > PAN_MS * SLACK)


if __name__ == "__main__":
    sys.exit(main())
