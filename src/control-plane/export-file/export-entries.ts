import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { decodeUtf8 } from '../../base/encoded-json.ts';
import { errorText } from '../../base/error-text.ts';
import { damagedExport, foreignExport } from './bad-export.ts';
import { HEAD_ENTRY } from './export-format.ts';

/** Of the entries that are read as a whole. */
const MAX_TEXT_BYTES = 64 * 1024;

export interface ExportEntry {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** The entries of an archive, which are expected one by one. What is not an archive gives the same error as one that is damaged. */
export class ExportEntries {
  readonly #iterator: AsyncIterator<ParsedTarEntry>;
  readonly #onChunk: (chunk: Uint8Array) => void;
  /** Why no more chunks came, if that was not the end. */
  #failure: { readonly error: unknown } | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
    const source = ReadableStream.from(this.#noting(chunks));
    this.#iterator = source.pipeThrough(createTarDecoder({ strict: true }))[Symbol.asyncIterator]();
    this.#onChunk = onChunk;
  }

  /** The content of the first entry. */
  async first(): Promise<string> {
    const entry = await this.#read(() => this.#iterator.next()).catch((error: unknown) => {
      throw this.#failure ? error : foreignExport();
    });
    if (entry.done || entry.value.header.name !== HEAD_ENTRY) throw foreignExport();
    return this.text(this.#entryOf(entry.value));
  }

  async next(name: string, sizeBytes?: number): Promise<ExportEntry> {
    const entry = await this.#read(() => this.#iterator.next());
    if (entry.done) throw damagedExport('its end is missing');
    const { header } = entry.value;
    if (header.name !== name) throw damagedExport(`${name} is missing`);
    if (sizeBytes !== undefined && header.size !== sizeBytes)
      throw damagedExport(`${name} has another size than its row says`);
    return this.#entryOf(entry.value);
  }

  async text({ name, chunks }: ExportEntry): Promise<string> {
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of chunks) {
      parts.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_TEXT_BYTES) throw damagedExport(`${name} is too long`);
    }
    return decodeUtf8(Buffer.concat(parts)) ?? '';
  }

  async ended(): Promise<void> {
    const entry = await this.#read(() => this.#iterator.next());
    if (!entry.done) throw damagedExport('it goes on after its end');
  }

  /** Whatever is left is not read. */
  async close(): Promise<void> {
    // Of one that has failed, whoever read it has the error.
    await this.#iterator.return?.().catch(() => {});
  }

  #entryOf({ header, body }: ParsedTarEntry): ExportEntry {
    return { name: header.name, chunks: this.#chunksOf(body) };
  }

  async *#chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await this.#read(() => reader.read());
      if (done || !value) return;
      this.#onChunk(value);
      yield value;
    }
  }

  async #read<Result>(next: () => Promise<Result>): Promise<Result> {
    try {
      return await next();
    } catch (error) {
      if (this.#failure) throw this.#failure.error;
      throw damagedExport(errorText(error).replace(/\.$/, ''));
    }
  }

  async *#noting(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) yield chunk;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
