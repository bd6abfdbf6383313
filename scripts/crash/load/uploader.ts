import { md5 } from '../client.ts';
import type { Upload } from '../ledger.ts';
import type { Desk } from './load.ts';
import { OBJECTS } from './places.ts';

const KEYS = 4;
const PART_BYTES = 100 * 1024;

/** Multipart uploads: completed, aborted, or left as they are. */
export async function uploader({ client, ledger, random }: Desk): Promise<never> {
  for (;;) {
    const key = `upload/${random.below(KEYS)}`;
    const path = `/${OBJECTS}/${key}`;
    const { text } = await client.oss('POST', path, { query: { uploads: '' } });
    const uploadId = /<UploadId>(\w+)</.exec(text)?.[1] ?? '';
    const upload: Upload = { key, uploadId, parts: new Map(), state: 'open' };
    ledger.uploads.set(uploadId, upload);
    for (const partNumber of [1, 2]) {
      const body = random.bytes(partNumber === 1 ? PART_BYTES : 1 + random.below(PART_BYTES));
      await client.oss('PUT', path, { query: { partNumber: String(partNumber), uploadId }, body });
      upload.parts.set(partNumber, body);
    }
    if (random.chance(0.1)) continue;
    if (random.chance(0.3)) {
      upload.state = 'aborting';
      await client.oss('DELETE', path, { query: { uploadId } });
    } else {
      upload.state = 'completing';
      const bytes = Buffer.concat([...upload.parts.values()]);
      const state = { kind: 'bytes', bytes } as const;
      const query = { uploadId };
      const body = completion(upload.parts);
      await ledger.object(path).change(state, () => client.oss('POST', path, { query, body }));
    }
    ledger.uploads.delete(uploadId);
  }
}

/** The document of CompleteMultipartUpload that names every part. */
export function completion(parts: ReadonlyMap<number, Buffer>): string {
  const named = [...parts].map(
    ([number, bytes]) => `<Part><PartNumber>${number}</PartNumber><ETag>"${md5(bytes)}"</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${named.join('')}</CompleteMultipartUpload>`;
}
