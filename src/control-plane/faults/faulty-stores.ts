/** Faults of writes: bytes of objects, and rows of the metadata. */
import type { Clock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ObjectStore, ObjectWriter } from '../../storage/objects/object-store.ts';
import type { FaultPhase } from './fault-rule.ts';
import type { Faults, FaultTarget } from './faults.ts';

/** The error of a file system that is full. */
class NoSpace extends Error {
  readonly code = 'ENOSPC';

  constructor() {
    super('ENOSPC: no space left on device, write (a fault rule asked for it)');
  }
}

async function strike(faults: Faults, clock: Clock, phase: FaultPhase, target: FaultTarget): Promise<void> {
  const fault = faults.find(phase, target);
  if (!fault) return;
  await wait(clock, fault.effect.delayMs, fault.removed);
  if (fault.effect.diskFull) throw new NoSpace();
}

/** The fault applies when the bytes of an object are complete, before they become permanent. */
export function faultyObjectStore(inner: ObjectStore, faults: Faults, clock: Clock): ObjectStore {
  return {
    create: (hint) => faultyWriter(inner.create(hint), faults, () => strike(faults, clock, 'object.write', hint)),
    open: (location) => inner.open(location),
    delete: (location) => inner.delete(location),
    close: () => inner.close(),
  };
}

function faultyWriter(inner: ObjectWriter, faults: Faults, before: () => Promise<void>): ObjectWriter {
  return {
    get sizeBytes() {
      return inner.sizeBytes;
    },
    write: (chunk) => inner.write(chunk),
    abort: () => inner.abort(),
    async commit() {
      if (!faults.isActive) return inner.commit();
      try {
        await before();
      } catch (error) {
        await inner.abort();
        throw error;
      }
      return inner.commit();
    },
  };
}

/**
 * The fault applies before every write that is part of the work of the emulator. It does not apply to `clear`, which is a
 * reset, and to what is forgotten because of its age at a start, when there are no rules yet.
 */
export function faultyMetadataStore(inner: MetadataStore, faults: Faults, clock: Clock): MetadataStore {
  // Without rules the write is called directly, which saves a promise.
  const guarded = <Result>(target: FaultTarget, write: () => Promise<Result>): Promise<Result> =>
    faults.isActive ? strike(faults, clock, 'metadata.write', target).then(write) : write();
  const guardedUpload = async <Result>(uploadId: string, write: () => Promise<Result>): Promise<Result> => {
    const upload = faults.isActive ? await inner.getUpload(uploadId) : undefined;
    return guarded(upload ? placeOf(upload) : {}, write);
  };
  return {
    ...inner,
    putBucket: (bucket) => guarded({ bucket: bucket.name }, () => inner.putBucket(bucket)),
    changeBucket: (name, change) => guarded({ bucket: name }, () => inner.changeBucket(name, change)),
    deleteBucket: (bucket) => guarded({ bucket }, () => inner.deleteBucket(bucket)),
    putObject: (object, check, fence) => guarded(placeOf(object), () => inner.putObject(object, check, fence)),
    putFragment: (object, fragment, fence) =>
      guarded(placeOf(object), () => inner.putFragment(object, fragment, fence)),
    putRecording: (recording) => guarded(channelOf(recording.session), () => inner.putRecording(recording)),
    deleteObject: (bucket, key, deletedMs) =>
      guarded({ bucket, key }, () => inner.deleteObject(bucket, key, deletedMs)),
    reviseVersion: (bucket, key, versionId, revise, atMs) =>
      guarded({ bucket, key }, () => inner.reviseVersion(bucket, key, versionId, revise, atMs)),
    deleteVersion: (bucket, key, versionId) =>
      guarded({ bucket, key }, () => inner.deleteVersion(bucket, key, versionId)),
    putUpload: (upload) => guarded(placeOf(upload), () => inner.putUpload(upload)),
    completeUpload: (uploadId, joined, object, check) =>
      guarded(placeOf(object), () => inner.completeUpload(uploadId, joined, object, check)),
    deleteUpload: (uploadId) => guardedUpload(uploadId, () => inner.deleteUpload(uploadId)),
    putPart: (part, check) => guardedUpload(part.uploadId, () => inner.putPart(part, check)),
    putChannel: (channel) =>
      guarded({ bucket: channel.bucket, channel: channel.name }, () => inner.putChannel(channel)),
    deleteChannel: (bucket, channel) => guarded({ bucket, channel }, () => inner.deleteChannel(bucket, channel)),
    openSession: (session, fence) => guarded(channelOf(session), () => inner.openSession(session, fence)),
    endSession: (session, endedMs, fence) =>
      guarded(channelOf(session), () => inner.endSession(session, endedMs, fence)),
    // They are of ApsaraVideo Live and have no bucket, so that only a rule for every write applies to them.
    putDocument: (document) => guarded({}, () => inner.putDocument(document)),
    createDocument: (document) => guarded({}, () => inner.createDocument(document)),
    deleteDocument: (kind, scope, name) => guarded({}, () => inner.deleteDocument(kind, scope, name)),
  };
}

function channelOf({ bucket, channel }: { readonly bucket: string; readonly channel: string }): FaultTarget {
  return { bucket, channel };
}

function placeOf({ bucket, key }: { readonly bucket: string; readonly key: string }): FaultTarget {
  return { bucket, key };
}
