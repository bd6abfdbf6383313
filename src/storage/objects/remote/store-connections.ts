import { AsyncLocalStorage } from 'node:async_hooks';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';

interface Watched<Answer> {
  readonly answer: Answer;
  /** Nothing is left to send, so nothing reads the memory of the bodies any more. */
  readonly isSent: boolean;
}

/**
 * The connections to a store, for its client to use. A store may answer before it has received all of a body. The rest is then
 * still read from our memory, and only the connection knows: no client tells.
 */
export class StoreConnections {
  readonly #used = new AsyncLocalStorage<Set<Duplex>>();
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;

  constructor() {
    const onUse = (connection: Duplex) => this.#used.getStore()?.add(connection);
    // No request waits for a connection: it is taken inside the call, so that the call is known.
    this.httpAgent = reporting(new http.Agent({ keepAlive: true }), onUse);
    this.httpsAgent = reporting(new https.Agent({ keepAlive: true }), onUse);
  }

  /** Requests of `act`, which resolves when they are answered. */
  async watch<Answer>(act: () => Promise<Answer>): Promise<Watched<Answer>> {
    const used = new Set<Duplex>();
    const answer = await this.#used.run(used, act);
    return { answer, isSent: used.size > 0 && [...used].every(({ writableLength }) => writableLength === 0) };
  }

  close(): void {
    this.httpAgent.destroy();
    this.httpsAgent.destroy();
  }
}

/** The agent, which tells of each connection that a request gets, be it a new one or one that is used again. */
function reporting<Some extends http.Agent>(agent: Some, onUse: (connection: Duplex) => void): Some {
  const { createConnection, reuseSocket } = agent;
  agent.createConnection = (options, callback) => {
    const connection = createConnection.call(agent, options, callback);
    if (connection) onUse(connection);
    return connection;
  };
  agent.reuseSocket = (connection, request) => {
    reuseSocket.call(agent, connection, request);
    onUse(connection);
  };
  return agent;
}
