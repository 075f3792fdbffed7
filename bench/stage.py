# SPDX-License-Identifier: Apache-2.0
"""What a program that types finds when it is run by bench/programs.py: a clock that is only told, and a keyboard that notes.

Rules:

1. The program's own code runs as it was published. Only what it calls is replaced: the clock, the keyboard, a page.
2. Sleeping takes no time, and is the only thing that does: what a program computes takes none.
3. What is noted of a keystroke is its time and its class, as a desktop's sensor would.
4. A session ends as soon as it holds enough typing (`Enough` leaves the program wherever it is), or takes too long.

`set_up` changes the interpreter that it runs in, so each program has a process to itself.
"""

from __future__ import annotations

import asyncio
import enum
import importlib
import sys
import time
from collections.abc import Coroutine, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, Self
from unittest.mock import AsyncMock, MagicMock

from session.events import TICK_US, KeyClass

NOT_THERE: Final = frozenset({
    *("tkinter", "selenium", "playwright", "patchright", "loguru", "scipy", "humancursor", "mouse", "pyperclip"),
    *("keyboard_helper", "fake_useragent", "websocket", "websockets", "cv2", "pytesseract", "easyocr"),
})  # fmt: skip
"""Packages that programs import and that do not type, or that a page or an element below stands for."""

BEGIN_S: Final = 1_790_000_000.0
_TICK_S: Final = TICK_US / 1_000_000
_NAVIGATION: Final = ("left", "right", "up", "down", "home", "end", "pageup", "pagedown")
_MODIFIERS: Final = ("shift", "ctrl", "control", "alt", "cmd", "meta", "\ue008", "shift_l", "shift_r")
_CLASSES: Final = {
    **dict.fromkeys((" ", "space"), KeyClass.SPACE),
    **dict.fromkeys(("backspace", "delete", "\b", "\ue003", "\ue017"), KeyClass.DELETE),
    **dict.fromkeys(("enter", "return", "\n", "\r", "\ue007"), KeyClass.ENTER),
    **dict.fromkeys((*_NAVIGATION, "tab", "\t"), KeyClass.NAVIGATION),
    **dict.fromkeys(_MODIFIERS, KeyClass.MODIFIER),
}
_TEXT: Final = (KeyClass.TEXT, KeyClass.SPACE)


class Enough(BaseException):
    """The session is as long as was asked for. Not an Exception, so that no program takes it for one of its own."""


def class_of(name: str) -> KeyClass:
    """The class of a key by the name that a program gives it: its character, or a word for it."""
    known = _CLASSES.get(name if len(name) == 1 else name.lower())
    if known is not None:
        return known
    return KeyClass.TEXT if len(name) == 1 else KeyClass.OTHER


class Stage:
    """The clock and the keyboard of one program.

    Args:
        ticks: how many times 5 s with typing in them make a session.
        longest_s: what a session takes at most.
    """

    def __init__(self, ticks: int, longest_s: float) -> None:
        self._ticks = ticks
        self._longest_s = longest_s
        self.now_s = BEGIN_S
        self.begin()

    def begin(self) -> None:
        """Another session: nothing was typed yet."""
        self._begun_s = self.now_s
        self._typed: set[int] = set()
        self.press_ms: list[int] = []
        self.key_class: list[int] = []

    def time(self) -> float:
        """Now, in s."""
        return self.now_s

    def sleep(self, seconds: float = 0.0) -> None:
        """Passes so much time at once."""
        self.now_s += max(float(seconds), 0.0)
        if self.now_s - self._begun_s > self._longest_s:
            raise Enough

    def press(self, name: str) -> None:
        """A key went down."""
        passed_s = self.now_s - self._begun_s
        key_class = class_of(str(name))
        if key_class in _TEXT:
            self._typed.add(int(passed_s / _TICK_S))
            if len(self._typed) > self._ticks:
                raise Enough
        self.press_ms.append(round(passed_s * 1000))
        self.key_class.append(int(key_class))

    def release(self, name: str) -> None:
        """A key came up: nothing is noted of that."""

    def write(self, text: str, delay: float = 0.0, **_: object) -> None:
        """Presses the keys of some text, one after the other."""
        for char in text:
            self.press(char)
            self.sleep(delay)

    def send(self, hotkey: str, *_: object) -> None:
        """Presses the last key of a combination."""
        self.press(hotkey.rsplit("+", 1)[-1] or "+")


class Done:
    """What a verb of a page gives: it is done already, whether it is awaited or not."""

    def __await__(self) -> Any:  # noqa: ANN401 - as awaiting is typed
        return iter(())


class Page:
    """A page in a browser that a program drives, or an element in it: what is typed is pressed, all else is done at once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.mouse = AsyncMock()
        self.viewport_size = {"width": 1280, "height": 720}

    @property
    def keyboard(self) -> Self:
        """The page's own keyboard."""
        return self

    def down(self, key: str) -> Done:
        """Presses a key."""
        self._stage.press(key)
        return Done()

    def up(self, key: str) -> Done:
        """Lets a key go."""
        self._stage.release(key)
        return Done()

    def press(self, key: str, delay: float = 0.0) -> Done:
        """Presses a key for `delay` ms."""
        self._stage.press(key)
        self._stage.sleep(delay / 1000)
        return Done()

    def type(self, text: str, delay: float = 0.0) -> Done:
        """Presses the keys of some text, each for `delay` ms."""
        for char in text:
            self.press(char, delay)
        return Done()

    def insert_text(self, _: str) -> Done:
        """Puts text in without a key: nobody sees that."""
        return Done()

    def send_keys(self, *texts: str) -> None:
        """Presses the keys of some text at once."""
        for text in texts:
            self.type(text)

    def bounding_box(self, **_: object) -> Any:  # noqa: ANN401 - awaited or not
        """Where the element is."""
        return AsyncMock(return_value={"x": 10.0, "y": 10.0, "width": 300.0, "height": 40.0})()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a page has
        """Clicks, fills and looks for: done."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: Done()


def finish(work: Coroutine[Any, Any, object]) -> None:
    """Runs a program's coroutine; nothing in it waits."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("a program waited for something that is not here")


