import { type DocumentRecord, type MetadataStore, OPEN_KINDS } from './metadata-store.ts';

export interface StoredDocument<Body> {
  readonly scope: string;
  readonly name: string;
  readonly createdMs: number;
  readonly body: Body;
}

/** The documents of one kind. `Body` is plain data: it is stored as JSON. */
export class Documents<Body> {
  readonly #metadata: MetadataStore;
  readonly #kind: string;

  constructor(metadata: MetadataStore, kind: string) {
    this.#metadata = metadata;
    this.#kind = kind;
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
    return record && { ...record, body: JSON.parse(record.body) };
  }

  /** All documents, or those of one scope, oldest first. */
  async list(scope?: string): Promise<readonly StoredDocument<Body>[]> {
    const records = await this.#metadata.listDocuments(this.#kind, scope);
    return records.map((record) => ({ ...record, body: JSON.parse(record.body) }));
  }

  /** Those of them that have no end yet. */
  async listOpen(scope?: string): Promise<readonly StoredDocument<Body>[]> {
    const kind = OPEN_KINDS.find((open) => open === this.#kind);
    if (!kind) throw new Error(`documents of the kind ${this.#kind} have no end`);
    const records = await this.#metadata.listOpenDocuments(kind, scope);
    return records.map((record) => ({ ...record, body: JSON.parse(record.body) }));
  }

  delete(scope: string, name: string): Promise<boolean> {
    return this.#metadata.deleteDocument(this.#kind, scope, name);
  }

  forget(beforeMs: number): Promise<void> {
    return this.#metadata.forgetDocuments(this.#kind, beforeMs);
  }

  #recordOf({ scope, name, createdMs, body }: StoredDocument<Body>): DocumentRecord {
    return { kind: this.#kind, scope, name, createdMs, body: JSON.stringify(body) };
  }
}
