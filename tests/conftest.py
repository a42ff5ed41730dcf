"""What every test stands on: a data folder of its own, no way to another host, and the demo's rendered people."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no reason for a test to fail: no time limit for one example.
settings.register_profile("dramatis", deadline=None)
settings.load_profile("dramatis")

PROJECT = Path(__file__).resolve().parents[1]
LOOPBACK = ("127.", "::1", "localhost")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs a browser, so that tests can be chosen by that."""
    for item in items:
        if {"chromium", "page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def session_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the whole run, so that networks are built once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def own_data_folder(session_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAMATIS_DATA", str(session_data))


@pytest.fixture(autouse=True)
def no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the machine: a connection to any other host fails the test that makes it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            pytest.fail(f"a connection to {address} was tried")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def demo() -> Path:
    """The rendered cast, trailer, family, selfies and album that come with the project."""
    return PROJECT / "demo"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real pictures and clips, which are not part of the project."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data, which is not here")
    return folder
