import { errorText } from '../../base/error-text.ts';
import type { Config } from '../../config/config.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';

/** A part of the emulator, and whether it works. */
export interface Component {
  readonly name: 'http' | 'rtmp' | 'metadata' | 'objects' | 'segmenter';
  readonly state: 'ok' | 'failed';
  readonly detail: string;
}

interface Parts {
  readonly config: Config;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly authority: string;
}

/** Reads and writes where that is the only way to know. Whoever gets this answer has reached the listener already. */
export async function checkReadiness({ config, metadata, bytes, authority }: Parts): Promise<readonly Component[]> {
  const where = config.memory ? 'in memory' : config.dataDir;
  return [
    { name: 'http', state: 'ok', detail: `listens on ${authority}` },
    { name: 'rtmp', state: 'ok', detail: `listens on ${authority}` },
    await attempt('metadata', where, async () => {
      await metadata.listBuckets({ prefix: '', marker: '', limit: 1 });
    }),
    await attempt('objects', where, async () => {
      const writer = bytes.create({ bucket: 'readiness', key: 'probe' });
      await writer.write(Buffer.from('probe'));
      await bytes.delete(await writer.commit());
    }),
    { name: 'segmenter', state: 'ok', detail: config.segmenter },
  ];
}

async function attempt(name: Component['name'], detail: string, use: () => Promise<void>): Promise<Component> {
  try {
    await use();
    return { name, state: 'ok', detail };
  } catch (error) {
    return { name, state: 'failed', detail: `${detail}: ${errorText(error)}` };
  }
}
