import { useState } from 'preact/hooks';
import type { Channel, Signature } from '../control-api.ts';
import { day, roughly, timeOfDay } from '../format.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { sdkSnippets } from './snippets.ts';

const EXPIRIES_SEC = [600, 3600, 86_400, 604_800];

/** How to push to a channel, ready to paste. */
export function Connect({ channel }: { readonly channel: Channel }) {
  const { api, info } = useConsole();
  const [expiresSec, setExpiresSec] = useState(86_400);
  const [signedTimes, setSignedTimes] = useState(1);
  const address = { bucket: channel.bucket, channel: channel.name };
  const signature = useAnswer(
    `${channel.bucket}/${channel.name} for ${expiresSec} s, ${signedTimes}`,
    () => api.sign({ ...address, expiresSec }),
    ['emulator.reset'],
  );
  const sdks = info.value ? sdkSnippets(info.value, channel, expiresSec) : [];
  return (
    <section class="panel connect" aria-label="Connect">
      <header>
        <h2>Connect</h2>
        <label>
          Valid for{' '}
          <select value={expiresSec} onChange={({ currentTarget }) => setExpiresSec(Number(currentTarget.value))}>
            {EXPIRIES_SEC.map((sec) => (
              <option key={sec} value={sec}>
                {roughly(sec * 1000)}
              </option>
            ))}
          </select>
        </label>
        {signature && <Expiry signature={signature} />}
        <button type="button" onClick={() => setSignedTimes(signedTimes + 1)}>
          Sign again
        </button>
      </header>
      {signature && (
        <Tabs
          label="How to push"
          tabs={[
            { name: 'OBS', content: () => <ObsLines {...signature} /> },
            { name: 'ffmpeg', content: () => <Lines name="command" hint="In a shell." code={signature.ffmpeg} /> },
            {
              name: 'URL',
              content: () => <Lines name="signed URL" hint="For any other encoder." code={signature.url} />,
            },
            ...sdks.map(({ name, library, code }) => ({
              name,
              content: () => <Lines name={`${name} code`} hint={`With ${library}.`} code={code} />,
            })),
          ]}
        />
      )}
    </section>
  );
}

function Expiry({ signature: { expiresMs } }: { readonly signature: Signature }) {
  const { clock } = useConsole();
  const leftMs = expiresMs - (clock.nowMs.value ?? expiresMs);
  const when = `${day(expiresMs)} ${timeOfDay(expiresMs)}`;
  if (leftMs <= 0) return <span class="expiry expired">expired {when}, by the clock of the emulator</span>;
  return (
    <span class="expiry" title={new Date(expiresMs).toISOString()}>
      until {when}, {roughly(leftMs)} left
    </span>
  );
}

export function ObsLines({ server, streamKey }: Pick<Signature, 'server' | 'streamKey'>) {
  return (
    <>
      <p class="hint">Settings → Stream → Service “Custom…”.</p>
      <dl class="obs">
        <dt>Server</dt>
        <dd>
          <code>{server}</code> <CopyButton text={server} what="server" />
        </dd>
        <dt>Stream key</dt>
        <dd>
          <code>{streamKey}</code> <CopyButton text={streamKey} what="stream key" />
        </dd>
      </dl>
    </>
  );
}

export function Lines({ name, hint, code }: { readonly name: string; readonly hint: string; readonly code: string }) {
  return (
    <>
      <p class="hint">{hint}</p>
      <div class="lines">
        <pre>
          <code>{code}</code>
        </pre>
        <CopyButton text={code} what={name} />
      </div>
    </>
  );
}
