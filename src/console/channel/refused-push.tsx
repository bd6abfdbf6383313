import type { ChannelAddress } from '../control-api.ts';
import { timeOfDay } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { routeHash } from '../route.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';

/** Why the latest push to the channel was refused, until one is accepted. */
export function RefusedPush({ address }: { readonly address: ChannelAddress }) {
  const { journal } = useConsole();
  const latest = journal.events.value.findLast((event) => isAdmission(event, address));
  if (latest?.type !== 'publish.refused') return null;
  return (
    <p class="refused-push" role="status">
      <Icon name="warning" />
      <span>
        <strong>A push was refused at {timeOfDay(latest.atMs)}:</strong> {latest.reason}
      </span>
      <a href={routeHash({ page: 'log', entryId: latest.id })}>Show what was compared</a>
    </p>
  );
}

function isAdmission(event: JournalEvent, { bucket, channel }: ChannelAddress): boolean {
  if (event.type !== 'publish.refused' && event.type !== 'publish.accepted') return false;
  return event.bucket === bucket && event.channel === channel;
}
