import { useState } from 'preact/hooks';
import type { ChannelItem, Signature } from '../api-client.ts';
import { day, roughly, timeOfDay } from '../format.ts';
import { CodeLines, ObsLines } from '../parts/code-lines.tsx';
import { ExpiryField } from '../parts/form.tsx';
import { LoadingText } from '../parts/loading.tsx';
import { Panel } from '../parts/panel.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { sdkSnippets } from './snippets.ts';

const EXPIRIES_SEC = [600, 3600, 86_400, 604_800];

/** Addresses, commands and code to push to a channel. */
export function ConnectPanel({ channel }: { readonly channel: ChannelItem }) {
  const { api, info } = useConsole();
  const [expiresSec, setExpiresSec] = useState(86_400);
  const [signedTimes, setSignedTimes] = useState(1);
  const { bucket, name: channelName } = channel;
  const signature = useAnswer(`${bucket}/${channelName} for ${expiresSec} s, ${signedTimes}`, {
    ask: () => api('sign', { body: { bucket, channel: channelName, expiresSec } }),
    refreshOn: ['emulator.reset'],
  });
  const sdks = info.value ? sdkSnippets(info.value, channel, expiresSec) : [];
  return (
    <Panel
      name="Connect"
      class="connect"
      help="pushing"
      header={
        <>
          <ExpiryField choicesSec={EXPIRIES_SEC} value={expiresSec} onChange={setExpiresSec} />
          {signature && <Expiry signature={signature} />}
          <button type="button" onClick={() => setSignedTimes(signedTimes + 1)}>
            Sign again
          </button>
        </>
      }
    >
      {!signature && <LoadingText />}
      {signature && (
        <Tabs
          label="How to push"
          tabs={[
            { name: 'OBS', content: () => <ObsLines {...signature} /> },
            { name: 'ffmpeg', content: () => <CodeLines name="command" hint="In a shell." code={signature.ffmpeg} /> },
            {
              name: 'URL',
              content: () => <CodeLines name="signed URL" hint="For any other encoder." code={signature.url} />,
            },
            ...sdks.map(({ name, library, code }) => ({
              name,
              content: () => <CodeLines name={`${name} code`} hint={`With ${library}.`} code={code} />,
            })),
          ]}
        />
      )}
    </Panel>
  );
}

function Expiry({ signature: { expiresMs } }: { readonly signature: Signature }) {
  const { nowMs } = useConsole();
  const leftMs = expiresMs - (nowMs.value ?? expiresMs);
  const when = `${day(expiresMs)} ${timeOfDay(expiresMs)}`;
  if (leftMs <= 0) return <span class="expiry expired">expired {when}, by the clock of the emulator</span>;
  return (
    <span class="expiry" title={new Date(expiresMs).toISOString()}>
      until {when}, {roughly(leftMs)} left
    </span>
  );
}
