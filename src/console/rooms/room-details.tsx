import type { RoomName } from '../../base/push-source.ts';
import type { ParticipantItem } from '../api-client.ts';
import { count, duration } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { buttonColumn, type Column, ListTable } from '../parts/data-table.tsx';
import { DetailsHeader } from '../parts/details-header.tsx';
import { Panel } from '../parts/panel.tsx';
import { PushFindings } from '../parts/push-findings.tsx';
import { useConsole } from '../state/context.ts';
import { mediaFacts } from '../watch/media-facts.ts';
import { ViewersPanel } from '../watch/viewers-panel.tsx';
import { WebRtcPicture } from '../watch/web-rtc-picture.tsx';
import { AddressForm } from './address-form.tsx';

export interface RoomDetailsProps {
  readonly address: RoomName;
  /** Empty when the room has no users; then the emulator does not know it. */
  readonly participants: readonly ParticipantItem[];
}

/** One room: the pictures of its publishers, its users, and the form for a new address. */
export function RoomDetails({ address, participants }: RoomDetailsProps) {
  const { appId, channelId } = address;
  const isHere = (about: object) =>
    'appId' in about && about.appId === appId && 'channelId' in about && about.channelId === channelId;
  return (
    <main class="channel-page" id="main">
      <DetailsHeader
        parent={appId}
        name={channelId}
        state={participants.length > 0 ? 'live' : 'idle'}
        help="rooms"
        facts={[participants.length === 0 ? 'nobody is there' : count(participants.length, 'user')]}
      />
      <PushFindings isAbout={isHere} />
      <Pictures participants={participants} />
      <ParticipantsPanel address={address} participants={participants} />
      <ViewersPanel of={`${appId}/${channelId}`} isAbout={isHere} />
      <AddressForm room={address} />
    </main>
  );
}

function Pictures({ participants }: Pick<RoomDetailsProps, 'participants'>) {
  return (
    <section class="room-pictures" aria-label="Pictures">
      {participants.map((participant) => {
        const { userId, displayName, sessionId, watchUrl } = participant;
        if (watchUrl === null) return null;
        return (
          <figure key={sessionId} class="panel">
            <figcaption>
              <strong>{displayName}</strong> <span class="quiet">{userId === displayName ? '' : userId}</span>
              <span class="quiet">{mediaFacts(participant).join(' · ')}</span>
            </figcaption>
            <WebRtcPicture url={watchUrl} sessionId={sessionId} label={`Live picture of ${userId}`} />
          </figure>
        );
      })}
    </section>
  );
}

function ParticipantsPanel({ address, participants }: RoomDetailsProps) {
  const { api, nowMs } = useConsole();
  if (participants.length === 0) return null;
  const columns: readonly Column<ParticipantItem>[] = [
    {
      name: 'User',
      cell: ({ userId, displayName }) => (
        <>
          {userId} <span class="quiet">{displayName === userId ? '' : displayName}</span>
        </>
      ),
    },
    { name: 'Role', cell: ({ role }) => role },
    { name: 'For', cell: ({ joinedMs }) => duration((nowMs.value ?? joinedMs) - joinedMs) },
    { name: 'From', class: 'wide-only', cellClass: 'mono', cell: ({ remoteAddr }) => remoteAddr },
    buttonColumn('Remove', ({ userId }) => (
      <ActionButton
        class="small"
        label={`Remove ${userId}`}
        action={() => api('removeParticipant', { params: { ...address, userId } })}
      >
        Remove
      </ActionButton>
    )),
  ];
  return (
    <Panel name="Participants">
      <ListTable columns={columns} rows={participants} keyOf={({ sessionId }) => sessionId} />
    </Panel>
  );
}
