# SPDX-License-Identifier: Apache-2.0
"""The reviewed files: what is wrong in them is said with file, entry and field, and what ships is made of nothing else."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from detectors.catalogue.match import VERSION, shipped
from detectors.catalogue.schema import Confidence, Kind
from detectors.catalogue.sources import CatalogueError, compiled, read
from session.policy import AiKinds

SOURCES = Path(__file__).resolve().parents[2] / "detectors" / "catalogue"
BROWSERS = 'version = 7\n[[browsers]]\nname = "Chromium"\nlinux = ["chromium"]\nendings = [" - Chromium"]\n'
TOOL = '[[tools]]\nname = "Modelo"\nexact = ["Modelo"]\nsource = "a list"\nconfidence = "low"\n'
CHAT = 'kind = "chat"\n' + TOOL


def folder(tmp_path: Path, *, browsers: str = BROWSERS, chat: str = CHAT) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "browsers.toml").write_text(browsers, encoding="utf-8")
    (tmp_path / "tools" / "chat.toml").write_text(chat, encoding="utf-8")
    (tmp_path / "tools" / "notes.txt").write_text("not part of the list", encoding="utf-8")
    return tmp_path


def refusal(tmp_path: Path, **texts: str) -> str:
    with pytest.raises(CatalogueError) as refused:
        read(folder(tmp_path, **texts))
    return str(refused.value)


def test_what_ships_is_made_of_the_reviewed_files() -> None:
    """After a change: `python bench/catalogue.py --write`."""
    assert (files("detectors.catalogue") / "catalogue.json").read_bytes() == compiled(read(SOURCES))
    assert shipped() == read(SOURCES)
    assert shipped().version == VERSION


def test_the_list_is_long_and_says_for_each_what_it_rests_on() -> None:
    tools = shipped().tools
    assert len(tools) >= 250
    assert {tool.kind for tool in tools} == set(get_args(Kind)) == set(AiKinds.__struct_fields__)
    confidence = Counter(tool.confidence for tool in tools)
    assert set(confidence) == set(get_args(Confidence))
    recalled = [tool for tool in tools if tool.source == "memory"]
    assert {tool.confidence for tool in recalled} == {"low"}


def test_no_file_is_longer_than_a_person_reads() -> None:
    for file in (SOURCES / "tools").iterdir():
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 500, file.name


def test_a_folder_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    where = folder(tmp_path)
    (where / "tools" / "agent.toml").write_text(CHAT.replace("chat", "agent").replace("Modelo", "Agente"), encoding="utf-8")
    catalogue = read(where)
    assert catalogue.version == 7
    assert [(tool.name, tool.kind) for tool in catalogue.tools] == [("Agente", "agent"), ("Modelo", "chat")]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('colour = "red"', "colour"),
        ('linux = ["Modelo"]', "linux"),
        ('linux = "modelo"', "linux"),
        ('ends = [" Modelo"]', "ends"),
        ('patterns = [""]', "patterns"),
        ('ports = [{ port = 0, process = "modelo" }]', "port"),
        ('ports = [{ port = 65536, process = "modelo" }]', "port"),
        ("ports = [{ port = 80 }]", "process"),
        ("part = 1", "part"),
    ],
)
def test_a_wrong_field_is_named_with_its_entry(tmp_path: Path, more: str, said: str) -> None:
    told = refusal(tmp_path, chat=CHAT + more)
    assert told.startswith("chat.toml: Modelo: ")
    assert said in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "chat"', 'kind = "chats"', "chat.toml: Invalid enum value 'chats'"),
        ('"low"', '"sure"', "confidence"),
        ('source = "a list"\n', "", "chat.toml: Modelo: Object missing required field `source`"),
        ('name = "Modelo"\n', "", "chat.toml: an entry without a name: "),
        ("[[tools]]", "[[tools", "chat.toml: "),
    ],
)
def test_a_wrong_word_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in CHAT
    assert said in refusal(tmp_path, chat=CHAT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 7", 'version = "7"', "browsers.toml: "),
        ("version = 7", "version = 0", "browsers.toml: "),
        ('endings = [" - Chromium"]\n', "", "browsers.toml: Chromium: "),
        ('[" - Chromium"]', '[".*"]', "Chromium: endings '.*' is met by an ordinary title"),
        ('["chromium"]', '["chromium", "chromium"]', "Chromium: an application 'chromium' is said by Chromium already"),
    ],
)
def test_a_wrong_browser_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(tmp_path, browsers=BROWSERS.replace(old, new))


OTHER = TOOL.replace("Modelo", "Altro")
LOCAL = 'kind = "local"\n' + TOOL + 'programs = ["modelod"]\n'


def test_what_runs_models_need_have_no_window(tmp_path: Path) -> None:
    catalogue = read(folder(tmp_path, chat=LOCAL.replace('exact = ["Modelo"]\n', "")))
    assert [tool.programs for tool in catalogue.tools] == [("modelod",)]


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        (CHAT + TOOL.replace("Modelo", "MODELO"), "MODELO: name 'modelo' is said by Modelo already"),
        (CHAT + 'linux = ["own"]\n' + OTHER + 'mac = ["own"]', "Altro: an application 'own' is said by Modelo already"),
        (CHAT + OTHER.replace('["Altro"]', '["Modelo"]'), "Altro: exact 'Modelo' is said by Modelo already"),
        (
            CHAT + 'ends = ["M"]'.replace("M", "Mo") + "\n" + OTHER + 'ends = ["| Mo"]',
            "Altro: ends ' | Mo' is said by Modelo already",
        ),
        (CHAT.replace('exact = ["Modelo"]\n', ""), "Modelo: no title and no application"),
        (CHAT + 'linux = ["chromium"]', "Modelo: part: a browser shows other pages too"),
        (CHAT + 'patterns = ["(a|b) Modelo"]', "Modelo: patterns '(a|b) Modelo' captures"),
        (CHAT + 'patterns = ["(Modelo"]', "Modelo: patterns '(Modelo' does not compile"),
        (CHAT + 'patterns = [".+ - .+"]', "Modelo: patterns '.+ - .+' is met by an ordinary title"),
        (CHAT + 'programs = ["modelo"]', "Modelo: programs: only what runs models on this computer"),
        (LOCAL.replace("modelod", "python3.12"), "Modelo: programs: 'python3.12' runs other things too"),
        (LOCAL.replace("modelod", "node"), "Modelo: programs: 'node' runs other things too"),
        (LOCAL.replace("modelod", "chromium"), "Modelo: programs: 'chromium' runs other things too"),
        (LOCAL.replace("modelod", "modelo.exe"), "Modelo: programs: 'modelo.exe': leave \".exe\" out"),
        (LOCAL + OTHER + 'programs = ["modelod"]', "Altro: a program 'modelod' is said by Modelo already"),
        (CHAT + "ambiguous = true", "Modelo: lookalikes: its name is a word too"),
        (
            CHAT + 'ambiguous = true\nlookalikes = ["Modelo 730"]',
            "Modelo: exact, ends: its name is a word too, and the entry rests",
        ),
        (CHAT + 'lookalikes = ["Altro"]\n' + OTHER, "Modelo: lookalikes: 'Altro' is taken for Altro"),
    ],
)
def test_what_could_ask_an_honest_person_is_refused(tmp_path: Path, chat: str, said: str) -> None:
    assert said in refusal(tmp_path, chat=chat)


def test_a_word_alone_is_taken_where_the_entry_rests_on_more(tmp_path: Path) -> None:
    chat = (
        CHAT.replace('"low"', '"medium"')
        + 'ambiguous = true\nlookalikes = ["Modelo 730"]\npart = true\nlinux = ["chromium"]'
    )
    assert read(folder(tmp_path, chat=chat)).tools[0].ambiguous


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (folder(tmp_path) / "browsers.toml").unlink()
    with pytest.raises(CatalogueError, match=r"browsers\.toml"):
        read(tmp_path)