class _Empty(ModuleType):
    """A module in which everything is there and does nothing."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for anything
        if name.startswith("__"):
            raise AttributeError(name)
        made = MagicMock(name=name)
        setattr(self, name, made)
        return made


class _Empties(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:  # noqa: ANN401, ARG002
        top = fullname.partition(".")[0]
        return ModuleSpec(fullname, self, is_package=True) if top in NOT_THERE else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def set_up(stage: Stage, site: str) -> None:
    """Puts the stage under every program that is imported from now on, from the folder `site` or from here."""

    async def asleep(delay: float, result: object = None) -> object:
        stage.sleep(delay)
        return result

    asyncio.sleep = asleep  # type: ignore[assignment]
    time.sleep = stage.sleep
    time.time = time.monotonic = time.perf_counter = stage.time
    sys.meta_path.insert(0, _Empties())
    sys.path.insert(0, site)
    keyboard = _Empty("keyboard")
    for name, verb in (
        *(("press", stage.press), ("release", stage.release), ("write", stage.write), ("send", stage.send)),
        *(("press_and_release", stage.send), ("is_pressed", lambda _: False)),
    ):
        setattr(keyboard, name, verb)
    sys.modules["keyboard"] = keyboard
    _selenium(stage)
    importlib.import_module("patchright.async_api").expect = lambda *_: AsyncMock()  # type: ignore[attr-defined]
    importlib.import_module("keyboard_helper").Keyboard = _Layout  # type: ignore[attr-defined]


def _selenium(stage: Stage) -> None:
    class Keys:
        BACKSPACE = BACK_SPACE = "\ue003"

    class ActionChains:
        """Acts at once; a browser acts later, in the same order and with the same pauses."""

        def __init__(self, driver: object, duration: int = 250) -> None:
            del driver, duration

        def pause(self, seconds: float) -> None:
            stage.sleep(seconds)

        def key_down(self, value: str) -> None:
            stage.press(value)

        def key_up(self, value: str) -> None:
            stage.release(value)

        def perform(self) -> None:
            pass

    importlib.import_module("selenium.webdriver.common.keys").Keys = Keys  # type: ignore[attr-defined]
    importlib.import_module("selenium.webdriver.common.action_chains").ActionChains = ActionChains  # type: ignore[attr-defined]


class _Layout:
    """Neighbours of keys, for programs that choose a wrong letter by them: which one it is changes no time."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        self.data = {char: (row, column) for row, chars in enumerate(rows) for column, char in enumerate(chars)}

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of characters
        return iter(self.data)

    @classmethod
    def from_grid(cls, grid: str) -> Self:
        return cls([line.split() for line in grid.strip().splitlines()])

    def char_distance(self, one: str, other: str) -> float:
        (row, column), (there, where) = self.data[one], self.data[other]
        return abs(row - there) + abs(column - where)


def pyautogui_on(stage: Stage) -> Any:  # noqa: ANN401 - the module, which has no types
    """The real pyautogui, over a display that is not there."""
    display = _Empty("pyautogui._pyautogui_x11")
    display._keyDown, display._keyUp = stage.press, stage.release  # type: ignore[attr-defined] # noqa: SLF001
    display._position = lambda: (500, 500)  # type: ignore[attr-defined] # noqa: SLF001 - away from the corner that stops it
    display._size = lambda: (1920, 1080)  # type: ignore[attr-defined] # noqa: SLF001
    sys.modules[display.__name__] = display
    return importlib.import_module("pyautogui")


def pynput_on(stage: Stage) -> Any:  # noqa: ANN401 - the module, which has no types
    """The real keyboard of pynput, over a back end that hands on what it is to send. Wants PYNPUT_BACKEND=dummy."""
    keyboard = importlib.import_module("pynput.keyboard")
    if isinstance(keyboard.Listener, MagicMock):  # programs hold what they imported at first
        return keyboard
    names = list(keyboard._base.Key.__members__)  # noqa: SLF001 - the dummy's keys are all one and the same
    codes = {name: keyboard.KeyCode.from_vk(1000 + number) for number, name in enumerate(names)}
    keys = enum.Enum("Key", codes)  # type: ignore[misc] # the names are pynput's
    by_code = {1000 + number: name for number, name in enumerate(names)}

    def handle(_: object, code: Any, is_press: bool) -> None:  # noqa: ANN401, FBT001 - as pynput calls it
        name = code.char if code.char is not None else by_code.get(code.vk, "")
        (stage.press if is_press else stage.release)(name)

    keyboard.Key = keyboard.Controller._Key = keys  # noqa: SLF001 - as above
    keyboard.Controller._handle = handle  # noqa: SLF001 - the edge that each system has of its own
    keyboard.Listener = MagicMock()
    return keyboard
