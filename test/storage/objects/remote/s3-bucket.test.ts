import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/base/clock.ts';
import { readObjectsUrl } from '../../../../src/storage/objects/remote/objects-url.ts';
import { openRemoteStore } from '../../../../src/storage/objects/remote/remote-store.ts';
import { openS3Bucket } from '../../../../src/storage/objects/remote/s3-bucket.ts';
import { listenDuringTest } from '../../../support/listen.ts';

const LOCATION = 'v1/examplebucket/00000000-0000-4000-8000-000000000000';

/** A store in which the first deletions of a key fail, one with each of the codes. The answer to all of them is 200. */
async function failingDeletions(...codes: readonly string[]) {
  const left = [...codes];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.method ?? '');
    const code = left.shift();
    const error = `<Error><Key>a</Key><Code>${code}</Code><Message>no</Message></Error>`;
    request.resume().on('end', () => response.end(`<DeleteResult>${code === undefined ? '' : error}</DeleteResult>`));
  });
  const port = await listenDuringTest(server);
  const url = readObjectsUrl(`s3://id:secret@bucket/?endpoint=http://127.0.0.1:${port}`);
  if (!url) throw new Error('no address of a bucket');
  const { prefix, shown } = url;
  const store = openRemoteStore({ bucket: await openS3Bucket(url), prefix, shown, clock: systemClock });
  onTestFinished(() => store.close());
  return { store, asked };
}

it.each(['AccessDenied', 'InvalidObjectState', 'SomethingOfThatStore'])(
  'a deletion that is refused with %s is a refusal: it is not repeated, and is no outage',
  async (code) => {
    const { store, asked } = await failingDeletions(code);
    await expect(store.deleteNow(LOCATION)).rejects.toMatchObject({
      what: 'its object store refuses that (403)',
      mayBeOutage: false,
    });
    expect(asked).toHaveLength(1);
  },
);

it.each(['InternalError', 'RequestTimeout', 'ServiceUnavailable', 'SlowDown'])(
  'a deletion that has failed with %s is repeated',
  async (code) => {
    const { store, asked } = await failingDeletions(code);
    await store.deleteNow(LOCATION);
    expect(asked).toHaveLength(2);
  },
);

it('a key that is not there is deleted', async () => {
  const { store } = await failingDeletions('NoSuchKey');
  await store.deleteNow(LOCATION);
});
