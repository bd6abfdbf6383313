/** A network namespace for one node, so that it can be cut off from the database, the store, the proxy and the other nodes. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { endWithProcess } from '../../test/support/end-with-process.ts';

const run = promisify(execFile);

/** Of all networks; each has four addresses of it. */
export const NETWORKS = '10.213.0.0/16';

/** Nothing is refused: packets are lost, as when a cable is pulled out behind a switch. */
const CUT = `table inet cut {
  chain arriving { type filter hook input priority 0; policy drop; }
  chain leaving { type filter hook output priority 0; policy drop; }
}`;

export class OwnNetwork {
  /** Of the node. */
  readonly address: string;
  /** Of this machine, as the node sees it. */
  readonly outside: string;
  /** Put before the command of the node. */
  readonly prefix: readonly string[];
  readonly #namespace: string;
  readonly #removal: ReturnType<typeof endWithProcess>;

  private constructor(number: number) {
    this.address = `10.213.${number}.2`;
    this.outside = `10.213.${number}.1`;
    this.#namespace = `cluster-${number}`;
    this.prefix = ['ip', 'netns', 'exec', this.#namespace];
    this.#removal = endWithProcess(['ip', 'netns', 'delete', this.#namespace]);
  }

  /**
   * @param number another one for each node
   * @throws Error when this is not root, or `ip` or `nft` is missing
   */
  static async create(number: number): Promise<OwnNetwork> {
    const network = new OwnNetwork(number);
    const [namespace, link] = [network.#namespace, `cluster-${number}`];
    await run('nft', ['--version']);
    await run('ip', ['netns', 'add', namespace]);
    await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
    await run('ip', ['address', 'add', `${network.outside}/30`, 'dev', link]);
    await run('ip', ['link', 'set', link, 'up']);
    for (const args of [
      ['address', 'add', `${network.address}/30`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['link', 'set', 'lo', 'up'],
    ])
      await run('ip', ['-n', namespace, ...args]);
    return network;
  }

  async cut(): Promise<void> {
    const done = run('ip', ['netns', 'exec', this.#namespace, 'nft', '-f', '-']);
    done.child.stdin?.end(CUT);
    await done;
  }

  async heal(): Promise<void> {
    await run('ip', ['netns', 'exec', this.#namespace, 'nft', 'delete', 'table', 'inet', 'cut']);
  }

  /** Makes a server that listens on 127.0.0.1 reachable for the node, on the same port of `outside`. */
  async relay(port: number): Promise<void> {
    const server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
    });
    server.unref();
    server.listen(port, this.outside);
    await once(server, 'listening');
  }

  async remove(): Promise<void> {
    await this.#removal.now();
  }
}
