/** The ordinary work of Apache OpenDAL with a bucket: whole files, large files, listings, copies. */
import { createRequire } from 'node:module';

const [packages, endpoint] = process.argv.slice(2);
const { Operator } = createRequire(`${packages}/`)('opendal');
const operator = new Operator('oss', {
  bucket: 'examplebucket',
  root: '/opendal-node',
  endpoint,
  access_key_id: 'emulator-ak',
  access_key_secret: 'emulator-secret',
});

const say = (what, value) => console.log(`${what}=${value}`);

async function names() {
  const entries = await operator.list('', { recursive: true });
  return entries
    .map((entry) => entry.path())
    .filter((path) => !path.endsWith('/'))
    .sort()
    .join(',');
}

await operator.write('in/small.txt', Buffer.from('0123456789'));
const writer = await operator.writer('in/large.bin');
for (let part = 0; part < 3; part++) await writer.write(Buffer.alloc(6_000_000, 7));
await writer.close();
say('small', await operator.read('in/small.txt'));
say('large', (await operator.stat('in/large.bin')).contentLength);
say('listed', await names());
await operator.copy('in/small.txt', 'out/small.txt');
await operator.delete('in/small.txt');
say('after renaming', await names());
await operator.removeAll('/');
say('after deleting', await names());
