# SPDX-License-Identifier: Apache-2.0
"""Entry: `fairwitness` and `python -m fairwitness`. Exit codes: 0 good, 1 does not verify, 2 usage or surroundings."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Sequence

from fairwitness import frozen
from fairwitness.cli import run
from fairwitness.terminal import plain
from session import EnvironmentFault, IntegrityFault
from session.disk import environment_fault

GOOD, DOES_NOT_VERIFY, SURROUNDINGS = 0, 1, 2


def main() -> None:
    """Runs one command and exits with its code; a fault is told in words, a bug with its trace.

    Nothing that a command writes is open to other accounts.
    """
    os.umask(0o077)
    frozen.entered()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may not know the letters of a window's title
    code = _code(run, sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        code = code or SURROUNDINGS
        _let_go_of_output()
    sys.exit(code)


def _code(command: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    try:
        return command(arguments)
    except SystemExit as leaving:  # the parser's own: help was printed, or usage was told
        return leaving.code if isinstance(leaving.code, int) else SURROUNDINGS
    except EnvironmentFault as fault:
        _tell(_in_their_language(fault))
    except IntegrityFault as fault:
        _tell(f"this does not verify: {fault}")
        return DOES_NOT_VERIFY
    except ModuleNotFoundError as error:
        if not frozen.left_out(error):
            raise
        _tell(frozen.NO_PLATFORM)
    except BrokenPipeError:  # whoever read our output has gone, and wants no words
        _let_go_of_output()
    except OSError as error:
        _tell(_in_their_language(environment_fault(error, "this command")))
    except KeyboardInterrupt:
        pass
    return SURROUNDINGS


def _in_their_language(fault: EnvironmentFault) -> str:
    from ui.strings import Words, language_of  # noqa: PLC0415 - only where something went wrong

    return Words(language_of(os.environ)).fault(str(fault))


def _tell(words: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens
        sys.stderr.write(f"fairwitness: {plain(words)}\n")


def _let_go_of_output() -> None:
    """What is still to be printed goes nowhere; else the interpreter would complain of it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
