/** What a cluster is made of, all of it private: PostgreSQL, a store, nodes and the proxy in front of them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { HAPROXY_CONFIGURATION, type Haproxy, startHaproxy } from '../../test/support/haproxy.ts';
import { type PostgresServer, startPostgres } from '../../test/support/postgres.ts';
import { type S3Server, startS3Server } from '../../test/support/versitygw.ts';
import { ClusterNode } from './cluster-node.ts';
import { NETWORKS, OwnNetwork } from './own-network.ts';

/** The proxy connects from here, so that the nodes tell it from clients that ask one of them directly. */
const PROXY_ADDRESS = '127.0.0.2';

export interface Site {
  readonly nodes: readonly ClusterNode[];
  readonly proxy: Haproxy;
  readonly database: PostgresServer;
  readonly databaseName: string;
  readonly store: S3Server;
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly nodes: number;
  /** Each node has a network of its own, which can be cut. */
  readonly hasNetworks: boolean;
  /** `main.js` of the build. */
  readonly program?: string | undefined;
}

export async function startSite({ nodes: count, hasNetworks, program }: SiteOptions): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-'));
  const [database, store] = await Promise.all([startPostgres(), startS3Server()]);
  const metadata = await database.createDatabase();
  const nodes: ClusterNode[] = [];
  for (let number = 1; number <= count; number++) {
    const network = hasNetworks ? await OwnNetwork.create(number) : undefined;
    for (const { port } of [database, store]) await network?.relay(port);
    const seen = (address: string) => address.replaceAll('127.0.0.1', network?.outside ?? '127.0.0.1');
    const stores = ['--metadata', seen(metadata), '--objects', seen(store.address('cluster'))];
    const proxies = network ? NETWORKS : `${PROXY_ADDRESS}/32`;
    // The auditor is on another machine then.
    const access = network ? ['--admin-anywhere'] : [];
    const args = [...stores, '--proxy-protocol', proxies, '--log-level', 'info', ...access];
    const name = `node${number}`;
    nodes.push(new ClusterNode({ name, folder: join(folder, name), port: await freePort(), args, network, program }));
  }
  await Promise.all(nodes.map((node) => node.start()));
  const configuration = join(folder, 'haproxy.cfg');
  await writeFile(configuration, adapt(await readFile(HAPROXY_CONFIGURATION, 'utf8'), nodes));
  const proxy = await startHaproxy(configuration);
  return {
    nodes,
    proxy,
    database,
    databaseName: new URL(metadata).pathname.slice(1),
    store,
    async stop() {
      await proxy.stop();
      await Promise.all(nodes.map((node) => node.kill()));
      await Promise.all(nodes.map(({ network }) => network?.remove()));
      await store.stop();
      await database.stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The configuration that is delivered, for these nodes. */
function adapt(configuration: string, nodes: readonly ClusterNode[]): string {
  const servers = nodes.map(({ name, port, network }) => {
    const source = network?.outside ?? PROXY_ADDRESS;
    return `  server ${name} ${network?.address ?? '127.0.0.1'}:${port} source ${source}\n`;
  });
  return configuration.replaceAll(/^ *server node.*\n/gm, '') + servers.join('');
}
