import { useState } from 'preact/hooks';
import { Lines, ObsLines } from '../channel/connect.tsx';
import type { PushAddress, RoomAddress } from '../control-api.ts';
import { day, roughly, timeOfDay } from '../format.ts';
import { Addresses } from '../live/addresses.tsx';
import { TestPush } from '../live/test-push.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { routeHash } from '../route.ts';
import { useConsole } from '../state/context.ts';

const EXPIRIES_SEC = [600, 3600, 36_000, 604_800];

/** Who wants to come in. */
interface Draft {
  readonly appId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly displayName: string;
  readonly expiresSec: number;
}

const FIRST_DRAFT: Draft = { appId: 'app', channelId: 'room', userId: 'alice', displayName: '', expiresSec: 36_000 };

/** Makes the address at which a user publishes into a room, and shows it for every way of pushing. */
export function AddressForm({ room }: { readonly room: RoomAddress | undefined }) {
  const { api, notice } = useConsole();
  const [draft, setDraft] = useState<Draft>({ ...FIRST_DRAFT, ...room });
  const [made, setMade] = useState<{ readonly draft: Draft; readonly address: PushAddress }>();
  const make = () =>
    notice.attempt(async () => {
      const { displayName, ...user } = draft;
      const address = await api.roomAddress({ ...user, ...(displayName !== '' && { displayName }) });
      setMade({ draft, address });
    });
  return (
    <section class="panel recordings" aria-label="New address">
      <header>
        <h2>New address</h2>
        <span class="quiet">What CreateRoomRealTimeStreamAddress gives, without a signed call.</span>
      </header>
      <UserForm hasRoom={room !== undefined} draft={draft} onChange={setDraft} onSubmit={make} />
      {made && <MadeAddress {...made} isElsewhere={!room} />}
    </section>
  );
}

interface UserFormProps {
  /** The room need not be named. */
  readonly hasRoom: boolean;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSubmit: () => void;
}

function UserForm({ hasRoom, draft, onChange, onSubmit }: UserFormProps) {
  const idField = (name: string, key: 'appId' | 'channelId' | 'userId') => (
    <IdField name={name} value={draft[key]} onInput={(id) => onChange({ ...draft, [key]: id })} />
  );
  return (
    <form
      class="address-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {!hasRoom && idField('AppId', 'appId')}
      {!hasRoom && idField('ChannelId', 'channelId')}
      {idField('UserId', 'userId')}
      <label>
        DisplayName
        <input
          type="text"
          maxLength={40}
          placeholder={draft.userId}
          value={draft.displayName}
          onInput={({ currentTarget }) => onChange({ ...draft, displayName: currentTarget.value })}
        />
      </label>
      <label>
        Valid for
        <select
          value={draft.expiresSec}
          onChange={({ currentTarget }) => onChange({ ...draft, expiresSec: Number(currentTarget.value) })}
        >
          {EXPIRIES_SEC.map((sec) => (
            <option key={sec} value={sec}>
              {roughly(sec * 1000)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="primary">
        Make the address
      </button>
    </form>
  );
}

function IdField(props: { readonly name: string; readonly value: string; readonly onInput: (text: string) => void }) {
  return (
    <label>
      {props.name}
      <input
        type="text"
        required
        maxLength={64}
        pattern="[A-Za-z0-9_\-]+"
        title="1 to 64 of A-Z, a-z, 0-9, _ and -"
        value={props.value}
        onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
      />
    </label>
  );
}

function MadeAddress(props: {
  readonly draft: Draft;
  readonly address: PushAddress;
  /** The room is not the one that is shown. */
  readonly isElsewhere: boolean;
}) {
  const { address, draft } = props;
  const { rtmpAddress, rts, whep, ffmpeg, expiresMs } = address;
  const { appId, channelId, userId } = draft;
  return (
    <div class="made-address">
      <p>
        <strong>{userId}</strong> publishes into{' '}
        {props.isElsewhere ? (
          <a class="link" href={routeHash({ page: 'rooms', address: { appId, channelId } })}>
            {appId}/{channelId}
          </a>
        ) : (
          `${appId}/${channelId}`
        )}{' '}
        with this, until {day(expiresMs)} {timeOfDay(expiresMs)}. <TestPush url={rtmpAddress} isFree />
      </p>
      <Tabs
        label="How to push"
        tabs={[
          { name: 'OBS', content: () => <ObsLines {...address} /> },
          { name: 'ffmpeg', content: () => <Lines name="command" hint="In a shell." code={ffmpeg} /> },
          { name: 'URL', content: () => <Lines name="address" hint="For any other encoder." code={rtmpAddress} /> },
          {
            name: 'Watch',
            content: () => (
              <Addresses
                all={[
                  { name: 'RTS', text: rts },
                  { name: 'WHEP', text: whep },
                ]}
              />
            ),
          },
        ]}
      />
    </div>
  );
}
