import * as v from 'valibot';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { DocumentKind } from '../../storage/metadata/stored-documents.ts';

/** One for each account that blocks; its being there is all that it says. */
export const ACCOUNT_ACCESS_BLOCKS: DocumentKind = { kind: 'public-access-block', body: v.looseObject({}) };
const { kind: KIND } = ACCOUNT_ACCESS_BLOCKS;

/**
 * The accounts that block public access to all their buckets. Read once and kept, because most anonymous requests depend
 * on it.
 */
export class AccountAccessBlocks {
  readonly #metadata: MetadataStore;
  #accounts: Promise<Set<string>> | undefined;

  constructor(metadata: MetadataStore) {
    this.#metadata = metadata;
  }

  async isBlocked(account: string): Promise<boolean> {
    return (await this.#read()).has(account);
  }

  async put(account: string, blocked: boolean): Promise<void> {
    const accounts = await this.#read();
    if (blocked) {
      await this.#metadata.putDocument({ kind: KIND, scope: account, name: '', createdMs: 0, body: '{}' });
      accounts.add(account);
    } else {
      await this.#metadata.deleteDocument(KIND, account, '');
      accounts.delete(account);
    }
  }

  /** Called after the store was emptied. */
  clear(): void {
    this.#accounts = undefined;
  }

  #read(): Promise<Set<string>> {
    this.#accounts ??= this.#metadata.listDocuments(KIND).then(
      (documents) => new Set(documents.map(({ scope }) => scope)),
      (error: unknown) => {
        this.#accounts = undefined;
        throw error;
      },
    );
    return this.#accounts;
  }
}
