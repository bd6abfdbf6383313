import type { EmulatorEvent, EventOf } from '../../events/events.ts';
import { timeOfDay } from '../format.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import { Icon } from './icon.tsx';

type Finding = EventOf<'live.finding' | 'room.finding'>;

/** What is unusual about a push, or about the pushes of a room, until the same publisher pushes again. */
export function PushFindings({ isAbout }: { readonly isAbout: (event: EmulatorEvent) => boolean }) {
  const { journal } = useConsole();
  const events = journal.events.value.filter(isAbout);
  const found = events.filter(isFinding).filter((finding) => !events.some((event) => isNewPush(event, finding)));
  if (found.length === 0) return null;
  return (
    <ul class="findings" aria-label="Findings">
      {found.map((event) => (
        <li key={event.id}>
          <Icon name="warning" />
          <span>
            {'userId' in event && `${event.userId}: `}
            <strong>{event.finding}</strong> at {timeOfDay(event.atMs)}: {event.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}

function isFinding(event: JournalEvent): event is Finding {
  return event.type === 'live.finding' || event.type === 'room.finding';
}

/** It began after the finding and is of the same publisher. */
function isNewPush(event: JournalEvent, finding: Finding): boolean {
  if (event.id < finding.id) return false;
  if (event.type === 'live.published') return true;
  return event.type === 'room.joined' && 'userId' in finding && event.userId === finding.userId;
}
