import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { errorTextAt } from '../../base/error-text.ts';
import { choice, documented, fields, text } from '../../base/schema.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';
import type { Server } from '../publisher/clip-push.ts';
import type { ViewOf } from './view-fields.ts';

/** A part of the emulator, and whether it works. */
export const component = fields({
  name: documented(
    choice(['http', 'rtmp', 'metadata', 'objects', 'segmenter']),
    'What was checked: a request to the main port (`http`), an RTMP handshake on each port for RTMP (`rtmp`), a read and a write that changes nothing (`metadata`), a write and a delete (`objects`), a run of ffmpeg where that is the segmenter (`segmenter`).',
  ),
  state: choice(['ok', 'failed']),
  detail: documented(
    text,
    'Which one, e.g. `127.0.0.1:9000 and 127.0.0.1:1935`; after a failure the one that failed, and why.',
  ),
});

export type Component = ViewOf<typeof component>;

export interface ReadinessParts {
  /** The real time: it bounds each probe. */
  readonly clock: Clock;
  readonly http: Server;
  readonly rtmp: readonly Server[];
  readonly metadata: MetadataStore;
  /** Why these metadata cannot be used any longer. */
  readonly newerDatabase?: string | undefined;
  readonly bytes: ObjectStore;
  /** Where both stores are. */
  readonly storage: string;
  /** Where the metadata are, when that is another place. */
  readonly database?: string | undefined;
  /** Where the bytes are, if elsewhere. */
  readonly objects?: string | undefined;
  readonly segmenter: string;
  /** Rejects when it cannot run. What it started ends when the signal aborts. */
  readonly checkSegmenter: (signal: AbortSignal) => Promise<unknown>;
}

/** One of the places of a component. */
interface Place {
  /** For people. */
  readonly where: string;
  readonly use: (signal: AbortSignal) => Promise<unknown>;
}

/** A probe of a port: what to send, and how the answer begins. */
interface Probe {
  readonly question: Buffer;
  readonly answer: string;
}

const HTTP_PROBE: Probe = {
  question: Buffer.from('GET /_emulator/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'),
  answer: 'HTTP/1.1 ',
};
/** C0 and C1, answered with S0: the version. Source: RTMP 1.0, clauses 5.2.2 and 5.2.3. */
const RTMP_PROBE: Probe = { question: Buffer.concat([Buffer.of(3), Buffer.alloc(1536)]), answer: '\x03' };

const PROBE_TIMEOUT_MS = 2_000;
/** Longer than the probe of a port, which says more. */
const CHECK_TIMEOUT_MS = 5_000;

export function checkReadiness(parts: ReadinessParts): Promise<readonly Component[]> {
  const { clock, http, rtmp, metadata, newerDatabase, bytes, storage, database, objects, segmenter, checkSegmenter } =
    parts;
  const check = async (name: Component['name'], places: readonly Place[]): Promise<Component> => {
    for (const { where, use } of places) {
      try {
        await inTime(use, clock);
      } catch (error) {
        return { name, state: 'failed', detail: `${where}: ${errorTextAt(where, error)}` };
      }
    }
    return { name, state: 'ok', detail: places.map(({ where }) => where).join(' and ') };
  };
  const port = (server: Server, asked: Probe): Place => ({
    where: nameOf(server),
    use: () => probe(server, asked, clock),
  });
  const useMetadata = async () => {
    if (newerDatabase !== undefined) throw new Error(newerDatabase);
    await metadata.listBuckets({ prefix: '', marker: '', limit: 1 });
    // There is none of this name: it changes nothing, but a database that is read-only refuses it.
    await metadata.deleteDocument('readiness', '', 'probe');
  };
  const useObjects = async () => {
    const writer = bytes.create({ bucket: 'readiness', key: 'probe', retryMs: CHECK_TIMEOUT_MS - 1_000 });
    await writer.write(Buffer.from('probe'));
    await bytes.delete(await writer.commit());
  };
  return Promise.all([
    check('http', [port(http, HTTP_PROBE)]),
    check(
      'rtmp',
      rtmp.map((server) => port(server, RTMP_PROBE)),
    ),
    check('metadata', [{ where: database ?? storage, use: useMetadata }]),
    check('objects', [{ where: objects ?? storage, use: useObjects }]),
    check('segmenter', [{ where: segmenter, use: checkSegmenter }]),
  ]);
}

/** Rejects when `use` does, or takes too long; its signal aborts then. */
async function inTime(use: Place['use'], clock: Clock): Promise<void> {
  const late = new AbortController();
  const lateness = new Promise<never>((_, reject) => {
    late.signal.addEventListener('abort', () => reject(late.signal.reason));
  });
  const error = new Error(`no result within ${CHECK_TIMEOUT_MS} ms`);
  const timer = clock.setTimeout(() => late.abort(error), CHECK_TIMEOUT_MS);
  try {
    await Promise.race([lateness, use(late.signal)]);
  } finally {
    timer.cancel();
  }
}

/** Rejects when the answer does not come in time, or begins in another way. */
function probe(server: Server, { question, answer }: Probe, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(what));
    const socket = connect({ host: server.host, port: server.port });
    const timer = clock.setTimeout(() => {
      fail(`did not answer within ${PROBE_TIMEOUT_MS} ms`);
      socket.destroy();
    }, PROBE_TIMEOUT_MS);
    socket
      .once('data', (data) => {
        if (data.toString('latin1').startsWith(answer)) resolve();
        else fail('gave an answer of another protocol');
        socket.end();
      })
      .once('error', reject)
      .once('close', () => {
        timer.cancel();
        fail('closed the connection without an answer');
      });
    socket.write(server.preface ? Buffer.concat([server.preface, question]) : question);
  });
}

function nameOf({ host, port }: Server): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
