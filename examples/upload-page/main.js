// npm start, then open the address that it prints.
import OSS from 'ali-oss';
import { startEmulator } from 'oss-livechannel-emulator';
import { startServer } from './server.js';

const emulator = await startEmulator();
const { url } = await startServer({
  client: new OSS(emulator.aliOssOptions),
  bucketUrl: `${emulator.endpoint}/${emulator.bucket}`,
  keyOrigins: [`${emulator.endpoint}/_emulator/`],
});
console.log('Send a picture at', url);
console.log('See it arrive at', `${emulator.endpoint}/_emulator/`);
