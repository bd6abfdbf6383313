import type { PublishItem } from '../api-client.ts';
import type { ChannelAddress } from '../page-route.ts';
import { useAnswer, useConsole } from '../state/context.ts';
import { ActionButton } from './action-button.tsx';
import { Icon } from './icon.tsx';

const DURATION_SEC = 600;

export interface TestPushProps {
  /** A channel, or the URL of a stream or of a user of a room. */
  readonly to: ChannelAddress | { readonly url: string };
  /** There is no push there at present. */
  readonly isFree: boolean;
}

/** Pushes the emulator's own clip, or ends that push; for users without an encoder. */
export function TestPush({ to, isFree }: TestPushProps) {
  const { api } = useConsole();
  const publishes = useAnswer(`${JSON.stringify(to)} ${isFree}`, {
    ask: async () => (await api('publishes')).publishes,
    refreshOn: ['publish.accepted', 'publish.ended', 'live.published', 'live.ended', 'room.joined', 'room.left'],
  });
  const running = publishes?.find((publish) => publish.state === 'running' && isTo(publish, to));
  if (running) {
    return (
      <ActionButton action={() => api('stopPublish', { params: { id: running.id } })}>
        End the test picture
      </ActionButton>
    );
  }
  if (!isFree) return null;
  return (
    <ActionButton class="primary" action={() => api('publish', { body: { ...to, durationSec: DURATION_SEC } })}>
      <Icon name="play" /> Push a test picture
    </ActionButton>
  );
}

function isTo({ request, bucket, channel }: PublishItem, to: TestPushProps['to']): boolean {
  if ('channel' in to) return bucket === to.bucket && channel === to.channel;
  return request.url !== undefined && withoutSignature(request.url) === withoutSignature(to.url);
}

/** The signature differs in every answer. */
function withoutSignature(url: string): string {
  return url.replace(/auth_key=[^&]*/, '');
}
