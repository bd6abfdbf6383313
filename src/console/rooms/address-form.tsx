import { useState } from 'preact/hooks';
import type { RoomName } from '../../base/push-source.ts';
import type { PushAddress } from '../api-client.ts';
import { day, timeOfDay } from '../format.ts';
import { routeHash } from '../page-route.ts';
import { CodeLines, NamedTexts, ObsLines } from '../parts/code-lines.tsx';
import { ExpiryField, Form, TextField } from '../parts/form.tsx';
import { Panel } from '../parts/panel.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { TestPush } from '../parts/test-push.tsx';
import { useConsole } from '../state/context.ts';
import { useDraft } from '../state/draft.ts';

const EXPIRIES_SEC = [600, 3600, 36_000, 604_800];

/** The user for whom an address is made. */
interface UserDraft extends RoomName {
  readonly userId: string;
  readonly displayName: string;
  readonly expiresSec: number;
}

const FIRST_DRAFT: UserDraft = {
  appId: 'app',
  channelId: 'room',
  userId: 'alice',
  displayName: '',
  expiresSec: 36_000,
};

/** Makes the address at which a user publishes into a room, and shows it for every way of pushing. */
export function AddressForm({ room }: { readonly room: RoomName | undefined }) {
  const { api, notice } = useConsole();
  const { value: draft, set: setDraft } = useDraft<UserDraft>(
    room ? `address ${room.appId}/${room.channelId}` : 'address',
    { ...FIRST_DRAFT, ...room },
  );
  const [made, setMade] = useState<{ readonly draft: UserDraft; readonly address: PushAddress }>();
  const make = () =>
    notice.attempt(async () => {
      const { displayName, ...user } = draft;
      const body = { ...user, ...(displayName !== '' && { displayName }) };
      setMade({ draft, address: await api('roomAddress', { body }) });
    });
  return (
    <Panel
      name="New address"
      class="recordings"
      header={<span class="quiet">What CreateRoomRealTimeStreamAddress gives, without a signed call.</span>}
    >
      <UserForm hasRoom={room !== undefined} draft={draft} onChange={setDraft} onSubmit={make} />
      {made && <MadeAddress {...made} isElsewhere={!room} />}
    </Panel>
  );
}

interface UserFormProps {
  /** The room is known, so the form does not ask for it. */
  readonly hasRoom: boolean;
  readonly draft: UserDraft;
  readonly onChange: (draft: UserDraft) => void;
  readonly onSubmit: () => Promise<unknown>;
}

function UserForm({ hasRoom, draft, onChange, onSubmit }: UserFormProps) {
  const idField = (name: string, key: 'appId' | 'channelId' | 'userId') => (
    <TextField
      label={name}
      required
      maxLength={64}
      pattern="[A-Za-z0-9_\-]+"
      title="1 to 64 of A-Z, a-z, 0-9, _ and -"
      value={draft[key]}
      onInput={(id) => onChange({ ...draft, [key]: id })}
    />
  );
  return (
    <Form class="address-form" onSubmit={onSubmit}>
      {!hasRoom && idField('AppId', 'appId')}
      {!hasRoom && idField('ChannelId', 'channelId')}
      {idField('UserId', 'userId')}
      <TextField
        label="DisplayName"
        maxLength={40}
        placeholder={draft.userId}
        value={draft.displayName}
        onInput={(displayName) => onChange({ ...draft, displayName })}
      />
      <ExpiryField
        choicesSec={EXPIRIES_SEC}
        value={draft.expiresSec}
        onChange={(expiresSec) => onChange({ ...draft, expiresSec })}
      />
      <button type="submit" class="primary">
        Make the address
      </button>
    </Form>
  );
}

function MadeAddress(props: {
  readonly draft: UserDraft;
  readonly address: PushAddress;
  /** The page shows no room or another one. */
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
        with this, until {day(expiresMs)} {timeOfDay(expiresMs)}. <TestPush to={{ url: rtmpAddress }} isFree />
      </p>
      <Tabs
        label="How to push"
        tabs={[
          { name: 'OBS', content: () => <ObsLines {...address} /> },
          { name: 'ffmpeg', content: () => <CodeLines name="command" hint="In a shell." code={ffmpeg} /> },
          { name: 'URL', content: () => <CodeLines name="address" hint="For any other encoder." code={rtmpAddress} /> },
          {
            name: 'Watch',
            content: () => (
              <NamedTexts
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
