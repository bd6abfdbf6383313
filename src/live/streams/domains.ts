import * as v from 'valibot';
import { RpcError } from '../../aliyun/rpc-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { choice, text } from '../../base/schema.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { type DocumentKind, Documents } from '../../storage/metadata/stored-documents.ts';

/** The domain of a push to an address without a domain. */
export const ANY_DOMAIN = '*';

/** Names below it are domains without being added; `*.localhost` is this machine (RFC 6761, 6.3). */
const LOCAL_ZONE = 'live.localhost';

/** With more, those of pushes are not added. */
const MAX_DOMAINS = 1_000;

/** `liveVideo` is a playback domain, `liveEdge` an ingest domain. */
export type DomainType = 'liveVideo' | 'liveEdge';

export interface Domain {
  readonly type: DomainType;
  readonly region: string;
}

/** One push domain of a playback domain. */
export interface DomainMapping {
  readonly pull: string;
  readonly push: string;
}

export const DOMAINS: DocumentKind<Domain> = {
  kind: 'domain',
  body: v.looseObject({ type: choice(['liveVideo', 'liveEdge']), region: v.string() }),
};

export const DOMAIN_MAPPINGS: DocumentKind<DomainMapping> = {
  kind: 'domain-mapping',
  body: v.looseObject({ pull: text, push: text }),
};

export interface NamedDomain extends Domain {
  readonly name: string;
  readonly createdMs: number;
}

/**
 * The domains and their mappings. Nothing has to be configured: a stream that is pushed to an IP address belongs to
 * every domain, a stream that is pushed to `push.example.com` belongs to that and to `example.com`, until domains are
 * mapped.
 */
export class Domains {
  readonly #clock: Clock;
  readonly #domainDocuments: Documents<Domain>;
  readonly #mappingDocuments: Documents<DomainMapping>;
  readonly #configured: ReadonlySet<string>;
  /** Also kept in memory, because RTMP needs an answer without waiting. */
  readonly #known = new Map<string, NamedDomain>();
  readonly #mappings: DomainMapping[] = [];

  /** @param configured if the list is not empty, other domains have to be added by an operation */
  static async open(metadata: MetadataStore, clock: Clock, log: Log, configured: readonly string[]): Promise<Domains> {
    const domains = new Domains(metadata, clock, log, configured);
    await domains.read();
    return domains;
  }

  /** Reads the stored domains again. */
  async read(): Promise<void> {
    this.#known.clear();
    this.#mappings.length = 0;
    await this.readNew();
  }

  /** Reads the domains and mappings that other processes have added. None is ever removed. */
  async readNew(): Promise<void> {
    for (const { name, createdMs, body } of await this.#domainDocuments.list()) {
      if (!this.#known.has(name)) this.#known.set(name, { ...body, name, createdMs });
    }
    for (const { body } of await this.#mappingDocuments.list()) {
      if (!this.#isMapped(body)) this.#mappings.push(body);
    }
  }

  private constructor(metadata: MetadataStore, clock: Clock, log: Log, configured: readonly string[]) {
    this.#clock = clock;
    this.#domainDocuments = new Documents(metadata, DOMAINS, log);
    this.#mappingDocuments = new Documents(metadata, DOMAIN_MAPPINGS, log);
    this.#configured = new Set(configured.map((name) => name.toLowerCase()));
  }

  isKnown(name: string): boolean {
    if (this.#configured.has(name) || this.#known.has(name) || this.mappingsOf(name).length > 0) return true;
    return name === LOCAL_ZONE || name.endsWith(`.${LOCAL_ZONE}`);
  }

  /** Whether a domain may be used at all. */
  isAllowed(name: string): boolean {
    return this.#configured.size === 0 || this.isKnown(name);
  }

  /**
   * The name in the form in which names are compared.
   * @throws RpcError InvalidDomain.NotFound
   */
  check(name: string): string {
    const lower = name.toLowerCase();
    if (this.isAllowed(lower)) return lower;
    throw new RpcError('InvalidDomain.NotFound', {
      reason: `${lower} is none of the configured domains (${[...this.#configured].join(', ')}) and was not added`,
    });
  }

  /**
   * Adds the domain of a push if it does not exist. The publisher chose its name, and need not be known: when there are
   * many, the push goes on, and its domain is in no list.
   */
  async addPushed(name: string): Promise<void> {
    if (this.#known.size < MAX_DOMAINS) await this.add(name, { type: 'liveEdge', region: '' });
  }

  /** Adds a domain if it does not exist. */
  async add(name: string, domain: Domain): Promise<void> {
    if (this.#known.has(name)) return;
    const createdMs = this.#clock.now();
    this.#known.set(name, { ...domain, name, createdMs });
    await this.#domainDocuments.put({ scope: '', name, createdMs, body: domain });
  }

  async map(mapping: DomainMapping): Promise<void> {
    const { pull, push } = mapping;
    if (this.#isMapped(mapping)) return;
    this.#mappings.push(mapping);
    await this.#mappingDocuments.put({ scope: pull, name: push, createdMs: this.#clock.now(), body: mapping });
  }

  #isMapped({ pull, push }: DomainMapping): boolean {
    return this.#mappings.some((known) => known.pull === pull && known.push === push);
  }

  /** The mappings that have the domain on either side. */
  mappingsOf(name: string): readonly DomainMapping[] {
    return this.#mappings.filter(({ pull, push }) => pull === name || push === name);
  }

  list(): readonly NamedDomain[] {
    const configured = [...this.#configured]
      .filter((name) => !this.#known.has(name))
      .map((name): NamedDomain => ({ name, type: 'liveVideo', region: '', createdMs: 0 }));
    return [...configured, ...this.#known.values()];
  }

  /** Whether a call or configuration for the domain `name` applies to a stream that was pushed to `source`. */
  reaches(name: string, source: string): boolean {
    if (source === ANY_DOMAIN || source === name) return true;
    const mappings = this.mappingsOf(source);
    if (mappings.length > 0) return mappings.some(({ pull, push }) => pull === name || push === name);
    return source.slice(source.indexOf('.') + 1) === name;
  }
}
