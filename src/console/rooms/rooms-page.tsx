import { useState } from 'preact/hooks';
import type { EventType } from '../../events/events.ts';
import type { Room, RoomAddress } from '../control-api.ts';
import { count } from '../format.ts';
import { routeHash } from '../route.ts';
import { useAnswer, useConsole } from '../state/context.ts';
import { AddressForm } from './address-form.tsx';
import { RoomPage } from './room-page.tsx';

const ROOM_EVENTS: readonly EventType[] = [
  ...(['room.joined', 'room.left', 'viewer.joined', 'viewer.left', 'emulator.reset'] as const),
];

/** How often the figures of who is there are looked at. */
const MEASURE_MS = 2_000;

/** The rooms that somebody is in, beside the one that was chosen; without one, what makes a new one. */
export function RoomsPage({ address }: { readonly address: RoomAddress | undefined }) {
  const { api, clock } = useConsole();
  const [isAnyoneThere, setAnyoneThere] = useState(false);
  const ask = async () => {
    const { rooms } = await api.rooms();
    setAnyoneThere(rooms.length > 0);
    return rooms;
  };
  const rooms = useAnswer('rooms', ask, ROOM_EVENTS, isAnyoneThere ? MEASURE_MS : undefined);
  if (!rooms || !clock.state.value) return <main class="empty" id="main" aria-busy="true" />;
  const { appId, channelId } = address ?? {};
  return (
    <div class="channels">
      <RoomList rooms={rooms} current={address} />
      {appId !== undefined && channelId !== undefined ? (
        <RoomPage
          key={`${appId}/${channelId}`}
          address={{ appId, channelId }}
          participants={rooms.find((room) => isRoom(room, { appId, channelId }))?.participants ?? []}
        />
      ) : (
        <main class="channel-page" id="main">
          <header class="channel-header">
            <h1>{rooms.length === 0 ? 'Nobody is in a room' : `${count(rooms.length, 'room')} in use`}</h1>
          </header>
          <AddressForm room={undefined} />
        </main>
      )}
    </div>
  );
}

function RoomList({ rooms, current }: { readonly rooms: readonly Room[]; readonly current: RoomAddress | undefined }) {
  const byApp = Map.groupBy(rooms, ({ appId }) => appId);
  return (
    <nav class="channel-list" aria-label="Rooms">
      {[...byApp].map(([appId, ofApp]) => (
        <section key={appId}>
          <h2>{appId}</h2>
          <ul>
            {ofApp.map((room) => (
              <li key={room.channelId}>
                <a
                  href={routeHash({ page: 'rooms', address: { appId, channelId: room.channelId } })}
                  aria-current={current && isRoom(room, current) ? 'page' : undefined}
                >
                  <span class="dot state-live" aria-hidden="true" />
                  <span class="channel-name">{room.channelId}</span>
                  <span class="channel-rate">{count(room.participants.length, 'user')}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <ul>
        <li>
          <a href={routeHash({ page: 'rooms', address: undefined })} aria-current={current ? undefined : 'page'}>
            New address
          </a>
        </li>
      </ul>
    </nav>
  );
}

function isRoom({ appId, channelId }: RoomAddress, other: RoomAddress): boolean {
  return appId === other.appId && channelId === other.channelId;
}
