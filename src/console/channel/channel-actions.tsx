import type { ChannelItem } from '../api-client.ts';
import { routeHash } from '../page-route.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { useConsole } from '../state/context.ts';

export interface ChannelActionsProps {
  readonly channel: ChannelItem;
  readonly isEdited: boolean;
  readonly onEdit: () => void;
}

/** What can be done to a channel as a whole. */
export function ChannelActions({ channel, isEdited, onEdit }: ChannelActionsProps) {
  const { api, channels, notice } = useConsole();
  const { bucket, name, status, live } = channel;
  const params = { bucket, channel: name };
  const change = async (call: () => Promise<unknown>) => {
    try {
      await call();
    } finally {
      // Also when it was refused: another page may have deleted the channel.
      await channels.refresh();
    }
  };
  const remove = async () => {
    const next = neighbour(channels.value ?? [], channel);
    await change(() => api('deleteChannel', { params }));
    location.hash = routeHash({ page: 'channels', address: next && { bucket: next.bucket, channel: next.name } });
    notice.show(`The channel ${bucket}/${name} was deleted.`);
  };
  const setStatus = (wanted: string) => change(() => api('putChannelStatus', { params, body: { status: wanted } }));
  return (
    <div class="header-actions">
      <button type="button" class="small" aria-pressed={isEdited} onClick={onEdit}>
        Change
      </button>
      {status === 'enabled' ? (
        <ActionButton class="small" action={() => setStatus('disabled')}>
          Disable
        </ActionButton>
      ) : (
        <ActionButton class="small" action={() => setStatus('enabled')}>
          Enable
        </ActionButton>
      )}
      <ConfirmButton
        class="small"
        title={`Delete the channel ${name}?`}
        consequence={
          <>
            {live && (
              <p>
                <strong>It is live:</strong> the emulator deletes no channel that is pushed to; disable it first, which
                ends the push some seconds later.
              </p>
            )}
            <p>
              Its configuration and its push history go. What it recorded stays in the folder {name} of the bucket{' '}
              {bucket}.
            </p>
          </>
        }
        verb="Delete the channel"
        action={remove}
      >
        Delete
      </ConfirmButton>
    </div>
  );
}

/** The channel that takes the place of this one in the list. */
function neighbour(all: readonly ChannelItem[], { bucket, name }: ChannelItem): ChannelItem | undefined {
  const index = all.findIndex((other) => other.bucket === bucket && other.name === name);
  return all[index + 1] ?? all[index - 1];
}
