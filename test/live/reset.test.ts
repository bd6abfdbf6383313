import { expect, it } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { recordConfig } from './bench.ts';

it('a reset forgets configurations and domains, and makes the bucket of the option again', async () => {
  const { emulator, endpoint } = await startTestEmulator({ auth: 'off', liveRecordBucket: 'recordings' });
  const call = async (Action: string, parameters: Readonly<Record<string, string>>) => {
    const query = new URLSearchParams({ Action, Version: '2016-11-01', Format: 'JSON', ...parameters });
    return Object(await (await fetch(`${endpoint}/?${query}`)).json());
  };
  await call('AddLiveAppRecordConfig', recordConfig());
  await call('AddLiveDomainMapping', { PullDomain: 'play.test', PushDomain: 'push.test' });
  const domains = async () => (await call('DescribeLiveUserDomains', {})).TotalCount;
  expect(await domains()).toBe(1);

  await emulator.control.reset();
  expect(await domains()).toBe(0);
  const mapping = await call('DescribeLiveDomainMapping', { DomainName: 'play.test' });
  expect(mapping.LiveDomainModels.LiveDomainModel).toEqual([]);
  expect((await call('DescribeLiveRecordConfig', { DomainName: 'example.com' })).TotalNum).toBe(0);
  expect((await fetch(`${endpoint}/recordings/`)).status).toBe(200);
});
