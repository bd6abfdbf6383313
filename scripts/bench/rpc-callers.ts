/** A process that calls DescribeLiveStreamsOnlineList. Its arguments: the port, and how often. @throws Error when one is refused */
import { Agent } from 'node:http';
import { callRpc } from './rpc-call.ts';

const CONNECTIONS = 16;

const [port = 0, calls = 0] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
let left = calls;

async function call(): Promise<void> {
  while (left-- > 0) {
    const parameters = { Action: 'DescribeLiveStreamsOnlineList', DomainName: 'a.test' };
    const { status } = await callRpc(port, parameters, agent);
    if (status !== 200) throw new Error(`a call was answered with ${status}`);
  }
}

await Promise.all(Array.from({ length: CONNECTIONS }, call));
agent.destroy();
