# SPDX-License-Identifier: Apache-2.0
"""A real GNOME Keyring on a bus of the test's own, that can be locked, stopped and started again.

with keyring_daemon(tmp_path) as daemon: ...; daemon.lock(); daemon.stop(); daemon.start()
Inside, DBUS_SESSION_BUS_ADDRESS of this process leads to it. No window can open: a locked keyring stays locked.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import secretstorage
from desk_server import ended, until
from secretstorage.exceptions import SecretStorageException
from secretstorage.util import DBusAddressWrapper, format_secret, open_session

PASSWORD = b"of the test"
_INSIDE = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
_CONFIG = """<busconfig><type>session</type><listen>unix:dir={folder}</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
"""A bus that starts no service by itself, so that what is stopped stays away."""


class Daemon:
    """The keyring's process, and the folder that its file lies in."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it with its default collection open."""
        (self._folder / "run").mkdir(mode=0o700, exist_ok=True)
        self._process = subprocess.Popen(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
            env={**os.environ, **self._environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(PASSWORD)
        self._process.stdin.close()
        until(self._is_there, "the keyring answers, unlocked")

    def stop(self) -> None:
        """Ends it: nobody answers for the keyring any more."""
        assert self._process is not None
        ended(self._process)

    def freeze(self) -> None:
        """It is there and answers nothing, until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It answers again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def unlock(self) -> None:
        """Opens the default collection with its password, as the keyring's own window does once it has it."""
        with closing(secretstorage.dbus_init()) as connection:
            path = secretstorage.get_collection_by_alias(connection, "default").collection_path
            session = open_session(connection)
            secret = format_secret(session, PASSWORD, "text/plain")
            inside = DBusAddressWrapper("/org/freedesktop/secrets", _INSIDE, connection)
            inside.call("UnlockWithMasterPassword", "o(oayays)", path, secret)

    def lock(self) -> None:
        """Locks the default collection."""
        with closing(secretstorage.dbus_init()) as connection:
            secretstorage.get_collection_by_alias(connection, "default").lock()

    @staticmethod
    def _is_there() -> bool:
        try:
            with closing(secretstorage.dbus_init()) as connection:
                return not secretstorage.get_collection_by_alias(connection, "default").is_locked()
        except SecretStorageException:
            return False


@contextmanager
def keyring_daemon(folder: Path) -> Iterator[Daemon]:
    """The daemon, started; the environment of this process leads to its bus until the end."""
    folder.mkdir(exist_ok=True)
    config = folder / "bus.conf"
    config.write_text(_CONFIG.format(folder=folder))
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    try:
        assert bus.stdout is not None
        address = bus.stdout.readline().strip()
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = address
        own = {
            name: str(folder / path) for name, path in (("HOME", ""), ("XDG_DATA_HOME", "data"), ("XDG_RUNTIME_DIR", "run"))
        }
        daemon = Daemon(folder, {**own, "DBUS_SESSION_BUS_ADDRESS": address})
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()
        bus.stdout.close()
    finally:
        if before is None:
            os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
        else:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = before
        ended(bus)  # type: ignore[arg-type] # text or bytes, it ends the same way
