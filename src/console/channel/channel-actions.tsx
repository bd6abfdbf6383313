import type { ChannelItem } from '../api-client.ts';
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
  const { api, channels } = useConsole();
  const { bucket, name, status } = channel;
  const params = { bucket, channel: name };
  const change = async (call: () => Promise<unknown>) => {
    try {
      await call();
    } finally {
      // Also when it was refused: another page may have deleted the channel.
      await channels.refresh();
    }
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
          <p>
            Its configuration and its push history go. What it recorded stays in the folder {name} of the bucket{' '}
            {bucket}.
          </p>
        }
        verb="Delete the channel"
        action={() => change(() => api('deleteChannel', { params }))}
      >
        Delete
      </ConfirmButton>
    </div>
  );
}
