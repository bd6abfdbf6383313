import { type Client, md5 } from '../client.ts';
import type { Ledger, Upload } from '../ledger.ts';
import { OBJECTS } from '../load/places.ts';
import { completion } from '../load/uploader.ts';

/**
 * Whether every upload that was not ended is listed with the parts that were acknowledged, and can still be completed when
 * its completion was cut. Runs after the objects were looked at.
 */
export async function uploadViolations(client: Client, ledger: Ledger): Promise<string[]> {
  const violations: string[] = [];
  for (const upload of ledger.uploads.values()) {
    const path = `/${OBJECTS}/${upload.key}`;
    const parts = await client.ask('GET', path, { query: { uploadId: upload.uploadId } });
    if (parts.status === 404) {
      if (upload.state === 'open') violations.push(`the upload ${upload.uploadId} of ${upload.key} is gone`);
      ledger.uploads.delete(upload.uploadId);
      continue;
    }
    violations.push(...partViolations(upload, parts.text));
    if (upload.state === 'open') continue;
    ledger.uploads.delete(upload.uploadId);
    if (upload.state === 'aborting') await client.oss('DELETE', path, { query: { uploadId: upload.uploadId } });
    else violations.push(...(await complete(client, ledger, upload)));
  }
  return violations;
}

function partViolations({ uploadId, parts }: Upload, listing: string): string[] {
  const listed = new Set([...listing.matchAll(/<ETag>(?:"|&quot;)?(\w+)/g)].map(([, etag]) => etag));
  return [...parts]
    .filter(([, bytes]) => !listed.has(md5(bytes)))
    .map(([number]) => `part ${number} of the upload ${uploadId} is gone`);
}

/** As its client would do, which does not know what became of its request. */
async function complete(client: Client, ledger: Ledger, upload: Upload): Promise<string[]> {
  const path = `/${OBJECTS}/${upload.key}`;
  const query = { uploadId: upload.uploadId };
  const { status, text } = await client.ask('POST', path, { query, body: completion(upload.parts) });
  if (status !== 200) return [`the upload ${upload.uploadId} cannot be completed: ${status} ${text.slice(0, 200)}`];
  ledger.object(path).settle({ kind: 'bytes', bytes: Buffer.concat([...upload.parts.values()]) });
  return [];
}
