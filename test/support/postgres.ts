/**
 * A PostgreSQL for the tests of one process: started when the first test needs it, with a data folder and a port of its own, and
 * gone with the process. Debian's programs are taken: `apt-get install postgresql`.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { endWithProcess } from './end-with-process.ts';
import { freePort } from './free-port.ts';
import type { Tool } from './tools.ts';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

/** A crash of its processes loses nothing; no test turns off the power. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'max_connections=200'];

const programs = findPrograms();

export const POSTGRES: Tool = { name: 'PostgreSQL', probe: [programs === undefined ? 'false' : 'true'] };

/** The folder of the newest version. */
function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** A cluster with nothing but a superuser `emu`, who needs no password. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  #databases = 0;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  urlOf(database: string): string {
    return `postgres://emu@127.0.0.1:${this.port}/${database}`;
  }

  /** A new, empty database; resolves to its URL. */
  async createDatabase(): Promise<string> {
    this.#databases += 1;
    const name = `test_${process.pid}_${this.#databases}`;
    await this.execute(`create database ${name}`);
    return this.urlOf(name);
  }

  async execute(statement: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database) });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    const options = ['listen_addresses=127.0.0.1', "unix_socket_directories=''", ...SETTINGS].flatMap((s) => ['-c', s]);
    await this.#control(
      '-w',
      '-s',
      '-l',
      join(this.#folder, 'log'),
      '-o',
      `-p ${this.port} ${options.join(' ')}`,
      'start',
    );
  }

  /** `fast` ends the connections; `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    return this.#control('-w', '-s', '-m', mode, 'stop');
  }

  async #control(...args: readonly string[]): Promise<void> {
    const [program, ...rest] = asPostgres(tool('pg_ctl'), ['-D', join(this.#folder, 'data'), ...args]);
    await run(program, rest, { timeout: 60_000 });
  }
}

let shared: Promise<PostgresServer> | undefined;

/** The server of this process. */
export function testPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres();
  return shared;
}

/** A server of its own, for a test that stops it. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (process.getuid?.() === 0) {
    const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, idOf('-u'), idOf('-g'));
  }
  const server = new PostgresServer(folder, await freePort());
  try {
    const options = ['-U', 'emu', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'];
    const [program, ...args] = asPostgres(tool('initdb'), ['-D', join(folder, 'data'), ...options]);
    await run(program, args, { timeout: 60_000 });
    await server.start();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const stop = asPostgres(tool('pg_ctl'), ['-D', join(folder, 'data'), '-m', 'immediate', '-s', 'stop']);
  endWithProcess(stop, ['rm', '-rf', folder]);
  return server;
}

function tool(name: string): string {
  if (programs === undefined) throw new Error(`PostgreSQL is missing: no initdb in ${DEBIAN}`);
  return join(programs, name);
}

/** PostgreSQL refuses to run as root. */
function asPostgres(program: string, args: readonly string[]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return [program, ...args];
  return ['runuser', '-u', 'postgres', '--', program, ...args];
}
