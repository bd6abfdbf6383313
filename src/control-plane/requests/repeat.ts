import * as v from 'valibot';
import { choice, documented, fields, optional, text } from '../../base/schema.ts';
import { type PresignRequest, REST_METHODS } from '../control/presigning.ts';
import type { ViewOf } from '../control/view-fields.ts';
import { curlLine } from './curl-line.ts';
import type { KeptRequest } from './kept-requests.ts';
import { type SdkAccess, sdkCode } from './sdk-code.ts';

/** How a request can be made again. */
export const repeatView = fields({
  request: documented(
    fields({
      method: choice(REST_METHODS),
      bucket: optional(text),
      key: optional(text),
      query: v.record(v.string(), v.string()),
      headers: v.record(v.string(), v.string()),
    }),
    'As `POST /presign` takes it: without its signature.',
  ),
  body: documented(v.nullable(v.string()), 'Null when it had none, or when it is not kept.'),
  missing: documented(
    v.array(text),
    'What is not kept, because it may hold a secret or is large, cannot be read, or is repeated: `body`, `path`, `parameter callback`, `repeated parameter prefix`. Empty when it can be sent again.',
  ),
  curl: documented(
    v.nullable(text),
    'Signed with the key of `--access-key-id`. `BODY_FILE` stands for a body that is not kept. Null when its path or a parameter is missing: it would be another request.',
  ),
  code: documented(
    v.array(fields({ name: text, library: text, code: text })),
    'With an SDK; only those that have a call which says everything that the request says.',
  ),
});

export type RepeatView = ViewOf<typeof repeatView>;

export interface RepeatDeps {
  readonly access: SdkAccess;
  /** The URL of the request, signed. */
  readonly sign: (request: PresignRequest) => { readonly url: string };
}

/** Undefined for a request that the service knows no operation for: a method of its own, or a preflight. */
export function viewRepeat(kept: KeptRequest, { access, sign }: RepeatDeps): RepeatView | undefined {
  const method = REST_METHODS.find((known) => known === kept.method);
  if (method === undefined) return undefined;
  const query = Object.fromEntries(kept.query.map(({ name, value }) => [name, value]));
  const headers = Object.fromEntries(kept.headers);
  const request = {
    method,
    ...(kept.bucket !== '' && { bucket: kept.bucket }),
    ...(kept.key !== '' && { key: kept.key }),
    query,
    headers,
  };
  return {
    request,
    body: kept.body.state === 'kept' ? kept.body.text : null,
    missing: kept.body.state === 'dropped' ? [...kept.missing, 'body'] : [...kept.missing],
    curl: kept.isAddressKept ? curlLine(kept, sign(request).url) : null,
    code: sdkCode(kept, access),
  };
}
