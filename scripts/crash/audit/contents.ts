import { Crc64 } from '../../../src/storage/objects/crc64.ts';
import { type Client, md5 } from '../client.ts';
import type { Content, Ledger } from '../ledger.ts';

/** Whether every object is in a state that its client was told of, or was waiting for. What is found becomes the state. */
export async function contentViolations(client: Client, { objects }: Ledger): Promise<string[]> {
  const violations: string[] = [];
  for (const [path, entry] of objects) {
    const found = await read(client, path, violations);
    const state = entry.allowed.find((allowed) => isSame(allowed, found));
    if (state === undefined && !entry.allowed.some((allowed) => allowed === undefined && found === undefined)) {
      violations.push(`${path} is ${described(found)}, but was acknowledged as ${described(entry.settled)}`);
    }
    entry.settle(state ?? found);
  }
  return violations;
}

async function read(client: Client, path: string, violations: string[]): Promise<Content> {
  const link = await client.ask('GET', path, { query: { symlink: '' } });
  if (link.status === 200)
    return { kind: 'symlink', target: decodeURIComponent(String(link.headers['x-oss-symlink-target'])) };
  const reply = await client.ask('GET', path);
  if (reply.status === 404) return undefined;
  if (reply.status !== 200) {
    violations.push(`GET ${path} answers ${reply.status}: ${reply.text.slice(0, 200)}`);
    return undefined;
  }
  const { body: bytes, headers } = reply;
  const crc64 = new Crc64().update(bytes).digest();
  const sums: readonly (readonly [string, unknown, string])[] = [
    ['Content-Length', headers['content-length'], String(bytes.length)],
    ['x-oss-hash-crc64ecma', headers['x-oss-hash-crc64ecma'], crc64],
    ...(headers['x-oss-object-type'] === 'Multipart' ? [] : [['ETag', headers.etag, `"${md5(bytes)}"`] as const]),
  ];
  for (const [name, stated, right] of sums) {
    if (stated !== right) violations.push(`${name} of ${path} is ${String(stated)} instead of ${right}`);
  }
  const tagging = await client.oss('GET', path, { query: { tagging: '' } });
  const number = /<Value>(\d+)<\/Value>/.exec(tagging.text)?.[1];
  return { kind: 'bytes', bytes, ...(number !== undefined && { tags: { number } }) };
}

function isSame(a: Content, b: Content): boolean {
  if (a?.kind === 'symlink') return b?.kind === 'symlink' && a.target === b.target;
  return a?.kind === 'bytes' && b?.kind === 'bytes' && a.bytes.equals(b.bytes) && a.tags?.number === b.tags?.number;
}

function described(content: Content): string {
  if (content === undefined) return 'absent';
  if (content.kind === 'symlink') return `a link to ${content.target}`;
  const tags = content.tags ? ` with tag ${content.tags.number}` : '';
  return `${content.bytes.length} bytes (${md5(content.bytes).slice(0, 8)})${tags}`;
}
