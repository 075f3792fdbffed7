# SPDX-License-Identifier: Apache-2.0
"""The platform's settings file, and whose request it is behind a proxy: each refusal names its field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.config import Limits, ServerConfig
from server.forwarded import TrustedProxies, networks
from server.settings import SETTINGS, Settings, read_settings
from session import InputFault

ROOT = Path(__file__).parents[2]
PROXIES = TrustedProxies(networks(["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.1"]))
FOR, FORWARDED = b"x-forwarded-for", b"forwarded"


def settings_of(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "platform.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_what_may_be_set_is_set_and_the_rest_stays(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "") == Settings()
    told = settings_of(tmp_path, 'trusted_proxies = ["10.0.0.0/8"]\n[limits]\nrequests_most = 900\nhead_s = 30\n')
    assert told.trusted_proxies == ("10.0.0.0/8",)
    assert (told.limits.requests_most, told.limits.head_s, told.limits.body_s) == (900, 30, Limits().body_s)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "platform.toml: is no TOML"),
        ("colour = 1", "platform.toml: colour: there is no such setting"),
        ("limits = 3", "platform.toml: limits: must be a table"),
        ("[limits]\nspeed = 1", "platform.toml: limits.speed: there is no such setting"),
        ("[limits]\ngrant_s = 5", "platform.toml: limits.grant_s: is fixed by the interface"),
        ("[limits]\nhead_s = 0", "platform.toml: limits.head_s: must be a whole number from 1 to 300"),
        ("[limits]\nhead_s = 301", "platform.toml: limits.head_s: must be a whole number"),
        ("[limits]\nhead_s = 1.5", "platform.toml: limits.head_s: must be a whole number"),
        ("[limits]\nhead_s = true", "platform.toml: limits.head_s: must be a whole number"),
        ("[limits]\nrequests_of_one = 501", "platform.toml: limits.requests_of_one: is more than limits.requests_most, 500"),
        (
            "[limits]\nconnections_most = 999",
            "platform.toml: limits.connections_of_one: is more than limits.connections_most",
        ),
        ("trusted_proxies = 3", "platform.toml: trusted_proxies: must be a list"),
        ("trusted_proxies = [3]", "platform.toml: trusted_proxies: must be a list"),
        ('trusted_proxies = ["10.0.0.1/8"]', "platform.toml: trusted_proxies: “10.0.0.1/8” is no network"),
        ('trusted_proxies = ["::/0"]', "platform.toml: trusted_proxies: “::/0” is everybody"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputFault) as refused:
        settings_of(tmp_path, text)
    assert str(refused.value).startswith(said)


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match=r"config: there is no file"):
        read_settings(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff")
    with pytest.raises(InputFault, match=r"odd\.toml: is no TOML"):
        read_settings(tmp_path / "odd.toml")


def test_every_setting_is_a_limit_whose_default_may_be_set_and_stands_in_the_document() -> None:
    document = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    for name, one in SETTINGS.items():
        default = getattr(Limits(), name)
        assert one.least <= default <= one.most, name
        assert f"| `{name}` | {one.meaning} | {one.least} to {one.most} | {default} |" in document, name


def test_a_configuration_holds_no_network_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="trusted_proxies"):
        ServerConfig(folder=tmp_path, trusted_proxies=("example",))


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("198.51.100.1", [(FOR, b"203.0.113.9")], "198.51.100.1"),
        ("not an address", [(FOR, b"203.0.113.9")], "not an address"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [(FOR, b"")], "10.0.0.1"),
        ("10.0.0.1", [(FOR, b"203.0.113.9")], "203.0.113.9"),
        ("::ffff:10.0.0.1", [(FOR, b"203.0.113.9:5123")], "203.0.113.9"),
        ("2001:db8:1::7", [(FOR, b"[2001:db8:2::1]:80")], "2001:db8:2::1"),
        ("192.0.2.1", [(FOR, b"203.0.113.9, 198.51.100.7 , 10.4.4.4")], "198.51.100.7"),
        ("10.0.0.1", [(FOR, b"10.1.1.1, 10.2.2.2")], "10.1.1.1"),
        ("10.0.0.1", [(FOR, b"198.51.100.7, unknown")], "10.0.0.1"),
        ("10.0.0.1", [(FOR, b"198.51.100.7, unknown, 10.9.9.9")], "10.9.9.9"),
        ("10.0.0.1", [(FOR, b"203.0.113.9"), (FOR, b"198.51.100.7")], "198.51.100.7"),
        ("10.0.0.1", [(FORWARDED, b'for="[2001:db8:2::1]:47"; proto=https')], "2001:db8:2::1"),
        ("10.0.0.1", [(FORWARDED, b"For=203.0.113.9, proto=http;by=_x;FOR=198.51.100.7")], "198.51.100.7"),
        ("10.0.0.1", [(FORWARDED, b"for=_hidden")], "10.0.0.1"),
        ("10.0.0.1", [(FORWARDED, b"proto=https")], "10.0.0.1"),
        ("10.0.0.1", [(FOR, b"203.0.113.9"), (FORWARDED, b"for=203.0.113.9")], "203.0.113.9"),
        ("10.0.0.1", [(FOR, b"203.0.113.9"), (FORWARDED, b"for=198.51.100.7")], "10.0.0.1"),
        ("10.0.0.1", [(FOR, b"203.0.113.9, " + b"10.0.0.2, " * 31 + b"10.0.0.3")], "10.0.0.2"),
    ],
)
def test_the_last_address_that_is_no_trusted_proxys_counts(
    peer: str, headers: list[tuple[bytes, bytes]], client: str
) -> None:
    assert PROXIES.client(peer, headers) == client


@given(st.lists(st.tuples(st.sampled_from([FOR, FORWARDED]), st.binary(max_size=60)), max_size=4))
def test_no_header_makes_it_raise_or_name_what_is_no_address(headers: list[tuple[bytes, bytes]]) -> None:
    assert networks([PROXIES.client("10.0.0.1", headers)])


@given(st.binary(max_size=60))
def test_nothing_that_a_client_writes_before_the_proxys_word_is_read(said: bytes) -> None:
    assert PROXIES.client("10.0.0.1", [(FOR, said + b", 198.51.100.7")]) == "198.51.100.7"
