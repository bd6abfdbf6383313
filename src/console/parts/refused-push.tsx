import { useLayoutEffect, useRef } from 'preact/hooks';
import { timeOfDay } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent } from '../state/journal.ts';
import { HelpLink } from './help-link.tsx';
import { Icon } from './icon.tsx';

/** Why the latest push was refused, until one is accepted. `isAbout` selects the events of both kinds. */
export function RefusedPush({ isAbout }: { readonly isAbout: (event: JournalEvent) => boolean }) {
  const { journal, isTold } = useConsole();
  const latest = journal.events.value.findLast(isAbout);
  const about = useRef(isAbout);
  about.current = isAbout;
  useLayoutEffect(() => {
    isTold.value = (event) => about.current(event);
    return () => {
      isTold.value = undefined;
    };
  }, []);
  if (latest?.type !== 'publish.refused') return null;
  return (
    <p class="refused-push" role="status">
      <Icon name="warning" />
      <span>
        <strong>A push was refused at {timeOfDay(latest.atMs)}:</strong> {latest.reason}
      </span>
      <a href={routeHash({ page: 'log', entryId: latest.id })}>
        {latest.comparison ? 'Show what was compared' : 'Show it in the log'}
      </a>
      <HelpLink topic="refusedPush" />
    </p>
  );
}
