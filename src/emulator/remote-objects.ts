import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { runUnlessRunning } from '../storage/leases/run-alone.ts';
import { logFailure } from '../storage/machine-fault.ts';
import { type ObjectsUrl, readObjectsUrl } from '../storage/objects/remote/objects-url.ts';
import { openOssBucket } from '../storage/objects/remote/oss-bucket.ts';
import { openRemoteStore, type RemoteStore } from '../storage/objects/remote/remote-store.ts';
import { openS3Bucket } from '../storage/objects/remote/s3-bucket.ts';
import { Outages } from '../storage/outages.ts';
import { claimPlace } from './bytes-place.ts';
import type { OpenedStores } from './opened-stores.ts';

/** The stores of `opened`, but with the bytes in another store: that of `--objects`. */
export async function withRemoteObjects(opened: OpenedStores, address: string, log: Log): Promise<OpenedStores> {
  const { metadata } = opened;
  try {
    const { bytes, outages } = await openObjects(address, log);
    await claimPlace(metadata, {
      shown: bytes.shown,
      isShared: true,
      readMark: () => bytes.readOwner(),
      writeMark: (id) => bytes.writeOwner(id),
    });
    return {
      metadata,
      bytes,
      isAtPath: opened.isAtPath,
      outages,
      settle(signal, leases) {
        // Of two nodes both would find the same, and tell of it.
        const alone = (pass: () => Promise<void>) => runUnlessRunning(leases, 'sweep-of-objects', pass);
        bytes.sweep(() => metadata.locations(), alone);
        return opened.settle(signal, leases);
      },
      giveUp() {
        // It would be asked in vain.
        outages.close();
        bytes.giveUp();
      },
      async close() {
        outages.close();
        await bytes.close();
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** @throws UsageError when there is no such kind of store, its package is missing, or it cannot be written to */
export async function tryRemoteObjects(address: string, log: Log): Promise<string> {
  const { bytes, outages } = await openObjects(address, log);
  try {
    const writer = bytes.create({ bucket: 'readiness', key: 'probe' });
    await writer.write(Buffer.from('probe'));
    const location = await writer.commit();
    await (await bytes.open(location)).close();
    await bytes.deleteNow(location);
    return bytes.shown;
  } finally {
    outages.close();
    await bytes.close();
  }
}

const OBJECTS_AWAY_ADVICE =
  'it is tried again: for 10 s for a request, 60 s for a recording, and longer for large ones';
const UNNAMED_ADVICE = 'they are removed in a week; if objects are missed, put the newer database back before';

/** The store, and its outages. */
interface OpenedObjects {
  readonly bytes: RemoteStore;
  readonly outages: Outages;
}

async function openObjects(address: string, log: Log): Promise<OpenedObjects> {
  const url = readObjectsUrl(address);
  if (!url) throw new UsageError('--objects is no address of a bucket.');
  const { prefix, shown } = url;
  // A store is away in real time, independent of the clock of the emulator.
  const clock = systemClock;
  const outages = new Outages({
    store: 'objects',
    shown,
    advice: OBJECTS_AWAY_ADVICE,
    clock,
    log,
    probe: () => bytes.probe(),
  });
  const bytes = openRemoteStore({
    bucket: await openBucket(url),
    prefix,
    shown,
    clock,
    onSwept: ({ noted, count, sizeBytes, uploads }) => {
      if (noted > 0) log.warn('storage.unnamed', { files: noted, reason: 'no row names them', advice: UNNAMED_ADVICE });
      if (count + uploads === 0) return;
      log.warn('storage.swept', { files: count, bytes: sizeBytes, uploads, reason: 'no row named them for a week' });
    },
    outages,
    onUndeleted: (error) =>
      logFailure(log, 'warn', error, 'bytes.not-deleted', {
        error: errorText(error),
        advice: 'they are deleted later',
      }),
  });
  return { bytes, outages };
}

function openBucket(url: ObjectsUrl) {
  return url.kind === 's3' ? openS3Bucket(url) : openOssBucket(url);
}
