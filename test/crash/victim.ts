import { onTestFinished } from 'vitest';
import { Client, type Reply } from '../../scripts/crash/client.ts';
import { type EmulatorProcess, isRunning, startEmulator } from '../../scripts/crash/emulator-process.ts';

/** A running command, which something is done to. */
export interface Victim {
  readonly emulator: EmulatorProcess;
  readonly client: Client;
}

/** It ends with the test. @param prefix a command that runs it */
export async function startVictim(program: string, folder: string, prefix: readonly string[] = []): Promise<Victim> {
  const emulator = await startEmulator({ folder, program, prefix });
  if (!isRunning(emulator)) throw new Error(emulator.output);
  const client = new Client(emulator.port);
  onTestFinished(async () => {
    client.close();
    emulator.signal('SIGKILL');
    await emulator.exited;
  });
  return { emulator, client };
}

export function put({ client }: Victim, key: string, body: Buffer | string = 'x'): Promise<Reply> {
  return client.ask('PUT', `/examplebucket/${key}`, { body });
}

export async function stop({ emulator }: Victim): Promise<number | null> {
  emulator.signal('SIGTERM');
  return (await emulator.exited).code;
}
