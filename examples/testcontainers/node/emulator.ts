import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';

/** From `docker build -t oss-livechannel .` in a clone of the emulator. */
const IMAGE = process.env.OSS_LIVECHANNEL_IMAGE ?? 'oss-livechannel';
/** REST, playback and RTMP. */
const PORT = 9000;

export interface Emulator {
  readonly container: StartedTestContainer;
  /** For SDKs; the signed RTMP URLs that they make from it have the same port. */
  readonly endpoint: string;
}

/** Resolves when it answers; `emulator.container.stop()` ends it. */
export async function startEmulator(): Promise<Emulator> {
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    // The tests are another machine for what is in the container.
    .withEnvironment({ OSS_LIVECHANNEL_ADMIN_ANYWHERE: 'true', OSS_LIVECHANNEL_MEMORY: 'true' })
    .withWaitStrategy(Wait.forHttp('/_emulator/health', PORT).forStatusCode(200))
    .start();
  return { container, endpoint: `http://${container.getHost()}:${container.getMappedPort(PORT)}` };
}

/** Back to how it was started. */
export async function reset({ endpoint }: Emulator): Promise<void> {
  const answer = await fetch(`${endpoint}/_emulator/reset`, { method: 'POST' });
  if (!answer.ok) throw new Error(`The reset was refused: ${await answer.text()}`);
}
