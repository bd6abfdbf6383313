package example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * The emulator in a container: {@code @Container static final EmulatorContainer emulator = new EmulatorContainer();}.
 */
public final class EmulatorContainer extends GenericContainer<EmulatorContainer> {
  /** REST, playback and RTMP. */
  private static final int PORT = 9000;

  /** The image of {@code docker build -t oss-livechannel .} in a clone of the emulator. */
  public EmulatorContainer() {
    this(DockerImageName.parse(System.getenv().getOrDefault("OSS_LIVECHANNEL_IMAGE", "oss-livechannel")));
  }

  public EmulatorContainer(DockerImageName image) {
    super(image);
    withExposedPorts(PORT);
    // The tests are another machine for what is in the container.
    withEnv("OSS_LIVECHANNEL_ADMIN_ANYWHERE", "true");
    withEnv("OSS_LIVECHANNEL_MEMORY", "true");
    waitingFor(Wait.forHttp("/_emulator/health").forPort(PORT).forStatusCode(200));
  }

  /** For SDKs; the signed RTMP URLs that they make from it have the same port. */
  public String endpoint() {
    return "http://" + getHost() + ":" + getMappedPort(PORT);
  }

  /** Back to how it was started. */
  public void reset() throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint() + "/_emulator/reset"))
        .POST(HttpRequest.BodyPublishers.noBody())
        .build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("The reset was refused: " + answer.body());
    }
  }
}
