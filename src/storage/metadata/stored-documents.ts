import * as v from 'valibot';
import { parseJson } from '../../base/encoded-json.ts';
import type { Log } from '../../base/log.ts';
import type { MetadataStore } from './metadata-store.ts';
import { type DocumentRecord, OPEN_KINDS } from './records.ts';

export interface StoredDocument<Body> {
  readonly scope: string;
  readonly name: string;
  readonly createdMs: number;
  readonly body: Body;
}

/** A kind of documents that is checked wherever one is read, because an import or another version may have brought it. */
export interface DocumentKind<Body = unknown> {
  readonly kind: string;
  readonly body: v.GenericSchema<unknown, Body>;
}

/** The documents of one kind. `Body` is plain data: it is stored as JSON. */
export class Documents<Body> {
  readonly #metadata: MetadataStore;
  readonly #kind: string;
  readonly #schema: DocumentKind<Body>['body'] | undefined;
  readonly #log: Pick<Log, 'error'> | undefined;
  /** Those of which the log was told. */
  readonly #unreadable = new Set<string>();

  /**
   * @param kind only its name for documents that nothing but this program writes
   * @param log is told of each document that is not of its kind; it is left out wherever documents are read
   */
  constructor(metadata: MetadataStore, kind: string | DocumentKind<Body>, log?: Pick<Log, 'error'>) {
    this.#metadata = metadata;
    this.#kind = typeof kind === 'string' ? kind : kind.kind;
    this.#schema = typeof kind === 'string' ? undefined : kind.body;
    this.#log = log;
  }

  async put(document: StoredDocument<Body>): Promise<void> {
    await this.#metadata.putDocument(this.#recordOf(document));
  }

  /** Keeps the one that there is; resolves to the one that is kept. */
  async create(document: StoredDocument<Body>): Promise<StoredDocument<Body>> {
    const record = await this.#metadata.createDocument(this.#recordOf(document));
    return { ...record, body: JSON.parse(record.body) };
  }

  async get(scope: string, name: string): Promise<StoredDocument<Body> | undefined> {
    const record = await this.#metadata.getDocument(this.#kind, scope, name);
    return record && this.#read(record);
  }

  /** All documents, or those of one scope, oldest first. */
  async list(scope?: string): Promise<readonly StoredDocument<Body>[]> {
    const records = await this.#metadata.listDocuments(this.#kind, scope);
    return this.#readAll(records);
  }

  /** Those of them that have no end yet. */
  async listOpen(scope?: string): Promise<readonly StoredDocument<Body>[]> {
    const kind = OPEN_KINDS.find((open) => open === this.#kind);
    if (!kind) throw new Error(`documents of the kind ${this.#kind} have no end`);
    const records = await this.#metadata.listOpenDocuments(kind, scope);
    return this.#readAll(records);
  }

  delete(scope: string, name: string): Promise<boolean> {
    return this.#metadata.deleteDocument(this.#kind, scope, name);
  }

  forget(beforeMs: number): Promise<void> {
    return this.#metadata.forgetDocuments(this.#kind, beforeMs);
  }

  #readAll(records: readonly DocumentRecord[]): readonly StoredDocument<Body>[] {
    return records.map((record) => this.#read(record)).filter((document) => document !== undefined);
  }

  #read(record: DocumentRecord): StoredDocument<Body> | undefined {
    if (!this.#schema) return { ...record, body: JSON.parse(record.body) };
    const read = v.safeParse(this.#schema, parseJson(record.body), { abortEarly: true });
    if (read.success) return { ...record, body: read.output };
    this.#tellOf(record);
    return undefined;
  }

  #tellOf({ kind, scope, name }: DocumentRecord): void {
    const id = JSON.stringify([scope, name]);
    if (this.#unreadable.has(id)) return;
    this.#unreadable.add(id);
    const advice = 'it is left out and stays stored; a reset removes it';
    this.#log?.error('document.unreadable', { kind, scope, name, advice });
  }

  #recordOf({ scope, name, createdMs, body }: StoredDocument<Body>): DocumentRecord {
    return { kind: this.#kind, scope, name, createdMs, body: JSON.stringify(body) };
  }
}
