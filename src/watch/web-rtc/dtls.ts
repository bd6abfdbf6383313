/**
 * DTLS 1.2 with a browser, by werift: it gives the keys of SRTP. The package is optional and loaded for the first viewer.
 *
 * No other part of werift is used: see docs/decisions/watching.md.
 */

import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { DtlsClient, SignatureHash } from 'werift';
import { isMissingPackage } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import type { Fingerprint } from './sdp.ts';
import { MASTER_KEY_SIZE_BYTES, MASTER_SALT_SIZE_BYTES, type MasterKey, SRTP_AES128_CM_HMAC_SHA1_80 } from './srtp.ts';

/** The optional package is not installed. */
export class WebRtcMissing extends Error {
  constructor() {
    super('watching by WebRTC needs the optional package werift: npm install werift@0.24');
    this.name = 'WebRtcMissing';
  }
}

export interface SrtpKeys {
  readonly local: MasterKey;
  readonly remote: MasterKey;
}

export interface DtlsEvents {
  send(datagram: Buffer): void;
  onKeys(keys: SrtpKeys): void;
  /** The peer closed the connection, or the handshake failed. */
  onClosed(reason: string): void;
}

/** DTLS for all viewers of an emulator, with one certificate. */
export interface Dtls {
  /** With colons, as in SDP. */
  readonly sha256Fingerprint: string;
  /** Begins the handshake. @param remote the fingerprint that the certificate of the peer must have */
  connect(remote: Fingerprint, events: DtlsEvents): DtlsConnection;
}

export interface DtlsConnection {
  receive(datagram: Buffer): void;
  /** Sends close_notify. */
  close(): void;
}

/** RFC 6347 clause 4.1. */
const RECORD_HEADER_SIZE_BYTES = 13;
/** RFC 5246 clause 6.2.1; all types are from 20 to 23. */
const CONTENT_TYPE = { changeCipherSpec: 20, alert: 21, applicationData: 23 } as const;
const DTLS_1_2 = 0xfefd;
/** Level warning, close_notify. RFC 5246 clause 7.2.1. */
const CLOSE_NOTIFY = Buffer.from([1, 0]);
/** werift repeats a flight until the number of the current one is higher: this number stops it. */
const BEYOND_EVERY_FLIGHT = 99;

type Werift = typeof import('werift');

/** @throws WebRtcMissing when werift is not installed */
export async function loadDtls(importWerift: () => Promise<Werift> = () => import('werift')): Promise<Dtls> {
  const werift = await importWerift().catch((error) => {
    throw isMissingPackage(error) ? new WebRtcMissing() : error;
  });
  const signature: SignatureHash = {
    signature: werift.SignatureAlgorithm.ecdsa_3,
    hash: werift.HashAlgorithm.sha256_4,
  };
  const curve = werift.NamedCurveAlgorithm.secp256r1_23;
  const { certPem, keyPem } = await werift.CipherContext.createSelfSignedCertificateWithKey(signature, curve);
  return {
    sha256Fingerprint: new X509Certificate(certPem).fingerprint256,
    connect(remote, events) {
      const transport = new DatagramTransport((datagram) => events.send(datagram));
      const client = new werift.DtlsClient({
        cert: certPem,
        key: keyPem,
        signatureHash: signature,
        transport,
        extendedMasterSecret: true,
        srtpProfiles: [SRTP_AES128_CM_HMAC_SHA1_80],
      });
      return startHandshake(client, transport, remote, events);
    },
  };
}

function startHandshake(
  client: DtlsClient,
  transport: DatagramTransport,
  remote: Fingerprint,
  events: DtlsEvents,
): DtlsConnection {
  const finish = (reason: string) => {
    if (transport.closed) return;
    transport.closed = true;
    client.dtls.flight = BEYOND_EVERY_FLIGHT;
    events.onClosed(reason);
  };
  client.onConnect.once(() => {
    if (transport.closed) return;
    if (!isCertificateOf(client.remoteCertificate, remote)) finish('the certificate is not that of the offer');
    else events.onKeys(extractKeys(client));
  });
  client.onError.subscribe((error) => finish(`DTLS failed: ${errorText(error)}`));
  client.onClose.subscribe(() => finish('closed by the viewer'));
  client.connect().catch((error) => finish(`DTLS failed: ${errorText(error)}`));
  return {
    receive(datagram) {
      if (!transport.closed && areRecords(datagram, client.connected)) transport.onData(datagram);
    },
    close() {
      if (transport.closed) return;
      if (client.connected) events.send(closeNotify(client));
      transport.closed = true;
      client.dtls.flight = BEYOND_EVERY_FLIGHT;
    },
  };
}

/**
 * Whether the datagram consists of complete records, encrypted ones once there are keys. Others have to be dropped
 * silently (RFC 6347 clause 4.1.2.7); werift throws on truncated records, and ends the connection on unknown ones.
 */
function areRecords(datagram: Buffer, encrypted: boolean): boolean {
  let at = 0;
  while (at + RECORD_HEADER_SIZE_BYTES <= datagram.length) {
    const type = datagram.readUInt8(at);
    if (type < CONTENT_TYPE.changeCipherSpec || type > CONTENT_TYPE.applicationData) return false;
    const epoch = datagram.readUInt16BE(at + 3);
    if (encrypted && epoch === 0) return false;
    at += RECORD_HEADER_SIZE_BYTES + datagram.readUInt16BE(at + 11);
  }
  return at === datagram.length;
}

function isCertificateOf(certificate: Buffer | undefined, { algorithm, digest }: Fingerprint): boolean {
  return certificate !== undefined && createHash(algorithm).update(certificate).digest('hex') === digest;
}

function extractKeys(client: DtlsClient): SrtpKeys {
  const keys = client.extractSessionKeys(MASTER_KEY_SIZE_BYTES, MASTER_SALT_SIZE_BYTES);
  return {
    local: { key: keys.localKey, salt: keys.localSalt },
    remote: { key: keys.remoteKey, salt: keys.remoteSalt },
  };
}

/** The record that ends a connection; werift cannot make it. */
function closeNotify({ cipher, dtls, sessionType }: DtlsClient): Buffer {
  const sequenceNumber = ++dtls.recordSequenceNumber;
  const header = { type: CONTENT_TYPE.alert, version: DTLS_1_2, epoch: dtls.epoch, sequenceNumber };
  const body = cipher.cipher.encrypt(sessionType, CLOSE_NOTIFY, header);
  const record = Buffer.alloc(RECORD_HEADER_SIZE_BYTES);
  record[0] = CONTENT_TYPE.alert;
  record.writeUInt16BE(DTLS_1_2, 1);
  record.writeUInt16BE(dtls.epoch, 3);
  record.writeUIntBE(sequenceNumber, 5, 6);
  record.writeUInt16BE(body.length, 11);
  return Buffer.concat([record, body]);
}

/** The transport in the form that werift expects. */
class DatagramTransport {
  readonly type = 'datagram';
  /** Not used by werift. */
  readonly address: AddressInfo = { address: '', family: '', port: 0 };
  closed = false;
  onData: (datagram: Buffer) => void = () => {};
  readonly #send: (datagram: Buffer) => void;

  constructor(send: (datagram: Buffer) => void) {
    this.#send = send;
  }

  readonly send = async (datagram: Buffer): Promise<void> => {
    if (!this.closed) this.#send(datagram);
  };

  readonly close = async (): Promise<void> => {
    this.closed = true;
  };
}
