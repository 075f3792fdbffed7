# SPDX-License-Identifier: Apache-2.0
"""Bugs put into parsers on purpose, in memory alone: each is one line that somebody could have written, or left out.

A fuzz target that does not find its bug proves nothing by finding none.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType


@dataclass(frozen=True)
class Bug:
    """In `function` of `module`, `right` becomes `wrong`; `target` must find it."""

    name: str
    target: str
    module: str
    function: str
    right: str
    wrong: str

    def put_in(self, instrumented: Callable[[FunctionType], FunctionType] = lambda function: function) -> None:
        """Changes the function for the rest of this process, wherever it was imported to."""
        module = importlib.import_module(self.module)
        function = getattr(module, self.function)
        assert isinstance(function, FunctionType)
        source = textwrap.dedent(inspect.getsource(function))
        assert source.count(self.right) == 1, f"{self.name}: the line is not there any more"
        made: dict[str, object] = {}
        code = compile(source.replace(self.right, self.wrong), module.__file__ or "", "exec")
        exec(code, module.__dict__, made)  # noqa: S102 - the bug
        changed = made[self.function]
        assert isinstance(changed, FunctionType)
        function.__code__ = instrumented(changed).__code__


FRAMES, NOTE, DSSE = "session.frames", "session.log.note", "session.trust.dsse"
BUGS = (
    Bug("check sum not compared", "frame", FRAMES, "read_frame", "!= _U32.unpack_from(buffer, end)[0]", "< 0"),
    Bug("public part beyond the frame", "frame", FRAMES, "read_frame", "publen > end - public_at", "publen > length"),
    Bug("trailing bytes passed over", "frame", FRAMES, "read_segment", "offset < len(buffer)", "offset + 24 <= len(buffer)"),
    Bug("padding not a multiple", "frame", FRAMES, "_broken_tail", "and padded % rule.pad == 0", ""),
    Bug(
        "a flag that the type forbids",
        "frame",
        FRAMES,
        "_broken_rule",
        "(SEALED, ABSENT) if rule.sealed else",
        "(0, 1, 2) or",
    ),
    Bug(
        "text after a zlib stream",
        "payload",
        FRAMES,
        "_inflate",
        "not stream.eof or stream.unused_data or",
        "not stream.eof or",
    ),
    Bug("a payload beyond its bound", "payload", FRAMES, "payload_text", "if len(raw) > max_bytes:", "if not raw:"),
    Bug("integers without a bound", "payload", FRAMES, "_not_payload", "int(digits) > _GREATEST", "int(digits) < 0"),
    Bug("one level too deep", "payload", FRAMES, "_not_payload", "range(MAX_DEPTH)", "range(MAX_DEPTH + 1)"),
    Bug("JSON in any spelling", "statement", DSSE, "strict_json", "if again != raw:", "if len(again) > len(raw):"),
    Bug("base64 in any spelling", "statement", DSSE, "canonical_base64", "!= text", "== ''"),
    Bug("keys of small order", "statement", "session.crypto.signing", "check_public", "y in _SMALL_ORDER_Y", "y in ()"),
    Bug("one signature line twice", "note", NOTE, "parse_note", "or len(set(lines)) != len(lines)", ""),
    Bug("control characters in a text", "note", NOTE, "check_text", "or _CONTROL.search(text)", "or chr(0) in text"),
    Bug("a time of nought", "note", "session.log.cosign", "_message", "1 <= time_s", "0 <= time_s"),
    Bug(
        "an error of another kind",
        "policy",
        "session.policy",
        "parse_policy",
        "except ValueError as error:",
        "except KeyError as error:",
    ),
    Bug(
        "text that is not UTF-8",
        "message",
        "agent.capture.messages",
        "answer_of",
        "(msgspec.MsgspecError, UnicodeDecodeError)",
        "msgspec.MsgspecError",
    ),
    Bug(
        "a directory that expires before it is issued",
        "directory",
        "session.trust.directory",
        "_consistent",
        "directory.issued_us >= directory.expires_us",
        "False",
    ),
    Bug("a record out of its place", "session", "session.segments", "misplaced", "frame.seq != seq", "frame.seq < 0"),
    Bug(
        "a field of a request twice",
        "request",
        "server.bodies",
        "_once",
        "len(found) != len(pairs)",
        "len(found) > len(pairs)",
    ),
)
