# SPDX-License-Identifier: Apache-2.0
"""Which catalogue counts: the one that the policy names, or the program's own where it names none; never the other."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from detector_tapes import BROWSER, EDITOR, Windows, policy
from own_catalogue import APP, TITLE, TOOL, digest, naming, own_catalogue
from verifier_both import stand_alone

import detectors
from agent.finishing import finding_record
from detectors import abstain
from detectors.again import Standing, again
from detectors.catalogue.listed import BUILT_IN, Listed, in_force, listed, runners
from detectors.catalogue.match import match, shipped
from detectors.catalogue.sources import CatalogueError, compiled
from fairwitness.catalogues import at_hand
from fairwitness.places import Places
from fairwitness.wiring import desktop_sensors
from session import InputFault
from session.events import Event, Kind
from session.findings import Finding, State
from session.policy import CATALOGUE_BYTES, Policy, default_policy_toml, parse_policy

OWN = own_catalogue()
RULES = policy("forbidden")
NAMED = naming(RULES, digest(OWN))
NOTED = "local_models = 'noted'\n"
ABOUT_TOOLS = {"ai-tool", "paste-chain", "large-paste"}


def day(app: str, title: str = "") -> list[Event]:
    return Windows(keyboard=True).shows(0, app, title).shows(60, EDITOR).until(120).events()


def answers(rules: Policy, events: list[Event], at: Listed | None) -> dict[str, Finding]:
    return {one.detector: one for one in detectors.run(detectors.ALL, rules, events, listed=at)}


@pytest.mark.parametrize(("app", "title"), [(APP, ""), (BROWSER, f"{TITLE} - Google Chrome")])
def test_the_named_one_is_asked_and_named_in_the_finding(app: str, title: str) -> None:
    found = answers(NAMED, day(app, title), listed(OWN))["ai-tool"]
    assert found.state is State.RAISED
    assert found.calibration == f"unmeasured-1 catalogue-{digest(OWN)[:12]}"
    assert answers(RULES, day(app, title), None)["ai-tool"].state is State.CLEAR


def test_what_only_the_programs_own_knows_is_no_tool_under_another() -> None:
    chat = day(BROWSER, "ChatGPT - Google Chrome")
    assert answers(RULES, chat, None)["ai-tool"].state is State.RAISED
    assert answers(NAMED, chat, listed(OWN))["ai-tool"].state is State.CLEAR


@pytest.mark.parametrize("at", [None, listed(own_catalogue(version=2))], ids=["missing", "another"])
@pytest.mark.parametrize("app", [APP, "claude"])
def test_a_missing_one_or_another_leaves_the_questions_about_tools_unevaluated(at: Listed | None, app: str) -> None:
    found = answers(NAMED, day(app), at)
    reasons = {name: one.reason for name, one in found.items() if name in ABOUT_TOOLS}
    assert reasons == dict.fromkeys(ABOUT_TOOLS, abstain.CATALOGUE_MISSING)
    assert all(found[name].calibration.endswith(f"catalogue-{digest(OWN)[:12]}") for name in ABOUT_TOOLS)
    assert not any(one.reason == abstain.CATALOGUE_MISSING for name, one in found.items() if name not in ABOUT_TOOLS)
    here = answers(NAMED, [], listed(OWN))  # an abstention of another cause
    for name in ABOUT_TOOLS:
        assert msgspec.structs.replace(found[name], reason="") == msgspec.structs.replace(here[name], reason="")


def test_one_that_no_policy_names_counts_for_nothing() -> None:
    assert in_force(RULES, listed(OWN)) == in_force(RULES, None)
    assert in_force(RULES, None).ask is match
    assert answers(RULES, day(APP), listed(OWN)) == answers(RULES, day(APP), None)
    assert answers(RULES, [], None)["ai-tool"].calibration == f"unmeasured-1 {BUILT_IN}"


def test_a_reviewer_who_has_the_same_comes_to_the_same_and_without_it_the_answer_is_claimed() -> None:
    events = day(APP)
    found = detectors.run(detectors.ALL, NAMED, events, listed=listed(OWN))
    recorded = [
        *events,
        *(Event(900 + at, Kind.FINDING, finding_record(one, 1, shadow=False)) for at, one in enumerate(found)),
    ]
    for at, standing in ((listed(OWN), Standing.RECOMPUTED), (None, Standing.DIFFERS)):
        told = again(detectors.run(detectors.ALL, NAMED, recorded, listed=at), recorded)
        (one,) = [one for one in told if one.finding.detector == "ai-tool"]
        assert one.standing is (standing if at else Standing.CLAIMED)


# --- what runs models

RUNNER = own_catalogue(kind="local", programs=["modelod", "straße"])


def test_programs_are_those_of_the_catalogue_that_counts() -> None:
    ours = runners(RULES, None, windows=False)
    assert (ours["ollama"], ours["llama-server"]) == ("Ollama", "llama.cpp")
    assert all(name == name.casefold() for name in ours)
    named = naming(RULES, digest(RUNNER))
    assert runners(named, listed(RUNNER), windows=False) == {"modelod": "Modelo Studio", "strasse": "Modelo Studio"}
    assert list(runners(named, listed(RUNNER), windows=True)) == ["modelod.exe", "strasse.exe"]
    assert runners(named, None, windows=False) == runners(named, listed(OWN), windows=False) == {}
    assert runners(RULES, listed(RUNNER), windows=False) == ours


def test_programs_are_looked_for_only_where_the_policy_says_so_and_the_list_is_here() -> None:
    def looks(rules: Policy, at: Listed | None = None) -> bool:
        return "runners" in {sensor.name for sensor in desktop_sensors(rules, at)}

    noted = policy("forbidden", NOTED)
    assert looks(noted)
    assert not looks(RULES)
    assert not looks(policy("forbidden", NOTED, focus="off"))
    assert looks(naming(noted, digest(RUNNER)), listed(RUNNER))
    assert not looks(naming(noted, digest(RUNNER)))
    assert not looks(naming(noted, digest(OWN)), listed(OWN))  # it names no program
    assert "runners" not in {sensor.name for sensor in desktop_sensors(None)}


# --- what is taken


def test_the_programs_own_list_may_be_an_organisations() -> None:
    octets = compiled(shipped())
    assert listed(octets).ask("claude") == match("claude")


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "the file"),
        (b"[" * 100_000, "the file"),
        (b"\xff", "the file"),
        (b'{"version": 1, "browsers": []}', "tools"),
        (own_catalogue(version=0), "version"),
        (own_catalogue(kind="chats"), "tools: Modelo Studio: .*kind"),
        (own_catalogue(more=1), "tools: Modelo Studio: .*more"),
        (own_catalogue(source=None), "tools: Modelo Studio: .*source"),
        (own_catalogue(linux=["Modelo"]), "tools: Modelo Studio: .*linux"),
        (own_catalogue(name=None), "an entry without a name: .*name"),
        (own_catalogue(TOOL), "Modelo Studio: name .* already"),
        (own_catalogue(patterns=["(Model) .*"]), "Modelo Studio: patterns .* captures"),
        (own_catalogue(patterns=[".*"]), "Modelo Studio: patterns .* ordinary"),
        (own_catalogue(exact=None, linux=None), "Modelo Studio: no title and no application"),
        (own_catalogue() + b" " * CATALOGUE_BYTES, f"at most {CATALOGUE_BYTES}"),
    ],
)
def test_what_is_wrong_names_the_entry_and_the_field(octets: bytes, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        listed(octets)


@pytest.mark.parametrize(
    "pattern", ["Model (?:a+)+", "Model (?:a|b)*", "Model.*.*.*", "Model (?:x ){2,}", "M[a-z]+ [a-z]+ [a-z]+"]
)
def test_a_pattern_that_some_titles_make_slow_is_refused(pattern: str) -> None:
    with pytest.raises(CatalogueError, match="slow"):
        listed(own_catalogue(patterns=[pattern]))


@pytest.mark.parametrize(
    "pattern", ["Model .+: .+", r"Model \d+\.\d+\.\d+ .+", "Model [*+{]+", r"Model \(.*\)", "Mod(?:el)?"]
)
def test_a_pattern_that_is_quick_is_taken(pattern: str) -> None:
    listed(own_catalogue(patterns=[pattern]))


# --- where it lies


def test_what_lies_here_counts_only_whole_and_only_where_it_is_named(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert at_hand(NAMED, places) is None
    file = places.organisation / "catalogues" / f"{digest(OWN)}.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(OWN)
    found = at_hand(NAMED, places)
    assert found is not None
    assert found.sha256 == digest(OWN)
    assert at_hand(RULES, places) is None
    file.write_bytes(OWN + b" ")
    assert at_hand(NAMED, places) is None
    file.unlink()
    file.mkdir()
    assert at_hand(NAMED, places) is None
    wrong = own_catalogue(kind="chats")
    (file.parent / f"{digest(wrong)}.json").write_bytes(wrong)
    assert at_hand(naming(RULES, digest(wrong)), places) is None


# --- in a policy


def test_a_policy_names_it_by_its_whole_digest_for_both_verifiers() -> None:
    second = stand_alone()._Policy
    toml = default_policy_toml().replace(b"[ai_tools]\n", b"[ai_tools]\ncatalogue = " + f'"{digest(OWN)}"\n'.encode())
    assert parse_policy(toml).ai_tools.catalogue == digest(OWN)
    assert parse_policy(default_policy_toml()).ai_tools.catalogue is None
    assert second(toml).crash_counts_s == second(default_policy_toml()).crash_counts_s
    for wrong in ('""', f'"{digest(OWN)[:-1]}"', f'"{digest(OWN).upper()}"', f'"{digest(OWN)}\\n"', "1"):
        with pytest.raises(InputFault, match="catalogue"):
            parse_policy(toml.replace(f'"{digest(OWN)}"'.encode(), wrong.encode()))
        with pytest.raises(stand_alone().FormatError):
            second(toml.replace(f'"{digest(OWN)}"'.encode(), wrong.encode()))
