# SPDX-License-Identifier: Apache-2.0
"""The policy: what may be observed, how long it is kept, and what is asked.

A policy is a TOML file, strict and versioned; its identity is the SHA-256 of its bytes, which the organisation's
signed directory names. Every field has a line in docs/privacy.md.
"""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from session import InputFault
from session.events import Disclosure, Kind

POLICY_BYTES: Final = 256 * 1024
"""Greatest policy file. Source: docs/session-format.md, Bounds."""

MOST_MARKS: Final = 1000
"""Most dots, `[` or `{` in one line of a policy: tomllib takes the square of a dotted key's parts (6 s for 20,000).

Source: docs/session-format.md, Policy.
"""

Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Application = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Grade = Literal["allowed", "declare", "forbidden"]
"""What a project says of a tool. `declare`: it may be used, and the trainer says so."""
CatalogueDigest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", min_length=64, max_length=64)]
CATALOGUE_BYTES: Final = 1024 * 1024
"""Greatest catalogue of AI tools. Source: docs/session-format.md, Bounds."""
ToolName = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A TOML table in which every key is named and none is unknown."""


class DisclosureRules(_Table, frozen=True):
    """What happens to each kind of record. FOCUS and STATS cannot be withheld from the person's own record."""

    focus: Disclosure
    statistics: Disclosure
    captures: Disclosure
    clipboard: Disclosure
    timing: Disclosure


class Titles(_Table, frozen=True):
    """`application`: window titles never leave the sensor; `full`: they are recorded, sealed."""

    detail: Literal["application", "full"]


class Captures(_Table, frozen=True):
    """Screenshots: one at a random moment of each interval. Names are lower case, compared with application and program."""

    interval_s: Annotated[int, msgspec.Meta(ge=5, le=86400)]
    monitors: Literal["all", "primary"]
    mask: tuple[Application, ...]
    show_only: tuple[Application, ...]


class Idle(_Table, frozen=True):
    """When the trainer is asked what they were doing. Nothing is ever subtracted."""

    ask_after_s: Annotated[int, msgspec.Meta(ge=60, le=86400)]


class Retention(_Table, frozen=True):
    """How long the platform keeps what, in days."""

    captures_days: Days
    statistics_days: Days
    decisions_days: Days


class Sending(_Table, frozen=True):
    """How long a sealed session waits on the trainer's machine before it is sent."""

    hold_s: Annotated[int, msgspec.Meta(ge=0, le=604800)]


class TimeRules(_Table, frozen=True):
    """What counts as work time where nothing was observed."""

    crash_counts_s: Annotated[int, msgspec.Meta(ge=0, le=3600)]
    private_counts: bool


class Findings(_Table, frozen=True):
    """What becomes of findings.

    `shadow`: they are measured and shown to the trainer; they are withheld, so no reviewer can be shown them.
    `rates`: "sums": while they are on trial, the trainer may send how many there were, for sums of ten people or more
    (docs/adr/0020-rates-without-sessions.md); "off": no session under this policy is counted for anybody else.
    """

    shadow: bool
    rates: Literal["off", "sums"] = "off"

    @property
    def counted(self) -> bool:
        """Whether a session under this policy may be counted in a report of rates."""
        return self.shadow and self.rates == "sums"


class AiKinds(_Table, frozen=True):
    """A grade for each kind of tool; None where the `default` holds. Which tool is of which kind: the catalogue."""

    agent: Grade | None = None
    browser: Grade | None = None
    chat: Grade | None = None
    code: Grade | None = None
    homework: Grade | None = None
    local: Grade | None = None
    overlay: Grade | None = None
    research: Grade | None = None
    rewriting: Grade | None = None
    search: Grade | None = None
    translation: Grade | None = None
    writing: Grade | None = None


