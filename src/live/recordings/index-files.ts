import * as v from 'valibot';
import type { Log } from '../../base/log.ts';
import { text } from '../../base/schema.ts';
import { clockTime } from '../../base/time-schema.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { type DocumentKind, Documents } from '../../storage/metadata/stored-documents.ts';

/** A record index file: an m3u8 manifest over a range of time. */
export interface IndexFile {
  readonly recordId: string;
  readonly recordUrl: string;
  /** As requested, in lower case. */
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
  readonly endpoint: string;
  readonly bucket: string;
  /** The key of the manifest. */
  readonly object: string;
  /** As requested. */
  readonly startTime: string;
  readonly endTime: string;
  readonly createdMs: number;
  readonly durationMs: number;
  /** 0 when unknown. */
  readonly widthPx: number;
  readonly heightPx: number;
}

const size = v.pipe(v.number(), v.finite(), v.minValue(0));

export const INDEX_FILES: DocumentKind<IndexFile> = {
  kind: 'index-file',
  body: v.looseObject({
    recordId: text,
    recordUrl: v.string(),
    domain: text,
    app: text,
    stream: text,
    endpoint: v.string(),
    bucket: text,
    object: text,
    startTime: v.string(),
    endTime: v.string(),
    createdMs: clockTime,
    durationMs: size,
    widthPx: size,
    heightPx: size,
  }),
};

/** The list of index files. Their m3u8 objects do not depend on it. */
export class IndexFiles {
  readonly #documents: Documents<IndexFile>;

  constructor(metadata: MetadataStore, log: Log) {
    this.#documents = new Documents(metadata, INDEX_FILES, log);
  }

  async add(file: IndexFile): Promise<void> {
    const { recordId: name, createdMs } = file;
    await this.#documents.put({ scope: scopeOf(file), name, createdMs, body: file });
  }

  /** All index files, or those of one stream, oldest first. */
  async list(stream?: StreamName): Promise<readonly IndexFile[]> {
    return (await this.#documents.list(stream && scopeOf(stream))).map(({ body }) => body);
  }

  async get(stream: StreamName, recordId: string): Promise<IndexFile | undefined> {
    return (await this.#documents.get(scopeOf(stream), recordId))?.body;
  }

  async delete(stream: StreamName, recordId: string): Promise<void> {
    await this.#documents.delete(scopeOf(stream), recordId);
  }

  forget(beforeMs: number): Promise<void> {
    return this.#documents.forget(beforeMs);
  }
}

/** A stream as it is named in calls. */
export type StreamName = Pick<IndexFile, 'domain' | 'app' | 'stream'>;

function scopeOf({ domain, app, stream }: StreamName): string {
  return `${domain}/${app}/${stream}`;
}
