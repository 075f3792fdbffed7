# SPDX-License-Identifier: Apache-2.0
"""What the administrator of this computer has settled for everybody on it, in one file that only administrators write.

Rules:

1. Without the file, and with an empty one, nothing is settled.
2. A file that cannot be read, or says what this version does not know, permits no enrolment: a lock that broke stays locked.
3. It settles who may be joined, and nothing else: what is observed stands in the organisation's signed policy alone.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec

from session import EnvironmentFault, InputFault
from session.crypto.signing import six_words
from uploader.enrol import EnrolmentLink

NAME: Final = "managed.toml"
_FAULT: Final = (
    "The settings that your administrator made for this computer cannot be used ({path}: {reason}). Please tell them."
)


class Managed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is settled.

    Args:
        organisation: fingerprint of the only organisation that this computer may join, "" for any.
    """

    organisation: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""


def place(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the file lies on this system. No variable of the person's moves it on Linux and macOS."""
    if system == "win32":
        return Path(environment.get("PROGRAMDATA", r"C:\ProgramData")) / "fairwitness" / NAME
    if system == "darwin":
        return Path("/Library/Application Support/fairwitness") / NAME
    return Path("/etc/fairwitness") / NAME


def managed(path: Path) -> Managed:
    """What the file settles.

    Raises:
        EnvironmentFault: it is there and cannot be used; names the field.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Managed)
    except FileNotFoundError:
        return Managed()
    except OSError as error:
        raise EnvironmentFault(_FAULT.format(path=path, reason=error.strerror or type(error).__name__)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise EnvironmentFault(_FAULT.format(path=path, reason=error)) from error


def permitted(link: EnrolmentLink, path: Path | None = None) -> EnrolmentLink:
    """The link again, where this computer may follow it. `path` None: the system's own file.

    Raises:
        InputFault: it leads to another organisation than the one that is settled.
        EnvironmentFault: as `managed`.
    """
    settled = managed(place() if path is None else path).organisation
    if settled and settled != link.organisation:
        raise InputFault(
            "Your administrator settled which organisation this computer may join. "
            f"Its six words are: {' '.join(six_words(settled))}. This link leads to another one."
        )
    return link
