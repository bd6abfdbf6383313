"""An emulator for pytest: one for all tests, as it was started before each of them.

    # conftest.py
    pytest_plugins = ["oss_livechannel"]

    def test_something(oss_livechannel):
        bucket = oss2.Bucket(oss_livechannel.auth(), oss_livechannel.endpoint, oss_livechannel.bucket)

It is the one that the environment names, as below `npx oss-livechannel-emulator exec -- pytest` or beside a container whose control
API lets callers in; without any, one is started with npx and ended with the tests.
"""

import json
import os
import signal
import subprocess
import urllib.request
from dataclasses import dataclass
from typing import Any, Iterator, Optional

import oss2
import pytest

COMMAND = ["npx", "--yes", "oss-livechannel-emulator", "start"]
FREE_PORTS = ["--memory", "--port", "0", "--rtmp-port", "off", "--webrtc-port", "0", "--log-level", "error", "--json"]


@dataclass(frozen=True)
class Emulator:
    """Where an emulator is, and the key that signs."""

    endpoint: str
    bucket: str
    region: str
    access_key_id: str
    access_key_secret: str

    def auth(self) -> oss2.Auth:
        return oss2.Auth(self.access_key_id, self.access_key_secret)

    def control(self, path: str, body: Optional[Any] = None) -> Any:
        """A POST to the control API, e.g. `control("/clock/advance", {"ms": 60000})`; returns its answer."""
        request = urllib.request.Request(
            f"{self.endpoint}/_emulator{path}",
            data=json.dumps(body or {}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def reset(self) -> None:
        """Back to how it was started."""
        self.control("/reset")


def from_environment(environment: "os._Environ[str] | dict[str, str]") -> Emulator:
    return Emulator(
        endpoint=environment["OSS_LIVECHANNEL_URL"],
        bucket=environment["OSS_BUCKET"],
        region=environment["OSS_REGION"],
        access_key_id=environment["OSS_ACCESS_KEY_ID"],
        access_key_secret=environment["OSS_ACCESS_KEY_SECRET"],
    )


@pytest.fixture(scope="session")
def oss_livechannel_session() -> Iterator[Emulator]:
    if "OSS_LIVECHANNEL_URL" in os.environ:
        yield from_environment(os.environ)
        return
    # In a group of its own, because npx is a process above the emulator.
    process = subprocess.Popen(COMMAND + FREE_PORTS, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        # The first line is the answer: its addresses, as soon as they can be used.
        line = process.stdout.readline()
        if line == "":
            raise RuntimeError(f"{' '.join(COMMAND)} ended with exit code {process.wait()}; its output says why")
        yield from_environment(json.loads(line)["environment"])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@pytest.fixture
def oss_livechannel(oss_livechannel_session: Emulator) -> Emulator:
    oss_livechannel_session.reset()
    return oss_livechannel_session