class AiTools(_Table, frozen=True):
    """What this project says of AI tools.

    `own`: the tools that it is about, by their names in the catalogue. `catalogue`: the SHA-256 of the organisation's own,
    for which the root's signature holds so too; None where the one that the program brings along counts.
    `local_models`: "noted": that a program which runs models on this computer was running is recorded, with FOCUS; "off":
    no process is asked for its name to find out.
    """

    default: Grade
    kinds: AiKinds = AiKinds()
    own: tuple[ToolName, ...] = ()
    catalogue: CatalogueDigest | None = None
    local_models: Literal["off", "noted"] = "off"

    def grade_of(self, kind: str, name: str = "") -> Grade:
        """The grade of a tool of `kind`; allowed where `own` has its `name`, in whatever case.

        A kind that this version does not know has the default.
        """
        if name and name.casefold() in {own.casefold() for own in self.own}:
            return "allowed"
        grade: Grade | None = getattr(self.kinds, kind) if kind in self.kinds.__struct_fields__ else None
        return self.default if grade is None else grade


class Policy(_Table, frozen=True):
    """One version of what an organisation may observe."""

    version: Literal[1]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    legal_basis: Literal["contract", "consent", "agreement"]
    disclosure: DisclosureRules
    titles: Titles
    captures: Captures
    idle: Idle
    retention: Retention
    sending: Sending
    time: TimeRules
    findings: Findings
    ai_tools: AiTools

    @property
    def notes_runners(self) -> bool:
        """Whether programs that run models on this computer are looked for: FOCUS is where they are told."""
        return self.ai_tools.local_models == "noted" and self.disclosure.focus is not Disclosure.OFF

    def disclosure_of(self, kind: Kind) -> Disclosure:
        """What this policy does with records of `kind`; all that is not in `[disclosure]` is sent."""
        rules = {
            Kind.FOCUS: self.disclosure.focus,
            Kind.STATS: self.disclosure.statistics,
            Kind.CAPTURE: self.disclosure.captures,
            Kind.CLIPBOARD: self.disclosure.clipboard,
            Kind.RAW: self.disclosure.timing,
            Kind.FINDING: Disclosure.WITHHELD if self.findings.shadow else Disclosure.SENT,
        }
        return rules.get(kind, Disclosure.SENT)

    @property
    def withheld(self) -> frozenset[Kind]:
        """Types that are committed to and not sent."""
        kinds = (Kind.FOCUS, Kind.STATS, Kind.CAPTURE, Kind.CLIPBOARD, Kind.RAW, Kind.FINDING)
        return frozenset(k for k in kinds if self.disclosure_of(k) is Disclosure.WITHHELD)


def default_policy_toml() -> bytes:
    """The policy that observes little, as shipped."""
    return (files("session") / "policy_default.toml").read_bytes()


def policy_digest(toml: bytes) -> str:
    """Identity of a policy: SHA-256 of its bytes, hexadecimal."""
    return hashlib.sha256(toml).hexdigest()


def parse_policy(toml: bytes) -> Policy:
    """The policy in `toml`.

    Raises:
        InputFault: not UTF-8 TOML, or a field is missing, unknown or out of range; names the field.
    """
    if len(toml) > POLICY_BYTES:
        raise InputFault(f"The policy file has {len(toml)} bytes; at most {POLICY_BYTES} are taken.")
    if any(max(map(line.count, (b".", b"[", b"{"))) > MOST_MARKS for line in toml.split(b"\n")):
        raise InputFault(f"The policy file has a line with more than {MOST_MARKS} dots or opening brackets.")
    try:
        table = tomllib.loads(toml.decode("utf-8"))
        policy = msgspec.convert(table, Policy, strict=True)
    except UnicodeDecodeError as error:
        raise InputFault("The policy file is not UTF-8 text.") from error
    except msgspec.ValidationError as error:
        raise InputFault(f"The policy file has a value that cannot be taken: {error}.") from error
    except RecursionError as error:
        raise InputFault("The policy file is nested too deeply.") from error
    except ValueError as error:
        # tomllib's own error is a ValueError; a number of thousands of digits raises a plain one from int().
        raise InputFault(f"The policy file is not valid TOML: {error}.") from error
    return policy
