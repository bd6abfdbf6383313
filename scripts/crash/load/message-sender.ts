import { setTimeout as delay } from 'node:timers/promises';
import type { Desk } from './load.ts';

/** Topics, queues and messages of MNS. They are not stored, so that nothing of them is audited. */
export async function messageSender({ client, random, gone }: Desk): Promise<never> {
  for (;;) {
    const topic = `/topics/topic-${random.below(3)}`;
    const queue = `/queues/queue-${random.below(3)}`;
    const xmlns = 'xmlns="http://mns.aliyuncs.com/doc/v1/"';
    await client.mns('PUT', topic, `<Topic ${xmlns}></Topic>`);
    await client.mns('PUT', queue, `<Queue ${xmlns}></Queue>`);
    await client.mns(
      'POST',
      `${topic}/messages`,
      `<Message ${xmlns}><MessageBody>bWVzc2FnZQ==</MessageBody></Message>`,
    );
    await client.mns(
      'POST',
      `${queue}/messages`,
      `<Message ${xmlns}><MessageBody>bWVzc2FnZQ==</MessageBody></Message>`,
    );
    await delay(10, undefined, { signal: gone });
  }
}
