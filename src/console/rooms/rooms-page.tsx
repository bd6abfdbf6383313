import type { RoomName } from '../../base/push-source.ts';
import { count } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { GroupedList } from '../parts/grouped-list.tsx';
import { Loading } from '../parts/loading.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { AddressForm } from './address-form.tsx';
import { RoomDetails } from './room-details.tsx';

/** How often the figures of the users are read. */
const MEASURE_MS = 2_000;

/** The rooms with users beside the one that was chosen; without one, the form for a new address. */
export function RoomsPage({ address }: { readonly address: RoomName | undefined }) {
  const { api, isTimeKnown } = useConsole();
  const answer = useAnswer('rooms', {
    ask: () => api('rooms'),
    refreshOn: ['room.joined', 'room.left', 'viewer.joined', 'viewer.left', 'emulator.reset'],
    everyMs: (known) => (known && known.rooms.length > 0 ? MEASURE_MS : undefined),
  });
  if (!answer || !isTimeKnown.value) return <Loading />;
  const { rooms } = answer;
  const chosen = rooms.find((room) => address && isRoom(room, address));
  return (
    <div class="channels">
      <GroupedList
        label="Rooms"
        items={rooms.map((room) => ({
          group: room.appId,
          name: room.channelId,
          href: routeHash({ page: 'rooms', address: room }),
          isCurrent: room === chosen,
          state: 'live',
          now: count(room.participants.length, 'user'),
        }))}
      >
        <ul>
          <li>
            <a href={routeHash({ page: 'rooms', address: undefined })} aria-current={address ? undefined : 'page'}>
              New address
            </a>
          </li>
        </ul>
      </GroupedList>
      {address ? (
        <RoomDetails
          key={`${address.appId}/${address.channelId}`}
          address={address}
          participants={chosen?.participants ?? []}
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

function isRoom({ appId, channelId }: RoomName, other: RoomName): boolean {
  return appId === other.appId && channelId === other.channelId;
}
