import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { MetadataStore } from '../metadata-store.ts';
import { BYTES_PLACE_KIND, type DocumentRecord } from '../records.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { Tables } from './tables.ts';

type DocumentQueries = Pick<
  MetadataStore,
  | 'putDocument'
  | 'createDocument'
  | 'getDocument'
  | 'listDocuments'
  | 'listOpenDocuments'
  | 'deleteDocument'
  | 'forgetDocuments'
>;

export function documentQueries(db: Kysely<Tables>, dialect: SqlDialect): DocumentQueries {
  const isOpen = sql<boolean>`kind in ('push', 'recording') and ${dialect.jsonText('body', 'endedMs')} is null`;
  const named = (kind: string, scope: string, name: string) =>
    db
      .selectFrom('documents')
      .selectAll()
      .where('kind', '=', kind)
      .where('scope', '=', scope)
      .where('name', '=', name)
      .executeTakeFirst();
  return {
    putDocument: async (document) => {
      await db
        .insertInto('documents')
        .values(document)
        .onConflict((conflict) =>
          conflict
            .columns(['kind', 'scope', 'name'])
            .doUpdateSet({ createdMs: document.createdMs, body: document.body }),
        )
        .execute();
    },
    async createDocument(document) {
      const { kind, scope, name } = document;
      for (;;) {
        const query = db
          .insertInto('documents')
          .values(document)
          .onConflict((conflict) => conflict.doNothing());
        const created = await query.returningAll().executeTakeFirst();
        // None, if it was deleted between the two.
        const kept = created ?? (await named(kind, scope, name));
        if (kept) return kept;
      }
    },
    getDocument: named,
    listDocuments: (kind, scope) => listDocuments(db, kind, scope),
    listOpenDocuments: (kind, scope) => listDocuments(db, kind, scope, isOpen),
    deleteDocument: async (kind, scope, name) => {
      const { numDeletedRows } = await db
        .deleteFrom('documents')
        .where('kind', '=', kind)
        .where('scope', '=', scope)
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    forgetDocuments: async (kind, beforeMs) => {
      await db.deleteFrom('documents').where('kind', '=', kind).where('createdMs', '<', beforeMs).execute();
    },
  };
}

/** All but the place of the bytes. */
export async function clearDocuments(trx: Kysely<Tables>): Promise<void> {
  await trx.deleteFrom('documents').where('kind', '<>', BYTES_PLACE_KIND).execute();
}

function listDocuments(
  db: Kysely<Tables>,
  kind: string,
  scope: string | undefined,
  only: RawBuilder<boolean> = sql<boolean>`true`,
): Promise<readonly DocumentRecord[]> {
  const ofKind = db.selectFrom('documents').selectAll().where('kind', '=', kind).where(only);
  const wanted = scope === undefined ? ofKind : ofKind.where('scope', '=', scope);
  return wanted.orderBy('createdMs').orderBy('scope').orderBy('name').execute();
}
