import type { Participant, RoomAddress } from '../control-api.ts';
import { count, duration } from '../format.ts';
import { LivePicture } from '../live/live-picture.tsx';
import { mediaFacts } from '../live/media-facts.ts';
import { ViewerList } from '../live/viewer-list.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useConsole } from '../state/context.ts';
import { StreamFindings } from '../streams/stream-findings.tsx';
import { AddressForm } from './address-form.tsx';

export interface RoomPageProps {
  readonly address: RoomAddress;
  /** Empty while nobody is there, which is no room at all. */
  readonly participants: readonly Participant[];
}

/** One room: the picture of everybody who publishes, who is there, and how to come in. */
export function RoomPage({ address, participants }: RoomPageProps) {
  const { appId, channelId } = address;
  const isHere = (about: object) =>
    'appId' in about && about.appId === appId && 'channelId' in about && about.channelId === channelId;
  return (
    <main class="channel-page" id="main">
      <header class="channel-header">
        <h1>
          <span class="quiet">{appId} /</span> {channelId}
        </h1>
        <StateBadge state={participants.length > 0 ? 'live' : 'idle'} />
        <ul class="facts">
          <li>{participants.length === 0 ? 'nobody is there' : count(participants.length, 'user')}</li>
        </ul>
      </header>
      <StreamFindings isAbout={isHere} />
      <Pictures participants={participants} />
      <Participants address={address} participants={participants} />
      <ViewerList of={`${appId}/${channelId}`} isMeant={isHere} />
      <AddressForm room={address} />
    </main>
  );
}

function Pictures({ participants }: Pick<RoomPageProps, 'participants'>) {
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
            <LivePicture url={watchUrl} sessionId={sessionId} label={`Live picture of ${userId}`} />
          </figure>
        );
      })}
    </section>
  );
}

function Participants({ address, participants }: RoomPageProps) {
  const { api, notice, clock } = useConsole();
  if (participants.length === 0) return null;
  return (
    <section class="panel" aria-label="Participants">
      <header>
        <h2>Participants</h2>
      </header>
      <table class="history">
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Role</th>
            <th scope="col">For</th>
            <th scope="col" class="wide-only">
              From
            </th>
            <th scope="col">
              <span class="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {participants.map(({ userId, displayName, role, joinedMs, remoteAddr, sessionId }) => (
            <tr key={sessionId}>
              <td>
                {userId} <span class="quiet">{displayName === userId ? '' : displayName}</span>
              </td>
              <td>{role}</td>
              <td>{duration((clock.nowMs.value ?? joinedMs) - joinedMs)}</td>
              <td class="mono wide-only">{remoteAddr}</td>
              <td class="number">
                <button
                  type="button"
                  class="small"
                  aria-label={`Remove ${userId}`}
                  onClick={() => notice.attempt(async () => void (await api.removeParticipant({ ...address, userId })))}
                >
                  Remove
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
