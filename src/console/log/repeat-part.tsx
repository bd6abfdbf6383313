import { useState } from 'preact/hooks';
import type { RepeatItem } from '../api-client.ts';
import { CallFailed } from '../call-failed.ts';
import { routeHashWithQuery } from '../page-route.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { CodeLines } from '../parts/code-lines.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useAnswer, useConsole } from '../state/context.ts';
import { type SentAgain, sendAgain } from './send-again.ts';

/** How to make a request again: from the page, in a shell, in a program. Needs the request id as its key. */
export function RepeatPart({ requestId }: { readonly requestId: string }) {
  const { api } = useConsole();
  const answer = useAnswer<{ readonly repeat: RepeatItem } | { readonly reason: string }>(requestId, {
    ask: async () => {
      try {
        return { repeat: await api('repeatRequest', { params: { requestId } }) };
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        return { reason: error.message };
      }
    },
    refreshOn: [],
  });
  if (!answer) return null;
  return (
    <section class="repeat" aria-label="Make it again">
      <h3>Make it again</h3>
      {'reason' in answer ? <p class="quiet">{answer.reason}</p> : <Ways repeat={answer.repeat} />}
    </section>
  );
}

function Ways({ repeat }: { readonly repeat: RepeatItem }) {
  const { missing, curl, code } = repeat;
  const isWhole = missing.length === 0;
  const left = missing.join(', ');
  const curlHint = `Signed with the key of the emulator for an hour${isWhole ? '' : `; without ${left}`}.`;
  const ways = [
    ...(curl === null
      ? []
      : [{ name: 'curl', content: () => <CodeLines name="curl line" hint={curlHint} code={curl} /> }]),
    ...code.map(({ name, library, code: lines }) => ({
      name,
      content: () => <CodeLines name={`${name} code`} hint={`With ${library}.`} code={lines} />,
    })),
  ];
  return (
    <>
      {isWhole ? (
        <SendButton repeat={repeat} />
      ) : (
        <p class="quiet">
          It cannot be sent from here: the log does not keep its {left}, which may be large, secret, unreadable or
          repeated.
        </p>
      )}
      {ways.length > 0 && <Tabs label="How to make it again" tabs={ways} />}
      {isWhole && code.length === 0 && (
        <p class="hint">The SDKs have no call that says all that this request says, so there is no code for them.</p>
      )}
    </>
  );
}

function SendButton({ repeat }: { readonly repeat: RepeatItem }) {
  const { api, contact } = useConsole();
  const [sent, setSent] = useState<SentAgain>();
  const send = async () => {
    const { path } = await api('presign', { body: repeat.request });
    setSent(await sendAgain(repeat, path, contact));
  };
  return (
    <>
      <div class="buttons">
        <ActionButton class="primary" action={send}>
          Send again
        </ActionButton>
        <span class="quiet">signed anew with the key of the emulator</span>
      </div>
      {sent && <Answer sent={sent} />}
    </>
  );
}

function Answer({ sent: { status, requestId, contentType, text } }: { readonly sent: SentAgain }) {
  const { journal } = useConsole();
  const entry = journal.events.value.findLast(
    (event) => event.type === 'request.answered' && event.requestId === requestId,
  );
  return (
    <div class="sent-again" role="status">
      <p>
        Answered <span class={status < 400 ? 'badge good' : 'badge bad'}>{status}</span>{' '}
        {entry && (
          <a class="link" href={routeHashWithQuery({ page: 'log', entryId: entry.id }, location.hash)}>
            Show it in the log
          </a>
        )}
      </p>
      {text ? <pre>{text}</pre> : <p class="quiet">{contentType === '' ? 'No body.' : `A body of ${contentType}.`}</p>}
    </div>
  );
}
