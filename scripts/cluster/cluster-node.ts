import { type EmulatorProcess, type Exit, isRunning, startEmulator } from '../crash/emulator-process.ts';
import type { OwnNetwork } from './own-network.ts';

export interface NodeOptions {
  readonly name: string;
  readonly folder: string;
  /** The same one at every start, because the proxy knows it. */
  readonly port: number;
  readonly args: readonly string[];
  /** Undefined: that of this process. */
  readonly network: OwnNetwork | undefined;
  /** `main.js` of the build. */
  readonly program: string | undefined;
}

/** Each finds PostgreSQL in the middle of a restart, and says so. */
const MAX_STARTS = 5;

/** One emulator of the cluster, over its lives. */
export class ClusterNode {
  readonly name: string;
  readonly port: number;
  readonly network: OwnNetwork | undefined;
  readonly #options: NodeOptions;
  #running: EmulatorProcess | undefined;
  /** Of all lives. */
  readonly #lives: EmulatorProcess[] = [];
  /** Of the lives that ended unasked. */
  readonly #failures: string[] = [];

  constructor(options: NodeOptions) {
    this.#options = options;
    this.name = options.name;
    this.port = options.port;
    this.network = options.network;
  }

  /**
   * Resolves when it listens. One that ends because PostgreSQL is away is started again, as an orchestrator does.
   * @throws Error when it ends before that for another reason
   */
  async start(): Promise<void> {
    const { name, folder, port, args, program, network } = this.#options;
    const place = { host: network?.address, prefix: network?.prefix ?? [] };
    for (let starts = 1; ; starts++) {
      const started = await startEmulator({ folder, port, program, args: ['--node-name', name, ...args], ...place });
      if (isRunning(started)) {
        this.#watch(started);
        return;
      }
      const isDatabaseAway = started.code === 2 && started.output.includes('PostgreSQL cannot be reached');
      if (!isDatabaseAway || starts === MAX_STARTS) throw new Error(`${name} does not start: ${endOf(started)}`);
    }
  }

  #watch(started: EmulatorProcess): void {
    const { name } = this;
    this.#running = started;
    this.#lives.push(started);
    void started.exited.then((exit) => {
      if (this.#running === started) this.#failures.push(`${name} ended by itself: ${endOf(exit)}`);
    });
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.signal('SIGKILL');
    await running?.exited;
  }

  pause(): void {
    this.#running?.signal('SIGSTOP');
  }

  resume(): void {
    this.#running?.signal('SIGCONT');
  }

  /** What it has said. */
  output(): string {
    return this.#lives.map((life) => life.output()).join('\n');
  }

  takeFailures(): string[] {
    return this.#failures.splice(0);
  }
}

function endOf({ code, output }: Exit): string {
  return `exit ${code}, ${output.slice(-2000)}`;
}
