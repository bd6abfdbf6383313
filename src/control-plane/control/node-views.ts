import * as v from 'valibot';
import { documented, fields, flag, text } from '../../base/schema.ts';
import type { Holder, NodeView } from '../../storage/leases/leases.ts';
import { timeMs } from './view-fields.ts';

export const nodeView = fields({
  name: text,
  id: documented(text, 'Another one at every start.'),
  url: documented(v.nullable(text), 'Where the other nodes reach it; null: they do not.'),
  isThis: documented(flag, 'It is the one that answers.'),
  ageMs: documented(v.number(), 'How long ago it last renewed its leases.'),
  leases: documented(
    v.array(
      fields({
        source: documented(
          text,
          'Channel (`bucket/channel`), stream (`live:domain/app/stream`), room (`room:appId/channelId`), or, without a slash, what one node at a time does.',
        ),
        sessionId: text,
        number: documented(v.number(), 'Higher than that of every lease of the source before it.'),
        leftMs: documented(v.nullable(v.number()), 'Until it ends, if it is not renewed; null: when the process ends.'),
        startedMs: documented(v.nullable(timeMs), 'Of the push; null for what is no push.'),
        remoteAddr: v.nullable(text),
      }),
    ),
    'What this node, and no other one, may write now.',
  ),
});

export type NodeWithLeases = v.InferOutput<typeof nodeView>;

/** A node that is not there any longer may still have leases, for some seconds. */
export function viewNodes(
  nodes: readonly NodeView[],
  held: readonly Holder[],
  thisNode: string,
): readonly NodeWithLeases[] {
  return nodes.map(({ id, name, address, ageMs }) => ({
    id,
    name,
    url: address?.url ?? null,
    isThis: id === thisNode,
    ageMs: Math.max(0, Math.round(ageMs)),
    leases: held.filter(({ owner }) => owner === id).map(viewLease),
  }));
}

function viewLease({ source, sessionId, number, leftMs, push }: Holder) {
  return {
    source,
    sessionId,
    number,
    leftMs: Number.isFinite(leftMs) ? Math.round(leftMs) : null,
    startedMs: push?.startedMs ?? null,
    remoteAddr: push?.remoteAddr ?? null,
  };
}
