import { useQueryValue } from '../address-bar.ts';
import { type ChannelAddress, routeHash, withQuery } from '../page-route.ts';
import { newChannelDraft } from './channel-draft.ts';
import { ChannelForm } from './channel-form.tsx';

const CHANNELS = routeHash({ page: 'channels', address: undefined });

/** The place of the form for a new channel. */
export const NEW_CHANNEL = withQuery(CHANNELS, 'form', 'new');

function show(address: ChannelAddress): void {
  location.hash = routeHash({ page: 'channels', address });
}

/** The form for a channel that is to be created in some bucket. */
export function NewChannel({ bucket }: { readonly bucket: string }) {
  return (
    <main class="channel-page" id="main">
      <header class="channel-header">
        <h1>New channel</h1>
      </header>
      <ChannelForm
        draftName="new channel"
        initial={newChannelDraft(bucket, '')}
        isNew
        onSaved={show}
        onCancel={() => {
          location.hash = CHANNELS;
        }}
      />
    </main>
  );
}

/**
 * In place of a channel that is not there: it never was, another page has deleted it, or the emulator was started anew. What was
 * typed into its form is kept.
 */
export function NoChannel({ address }: { readonly address: ChannelAddress | undefined }) {
  const [form, setForm] = useQueryValue('form');
  if (!address) {
    return (
      <main class="empty" id="main">
        <h1>There is no channel yet</h1>
        <p>
          <a class="link" href={NEW_CHANNEL}>
            Create one
          </a>
          , or start with <code>--channel NAME</code>.
        </p>
      </main>
    );
  }
  const { bucket, channel } = address;
  const isOpen = form !== '';
  return (
    <main class={isOpen ? 'channel-page' : 'empty'} id="main">
      <header class={isOpen ? 'channel-header' : undefined}>
        <h1>
          There is no channel {bucket}/{channel}
        </h1>
      </header>
      <p role="status">If it was here before, it was deleted, or the emulator was reset or started anew.</p>
      {isOpen ? (
        <ChannelForm
          draftName={`channel ${bucket}/${channel}`}
          initial={newChannelDraft(bucket, channel)}
          isNew
          onSaved={show}
          onCancel={() => setForm('')}
        />
      ) : (
        <p>
          <button type="button" onClick={() => setForm('new')}>
            Create it
          </button>
        </p>
      )}
    </main>
  );
}
