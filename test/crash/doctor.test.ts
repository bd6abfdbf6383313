/** The command as a process: nothing but its waits keeps it alive. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { bundledCommand } from './bundled.ts';

const command = bundledCommand();

it('the doctor says that a store does not answer, which is asked again for a while before', async () => {
  const objects = 's3://id:secret@examplebucket/x?endpoint=http://127.0.0.1:1';
  const ports = ['--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0'];
  const doctor = spawn(process.execPath, [command.path, 'doctor', '--memory', '--objects', objects, ...ports]);
  const [said, [code]] = await Promise.all([text(doctor.stdout), once(doctor, 'close')]);
  expect(said).toMatch(/bad +object store +s3:\/\/examplebucket\/x\/ at .*ECONNREFUSED/);
  expect(code).toBe(1);
});
