import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { EmulatorEvent, EventOf } from '../../events/events.ts';
import { RunningBatch } from '../buckets/batch-panel.tsx';
import { count, timeOfDay } from '../format.ts';
import { entryOf } from '../log/entry.ts';
import { type PageRoute, routeHash, type UnknownRoute } from '../page-route.ts';
import { useConsole } from '../state/context.ts';
import type { JournalEvent, Silence } from '../state/journal.ts';
import { Icon } from './icon.tsx';

type RefusedEvent = JournalEvent & EventOf<'publish.refused'>;

/** What is older is read in the log. */
const RECENT_MS = 60_000;

/** What everybody should know, whatever page they look at. */
export function Banners({ page }: { readonly page: (PageRoute | UnknownRoute)['page'] }) {
  const isInLog = page === 'log';
  return (
    <div class="banners">
      <div role="status">
        <SilenceBanner />
        <NoticeBanners />
        <RefusalBanner isShown={!isInLog} />
        <LostMediaBanner isShown={!isInLog} />
      </div>
      {page !== 'buckets' && <BatchBanners />}
    </div>
  );
}

function SilenceBanner() {
  const { journal } = useConsole();
  const silence = journal.silence.value;
  if (!silence) return null;
  const { sinceMs, cause } = silence;
  return (
    <p class="banner">
      <Icon name="warning" />
      <span>
        <strong>The emulator does not answer.</strong> It was last heard of at {timeOfDay(sinceMs)}. {causeText(cause)}{' '}
        What you see is as it was, and the page goes on by itself when there is an answer.
      </span>
    </p>
  );
}

function causeText(cause: Silence['cause']): string {
  switch (cause) {
    case 'unreachable':
      return 'It has ended, or the network is away: start it again.';
    case 'no answer':
      return 'It takes connections, but it is stopped (a debugger, a paused container) or has too much to do: let it go on, or start it again. Or a proxy holds back its events.';
    default:
      return cause.isOfEmulator
        ? `It refuses what it is asked (HTTP ${cause.status}): it has too much to do, or stops.`
        : `Something between has answered, as a proxy that does not reach it (HTTP ${cause.status}).`;
  }
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

function NoticeBanners() {
  const { notice } = useConsole();
  return (
    <>
      {notice.texts.value.map((text) => (
        <p key={text} class="banner">
          <Icon name="warning" /> {text}
          <DismissButton onDismiss={() => notice.dismiss(text)} />
        </p>
      ))}
    </>
  );
}

interface EventBannerUse {
  /** The log tells of it. What was dismissed stays so. */
  readonly isShown: boolean;
}

/** The refusal of a push that the page below does not show: most of them are pushed to a wrong name. */
function RefusalBanner({ isShown }: EventBannerUse) {
  const { journal, isTold } = useConsole();
  const refused = latestRefusal(journal.events.value);
  const isNews = isShown && refused && !isTold.value?.(refused);
  return (
    <EventBanner events={isNews ? [refused] : []}>
      {(event) => (
        <>
          <strong>A push{nameOf(event)} was refused:</strong> {event.reason}
        </>
      )}
    </EventBanner>
  );
}

/** The ends of pushes of which something could not be stored. */
function LostMediaBanner({ isShown }: EventBannerUse) {
  const { journal } = useConsole();
  const ended = isShown ? journal.events.value.filter((event) => 'lostFragments' in event) : [];
  return (
    <EventBanner events={ended}>
      {(event, otherCount) => {
        const { where, reason } = entryOf(event);
        const others = otherCount === 0 ? '' : `, and of ${count(otherCount, 'other')},`;
        return (
          <>
            <strong>
              Not all of a push to {where}
              {others} was recorded:
            </strong>{' '}
            {reason}
          </>
        );
      }}
    </EventBanner>
  );
}

interface EventBannerProps<Event> {
  /** Of one kind, oldest first. */
  readonly events: readonly Event[];
  /** What is said of the latest one, beside some others that are as new. */
  readonly children: (latest: Event, otherCount: number) => ComponentChildren;
}

/** Until it is dismissed, or some time has passed. */
function EventBanner<Event extends JournalEvent>({ events, children }: EventBannerProps<Event>) {
  const { nowMs } = useConsole();
  const [dismissedId, setDismissedId] = useState(0);
  const fromMs = (nowMs.value ?? Infinity) - RECENT_MS;
  const recent = events.filter(({ id, atMs }) => id > dismissedId && atMs >= fromMs);
  const latest = recent.at(-1);
  if (!latest) return null;
  return (
    <p class="banner bad">
      <Icon name="warning" />
      <span>
        {children(latest, recent.length - 1)}{' '}
        <a class="link" href={routeHash({ page: 'log', entryId: latest.id })}>
          Show it in the log
        </a>
      </span>
      <DismissButton onDismiss={() => setDismissedId(latest.id)} />
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
