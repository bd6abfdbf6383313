import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { EmulatorEvent, EventOf } from '../../events/events.ts';
import { RunningBatch } from '../buckets/batch-panel.tsx';
import { timeOfDay } from '../format.ts';
import { entryOf } from '../log/entry.ts';
import { type PageRoute, routeHash, type UnknownRoute } from '../page-route.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent, Loss } from '../state/journal.ts';
import { Icon } from './icon.tsx';

type RefusedEvent = JournalEvent & EventOf<'publish.refused'>;

/** What is older is read in the log. */
const RECENT_MS = 60_000;

/** What everybody should know, whatever page they look at. While the emulator does not answer, that is all. */
export function Banners({ page }: { readonly page: (PageRoute | UnknownRoute)['page'] }) {
  const { journal } = useConsole();
  const loss = journal.loss.value;
  return (
    <div class="banners">
      <div role="status">
        {loss ? (
          <SilenceBanner loss={loss} />
        ) : (
          <>
            <NoticeBanner />
            {page !== 'log' && <RefusalBanner />}
            {page !== 'log' && <LostMediaBanner />}
          </>
        )}
      </div>
      {page !== 'buckets' && <BatchBanners />}
    </div>
  );
}

function SilenceBanner({ loss: { sinceMs, isSilent } }: { readonly loss: Loss }) {
  return (
    <p class="banner">
      <Icon name="warning" />
      <span>
        <strong>The emulator does not answer.</strong> It was last heard of at {timeOfDay(sinceMs)}.{' '}
        {isSilent
          ? 'It takes connections, but it is stopped (a debugger, a paused container) or has too much to do: let it go on, or start it again.'
          : 'It has ended, or the network is away: start it again.'}{' '}
        What you see is as it was, and the page goes on by itself when there is an answer.
      </span>
    </p>
  );
}

/** The uploads and deletions that go on. Not a status: it would be read out at every step. */
function BatchBanners() {
  const { batches } = useConsole();
  const running = batches.all.value.filter(({ isActive }) => isActive);
  if (running.length === 0) return null;
  return (
    <section class="banner plain-banner" aria-label="Work">
      {running.map((batch, index) => (
        <RunningBatch key={index} batch={batch} />
      ))}
    </section>
  );
}

function NoticeBanner() {
  const { notice } = useConsole();
  const text = notice.text.value;
  if (text === undefined) return null;
  return (
    <p class="banner">
      <Icon name="warning" /> {text}
      <DismissButton onDismiss={() => notice.dismiss()} />
    </p>
  );
}

/** The refusal of a push that the page below does not show: most of them are pushed to a wrong name. */
function RefusalBanner() {
  const { journal, isTold } = useConsole();
  const refused = latestRefusal(journal.events.value);
  if (!refused || isTold.value?.(refused)) return null;
  return (
    <EventBanner event={refused}>
      <strong>A push{nameOf(refused)} was refused:</strong> {refused.reason}
    </EventBanner>
  );
}

/** The end of a push of which something could not be stored. */
function LostMediaBanner() {
  const { journal } = useConsole();
  const ended = journal.events.value.findLast((event) => 'lostFragments' in event);
  if (!ended) return null;
  const { where, reason } = entryOf(ended);
  return (
    <EventBanner event={ended}>
      <strong>Not all of a push to {where} was recorded:</strong> {reason}
    </EventBanner>
  );
}

/** Until it is dismissed, or some time has passed. */
function EventBanner({ event, children }: { readonly event: JournalEvent; readonly children: ComponentChildren }) {
  const { nowMs } = useConsole();
  const [dismissedId, setDismissedId] = useState<number>();
  if (event.id === dismissedId || nowMs.value === undefined || nowMs.value - event.atMs > RECENT_MS) return null;
  return (
    <p class="banner bad">
      <Icon name="warning" />
      <span>
        {children}{' '}
        <a class="link" href={routeHash({ page: 'log', entryId: event.id })}>
          Show it in the log
        </a>
      </span>
      <DismissButton onDismiss={() => setDismissedId(event.id)} />
    </p>
  );
}

function DismissButton({ onDismiss }: { readonly onDismiss: () => void }) {
  return (
    <button type="button" class="plain" aria-label="Dismiss" onClick={onDismiss}>
      <Icon name="cross" />
    </button>
  );
}

/** The latest refused push, unless one to the same address was accepted after it. */
function latestRefusal(events: readonly JournalEvent[]): RefusedEvent | undefined {
  const index = events.findLastIndex(isRefusal);
  const refused = events[index];
  if (!refused || !isRefusal(refused)) return undefined;
  return events.slice(index + 1).some((event) => isAccepted(event, refused)) ? undefined : refused;
}

function isRefusal(event: JournalEvent): event is RefusedEvent {
  return event.type === 'publish.refused';
}

function isAccepted(event: EmulatorEvent, refused: RefusedEvent): boolean {
  if (event.type === 'publish.accepted') return event.bucket === refused.bucket && event.channel === refused.channel;
  return event.type === 'live.published' && event.app === refused.app && event.stream === refused.stream;
}

function nameOf({ bucket, channel, app, stream }: RefusedEvent): string {
  const names = [bucket ?? app, channel ?? stream].filter((name) => name !== undefined);
  return names.length === 0 ? '' : ` to ${names.join('/')}`;
}
