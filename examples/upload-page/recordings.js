// What the camera recorded: kept for a week, watched by the hour.

/** Lets fragments go after a number of days. What is not below the folder of the channel stays. */
export function keepFragments(client, channel, days) {
  const rule = { id: `fragments-of-${channel}`, prefix: `${channel}/`, status: 'Enabled', expiration: { days } };
  return client.putBucketLifecycle(client.options.bucket, [rule]);
}

/** The URLs of the fragments that began in a range of time, by a playlist that OSS makes; times are Dates. */
export async function fragmentsBetween(client, channel, from, to) {
  const seconds = (date) => Math.floor(date.getTime() / 1000);
  await client.createVod(channel, 'range.m3u8', { startTime: seconds(from), endTime: seconds(to) });
  const { content } = await client.get(`${channel}/range.m3u8`);
  return content
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}
