import { useEffect } from 'preact/hooks';
import { useHash } from './address-bar.ts';
import { BucketsPage } from './buckets/buckets-page.tsx';
import { CallbacksPage } from './callbacks/callbacks-page.tsx';
import { ChannelsPage } from './channel/channels-page.tsx';
import { ClockMenu } from './clock/clock-menu.tsx';
import { DataPage } from './data/data-page.tsx';
import { FaultsPage } from './faults/faults-page.tsx';
import { LogPage } from './log/log-page.tsx';
import { NodesMenu } from './nodes/nodes-menu.tsx';
import { type PageRoute, readRoute, routeHash, type UnknownRoute } from './page-route.ts';
import { Banners } from './parts/banners.tsx';
import { Icon } from './parts/icon.tsx';
import { SkipLink } from './parts/skip-link.tsx';
import { ThemeSwitch } from './parts/theme-switch.tsx';
import { RoomsPage } from './rooms/rooms-page.tsx';
import { useConsole } from './state/context.ts';
import { StreamsPage } from './streams/streams-page.tsx';

const PAGES = [
  { name: 'Channels', route: { page: 'channels', address: undefined } },
  { name: 'Buckets', route: { page: 'buckets', place: undefined } },
  { name: 'Streams', route: { page: 'streams', address: undefined } },
  { name: 'Rooms', route: { page: 'rooms', address: undefined } },
  { name: 'Log', route: { page: 'log', entryId: undefined } },
  { name: 'Callbacks', route: { page: 'callbacks' } },
  { name: 'Faults', route: { page: 'faults' } },
  { name: 'Data', route: { page: 'data' } },
] as const satisfies readonly { readonly name: string; readonly route: PageRoute }[];

/** The frame of all pages, and the page that the address names. */
export function App() {
  const route = readRoute(useHash());
  useLeavingQuestion();
  return (
    <>
      <TopBar page={route.page} />
      <Banners page={route.page} />
      <Page route={route} />
    </>
  );
}

/** While something goes on that would be broken off, the browser asks before it leaves the page. */
function useLeavingQuestion(): void {
  const { batches, longCalls } = useConsole();
  const isActive = batches.isActive.value || longCalls.isActive.value;
  useEffect(() => {
    if (!isActive) return;
    const ask = (event: Event) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isActive]);
}

function Page({ route }: { readonly route: PageRoute | UnknownRoute }) {
  switch (route.page) {
    case 'channels':
      return <ChannelsPage address={route.address} />;
    case 'buckets':
      return <BucketsPage place={route.place} />;
    case 'streams':
      return <StreamsPage address={route.address} />;
    case 'rooms':
      return <RoomsPage address={route.address} />;
    case 'log':
      return <LogPage entryId={route.entryId} />;
    case 'callbacks':
      return <CallbacksPage />;
    case 'faults':
      return <FaultsPage />;
    case 'data':
      return <DataPage />;
    case 'unknown':
      return <UnknownPage path={route.path} />;
  }
}

function UnknownPage({ path }: { readonly path: string }) {
  return (
    <main class="empty" id="main">
      <h1>There is no page {path}</h1>
      <p>
        The address of this page may be incomplete. Begin with the{' '}
        <a class="link" href={routeHash({ page: 'channels', address: undefined })}>
          channels
        </a>
        .
      </p>
    </main>
  );
}

function TopBar({ page }: { readonly page: (PageRoute | UnknownRoute)['page'] }) {
  const { info, faults } = useConsole();
  const rules = faults.value?.length ?? 0;
  return (
    <header class="top-bar">
      <SkipLink />
      <span class="brand">
        <span class="brand-mark" aria-hidden="true">
          <Icon name="play" />
        </span>
        LiveChannel <span class="quiet wide-only">emulator {info.value?.version}</span>
      </span>
      <nav aria-label="Pages">
        {PAGES.map(({ name, route }) => (
          <a key={name} href={routeHash(route)} aria-current={route.page === page ? 'page' : undefined}>
            {name}
            {name === 'Faults' && rules > 0 && <span class="badge warning">{rules}</span>}
          </a>
        ))}
      </nav>
      <span class="endpoint mono wide-only" title="Endpoint for SDKs">
        {info.value?.endpoint}
      </span>
      <NodesMenu />
      <ClockMenu />
      <ThemeSwitch />
    </header>
  );
}
