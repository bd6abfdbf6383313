import { formatRpcTime } from '../../../src/aliyun/auth/rpc-time.ts';
import { RtmpRefusedError } from '../../../src/rtmp/client.ts';
import type { Desk } from './load.ts';
import { OBJECTS } from './places.ts';
import { pushMedia } from './pushing.ts';

const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 'recorded' };

/** Pushes a stream that is recorded, and makes index files of it. */
export async function streamRecorder({ client, ledger, random, gone }: Desk): Promise<never> {
  for (let number = 0; ; number++) {
    try {
      await pushMedia(`rtmp://127.0.0.1:${client.port}/app/${STREAM.StreamName}`, 6_000 + random.below(12_000), gone);
    } catch (error) {
      // The push before it is still being stored.
      if (!(error instanceof RtmpRefusedError)) throw error;
      continue;
    }
    const OssObject = `index/${random.below(1_000_000)}-${number}.m3u8`;
    const range = { StartTime: time(-3_600_000), EndTime: time(60_000) };
    const place = { OssBucket: OBJECTS, OssEndpoint: `127.0.0.1:${client.port}` };
    const answer = await client.live('CreateLiveStreamRecordIndexFiles', { ...STREAM, ...place, ...range, OssObject });
    const { RecordInfo } = answer;
    if (typeof RecordInfo === 'object' && RecordInfo !== null && 'RecordId' in RecordInfo) {
      ledger.records.set(String(RecordInfo.RecordId), OssObject);
    }
  }
}

function time(offsetMs: number): string {
  return formatRpcTime(Date.now() + offsetMs);
}
