import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';

it('a connection that is made while the clock is moved is served', async () => {
  const { emulator, port } = await startTestEmulator();
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  // A second connection is answered after the first was accepted.
  await fetch(`http://127.0.0.1:${port}/`);
  await emulator.clock.advance(86_400_000);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 403 /);
});
