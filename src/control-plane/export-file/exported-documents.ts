import { LIVE_RECORDS } from '../../live/live-records.ts';
import { ACCOUNT_ACCESS_BLOCKS } from '../../oss/access/account-access-blocks.ts';
import type { DocumentKind } from '../../storage/metadata/stored-documents.ts';

/**
 * The kinds of documents that are exported, and the only ones that are imported. Left out are the secrets (temporary keys, the key
 * that signs addresses of rooms, the key of the certificate of MNS) and what only the running nodes need (requests that were seen,
 * deliveries that wait, definitions of MNS).
 */
const EXPORTED_KINDS: ReadonlyMap<string, DocumentKind> = new Map(
  [ACCOUNT_ACCESS_BLOCKS, ...LIVE_RECORDS].map((documents) => [documents.kind, documents]),
);

export function exportedKind(kind: string): DocumentKind | undefined {
  return EXPORTED_KINDS.get(kind);
}
