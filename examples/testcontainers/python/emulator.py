"""The emulator in a container, for a fixture:

    @pytest.fixture(scope="session")
    def emulator() -> Iterator[EmulatorContainer]:
        with EmulatorContainer() as container:
            yield container
"""

import os
import urllib.request

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

# From `docker build -t oss-livechannel .` in a clone of the emulator.
IMAGE = os.environ.get("OSS_LIVECHANNEL_IMAGE", "oss-livechannel")
# REST, playback and RTMP.
PORT = 9000


class EmulatorContainer(DockerContainer):
    def __init__(self, image: str = IMAGE) -> None:
        super().__init__(image)
        self.with_exposed_ports(PORT)
        # The tests are another machine for what is in the container.
        self.with_env("OSS_LIVECHANNEL_ADMIN_ANYWHERE", "true")
        self.with_env("OSS_LIVECHANNEL_MEMORY", "true")
        self.waiting_for(HttpWaitStrategy(PORT, "/_emulator/health").for_status_code(200))

    @property
    def endpoint(self) -> str:
        """For SDKs; the signed RTMP URLs that they make from it have the same port."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def empty(self) -> None:
        """Back to how it was started."""
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/_emulator/reset", method="POST")).close()
