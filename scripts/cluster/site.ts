/** What a cluster is made of, all of it private: PostgreSQL, a store, nodes and the proxy in front of them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { HAPROXY_CONFIGURATION, type Haproxy, startHaproxy } from '../../test/support/haproxy.ts';
import { type PostgresServer, startPostgres } from '../../test/support/postgres.ts';
import { type S3Server, startS3Server } from '../../test/support/versitygw.ts';
import { ClusterNode } from './cluster-node.ts';

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

/** @param program `main.js` of the build */
export async function startSite(nodeCount: number, program: string | undefined): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-'));
  const [database, store] = await Promise.all([startPostgres(), startS3Server()]);
  const metadata = await database.createDatabase();
  const stores = ['--metadata', metadata, '--objects', store.address('cluster')];
  const args = [...stores, '--proxy-protocol', `${PROXY_ADDRESS}/32`, '--log-level', 'info'];
  const nodes: ClusterNode[] = [];
  for (let number = 1; number <= nodeCount; number++) {
    const name = `node${number}`;
    nodes.push(new ClusterNode({ name, folder: join(folder, name), port: await freePort(), args, program }));
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
      await store.stop();
      await database.stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The configuration that is delivered, for these nodes. */
function adapt(configuration: string, nodes: readonly ClusterNode[]): string {
  const servers = nodes.map(({ name, port }) => `  server ${name} 127.0.0.1:${port} source ${PROXY_ADDRESS}\n`);
  return configuration.replaceAll(/^ *server node.*\n/gm, '') + servers.join('');
}
