/** The levels of lines, from what somebody should look at to what is said often. */
export const LINE_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LineLevel = (typeof LINE_LEVELS)[number];

interface LoggedEvent {
  /** `debug` beside `error` or `warn` is where it has failed in the outage of a store, which `store.away` has told. */
  readonly levels: readonly LineLevel[];
  /** For docs/log.md. */
  readonly what: string;
}

/** Every event that a line of the log can be about. A name that is not here cannot be logged, nor at another level. */
export const LOG_EVENTS = {
  'auth.let-through': { levels: ['warn'], what: '`--auth` lets a request or push in that the service would refuse' },
  bug: { levels: ['error'], what: 'a request was answered with 500 by a mistake of the emulator; its stack' },
  'bytes.not-deleted': {
    levels: ['warn', 'debug'],
    what: 'bytes of deleted objects are still there; they are deleted later, or by the next start',
  },
  'callback.failed': { levels: ['warn'], what: 'a callback of ApsaraVideo Live is given up' },
  connection: { levels: ['debug'], what: 'a client has cut its connection' },
  'connections.refused': { levels: ['warn'], what: 'so many connections were refused in ten seconds, by the bound' },
  'connections.timed-out': { levels: ['warn'], what: 'so many clients were too slow, by what was awaited' },
  'control.refused': { levels: ['info'], what: 'a call of the control API was refused' },
  'database.gone': { levels: ['error'], what: 'somebody has deleted or moved the database, or the data folder' },
  'database.newer': { levels: ['error'], what: 'a newer version has changed the tables: no new pushes, not ready' },
  'delivery.not-kept': {
    levels: ['warn', 'debug'],
    what: 'a callback or message that waits is in the memory of this node alone',
  },
  'document.unreadable': { levels: ['error'], what: 'something in the database is not of its kind, and is left out' },
  drained: { levels: ['info'], what: 'no push is left; how many were cut' },
  draining: { levels: ['info'], what: 'no new pushes are taken' },
  'events.not-read': {
    levels: ['warn'],
    what: 'the events of other nodes could not be read: who follows them has to connect again',
  },
  'events.not-stored': { levels: ['warn'], what: 'the last events of a node that stops are lost for the others' },
  'export.broken-off': { levels: ['warn'], what: 'an export over HTTP is not whole' },
  'export.written': { levels: ['info'], what: 'the file of `--export-on-exit` is there' },
  'ffmpeg.found': { levels: ['info'], what: 'which ffmpeg makes segments' },
  'hls.failed': {
    levels: ['error'],
    what: 'HLS of a live stream cannot be played any longer, by a mistake of the emulator',
  },
  'lease.lost': { levels: ['warn'], what: 'another node may have a channel or stream now; its push ends' },
  'lease.not-released': { levels: ['warn', 'debug'], what: 'a lease ends by itself, after ten seconds' },
  'leases.not-renewed': { levels: ['warn', 'debug'], what: 'leases could not be renewed; that is tried again' },
  'lifecycle.aborted': { levels: ['info'], what: 'lifecycle rules ended multipart uploads' },
  'lifecycle.expired': { levels: ['info'], what: 'lifecycle rules deleted something' },
  'lifecycle.failed': {
    levels: ['error', 'debug'],
    what: 'lifecycle rules could not be executed; due at the next pass',
  },
  'lifecycle.transitioned': { levels: ['info'], what: 'lifecycle rules changed the storage class of objects' },
  'live.forget-failed': {
    levels: ['error', 'debug'],
    what: 'what is remembered no longer was not deleted; tried again in a day',
  },
  'machine.fault': {
    levels: ['error', 'debug'],
    what: 'a request failed because of a disk, a database or an object store, and why',
  },
  'mns.request': { levels: ['info'], what: 'a request to MNS was answered' },
  'node.no-address': { levels: ['warn'], what: 'other nodes cannot forward viewers here: give `--node-url`' },
  'node.not-removed': { levels: ['warn'], what: 'a node that has stopped is listed for ten minutes yet' },
  'not-ready': {
    levels: ['warn'],
    what: 'a check of `/_emulator/ready` has begun to fail, and why; not of a store that is away, see `store.away`',
  },
  'notification.dead-letter': { levels: ['warn'], what: 'an MNS message is given up' },
  'notification.retry': { levels: ['info'], what: 'an MNS message is sent again, after `delayMs`' },
  'postgres.connection-lost': { levels: ['debug'], what: 'a connection to PostgreSQL was lost; another one is made' },
  'proxy.refused': { levels: ['warn'], what: 'a proxy has sent no PROXY header that can be read' },
  'publish.accepted': { levels: ['info'], what: 'a push was let in' },
  'publish.ended': {
    levels: ['info', 'error'],
    what: 'a push has ended; `cause`. An error where something of it could not be stored: `lostFragments`, `lostMs`',
  },
  'publish.failed': { levels: ['error'], what: 'a push was refused by a mistake of the emulator; its stack' },
  'publish.refused': { levels: ['warn'], what: 'a push was turned away; what the encoder was told, and why' },
  'ready-again': {
    levels: ['warn'],
    what: 'the check of `not-ready` has passed, `failedSec` seconds after it had failed first',
  },
  'record-config.formats': { levels: ['warn'], what: 'a record configuration asks for formats that are not made' },
  'record-config.on-demand': {
    levels: ['warn'],
    what: 'a record configuration has an `OnDemand` that does not record',
  },
  'record-index.gone': { levels: ['warn'], what: 'slices of an index file are deleted' },
  'record-index.name': { levels: ['warn'], what: 'the key of an index file does not end as players expect' },
  'recording.failed': { levels: ['error'], what: 'a recording of ApsaraVideo Live has failed' },
  request: { levels: ['info'], what: 'a REST request to OSS was answered' },
  'request.refused': { levels: ['warn'], what: 'a request was refused before it was read as one of an API' },
  'requests.refused': {
    levels: ['warn'],
    what: 'so many requests were refused in ten seconds: they would have waited longer than `--max-wait`',
  },
  'reset.not-followed': {
    levels: ['warn', 'debug'],
    what: 'this node could not follow a step of a reset of another one; that is tried again',
  },
  rpc: { levels: ['info'], what: 'an RPC request to ApsaraVideo Live or STS was answered' },
  'rtmp.closed': { levels: ['info', 'debug'], what: 'an RTMP connection has ended; at `debug` as it usually does' },
  'rtmp.port-taken': { levels: ['warn'], what: 'the second RTMP port is taken; the main port speaks RTMP too' },
  'rtmp.skipped': { levels: ['info'], what: 'a message or command of an encoder was skipped' },
  'segmenter.end-failed': {
    levels: ['error'],
    what: 'the last fragment of a push may be missing; a mistake of the emulator',
  },
  'session.end-failed': { levels: ['error'], what: 'the end of a push has failed by a mistake of the emulator' },
  'session.failed': { levels: ['error'], what: 'a push ends because a part of it has failed' },
  'session.lost': { levels: ['warn'], what: 'a push ends because its lease has' },
  'session.recovered': {
    levels: ['warn'],
    what: 'a push was ended that a process which is gone, or a lease that was lost, had left open',
  },
  'sessions.not-recovered': {
    levels: ['warn', 'debug'],
    what: 'the playlist of such a push could not be written; that is tried again',
  },
  'snapshot.failed': { levels: ['warn'], what: 'a picture was not made' },
  'sound.behind': { levels: ['warn'], what: 'sound for viewers by WebRTC comes faster than it can be encoded' },
  'sound.no-libav': { levels: ['debug'], what: 'libav.js is not there; ffmpeg is looked for' },
  'sound.unreadable': { levels: ['warn', 'info'], what: 'AAC frames cannot be decoded; at the end how many (`info`)' },
  stopping: { levels: ['info'], what: 'a signal has come, and the command stops' },
  'stopping.given-up': { levels: ['error'], what: 'the stop took too long: the process ends' },
  'storage.not-swept': { levels: ['warn', 'error'], what: 'files that no row names could not be moved away' },
  'storage.swept': { levels: ['warn'], what: 'files or bytes that no row named were moved away, or removed' },
  'storage.swept-not-removed': { levels: ['warn'], what: 'an old folder of such files could not be removed' },
  'storage.unnamed': { levels: ['warn'], what: 'bytes that no row names are removed from the object store in a week' },
  'store.away': {
    levels: ['warn'],
    what: 'a database (`store=metadata`) or object store (`store=objects`) on the network does not answer, nor when it was asked again, and why; what fails because of it and is tried again is at `debug`',
  },
  'store.back': { levels: ['warn'], what: 'it answers again; `awaySec`: it did not for so many seconds' },
  'stream.finding': { levels: ['warn'], what: 'something is unusual about a stream: [findings](findings.md)' },
  'stream.skipped': { levels: ['warn'], what: 'media that cannot be read was left out' },
  'stream.time-jump': { levels: ['debug'], what: 'the timestamps of a track have jumped' },
  'tls.failed': { levels: ['warn'], what: 'a client has ended the TLS handshake' },
  'tls.refused': { levels: ['warn'], what: 'a client speaks TLS, and there is no certificate' },
  'upkeep.failed': { levels: ['warn', 'debug'], what: 'what a node does again and again has failed; `what`' },
  'upload-callback.delivered': { levels: ['info'], what: 'the server of an upload callback has answered' },
  'upload-callback.failed': { levels: ['warn'], what: 'it has not, or not as it should' },
  'viewer.failed': { levels: ['error'], what: 'a viewer has failed by a mistake of the emulator; the push goes on' },
  'viewer.forwarding-ended': { levels: ['debug'], what: 'a stream of another node is forwarded no longer' },
  'viewer.joined': { levels: ['info'], what: 'a viewer watches a stream or a user of a room' },
  'viewer.left': { levels: ['info'], what: 'a viewer is gone; `cause`' },
  'viewer.refused': { levels: ['info'], what: 'a viewer was turned away, and why' },
  'watch.b-frames': { levels: ['warn'], what: 'B-frames are left out for browsers' },
  'watch.ended': { levels: ['info'], what: 'a viewer by WebRTC has ended, and why' },
  'watch.listening': { levels: ['info'], what: 'the UDP port of WebRTC' },
  'watch.no-sound': { levels: ['warn'], what: 'there is no sound by WebRTC, and how to get it' },
  'watch.open-gop': { levels: ['warn'], what: 'who begins to watch may see nothing, and what to set' },
  'watch.playing': { levels: ['info'], what: 'a viewer by WebRTC is connected' },
  'watch.port-taken': { levels: ['warn'], what: 'the UDP port of WebRTC is taken, and which one is used' },
  'watch.sound-failed': { levels: ['error'], what: 'sound by WebRTC has ended; pictures go on' },
  'webhook.dropped': { levels: ['warn'], what: 'an event was not delivered, and is given up' },
  'webhook.overflow': { levels: ['warn'], what: 'an event was dropped because too many wait for the webhook' },
  'webhook.retry': { levels: ['debug'], what: 'an event is sent again' },
  'write.failed': {
    levels: ['error', 'debug'],
    what: 'the end of a push or recording could not be stored; it is repeated until it succeeds',
  },
  'write.given-up': { levels: ['error'], what: 'it was not stored before the stop; the next start mends it' },
  'write.refused': { levels: ['error'], what: 'it is not stored, because there is no place for it any longer' },
  'write.repeated': {
    levels: ['info', 'debug'],
    what: 'what `write.failed` has told is stored; at `debug` where that was',
  },
} as const satisfies Record<string, LoggedEvent>;

export type LogEvent = keyof typeof LOG_EVENTS;

/** Those that may be logged at a level. */
export type EventAt<Level extends LineLevel> = {
  [Event in LogEvent]: Level extends (typeof LOG_EVENTS)[Event]['levels'][number] ? Event : never;
}[LogEvent];
