import { systemClock } from '../../base/clock.ts';
import type { ControllableClock } from '../../base/controllable-clock.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Log } from '../../base/log.ts';
import { type ReportProgress, unreported } from '../../base/progress.ts';
import type { Config } from '../../config/config.ts';
import type { Events } from '../../events/events.ts';
import type { Registry } from '../../ingest/registry.ts';
import type { Live } from '../../live/live.ts';
import type { ChannelService } from '../../oss/channel/channel-service.ts';
import type { Lifecycle } from '../../oss/lifecycle/lifecycle.ts';
import type { BackedUp } from '../../storage/backed-up.ts';
import type { Leases } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { PendingWrites } from '../../storage/metadata/pending-writes.ts';
import { deleteAll } from '../../storage/objects/delete-all.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import type { Exports } from '../export-file/exports.ts';
import type { CheckedExport } from '../export-file/read-export.ts';
import type { ExportFile } from '../export-file/write-export.ts';
import type { Faults } from '../faults/faults.ts';
import type { Seed } from '../seed/seed.ts';
import type { Seeder } from '../seed/seeder.ts';
import { createConfigured } from './initial-state.ts';
import { NotFound } from './not-found.ts';
import { refuseBesideOthers } from './other-nodes.ts';
import { type ResetContent, type ResetSteps, SharedReset } from './shared-reset.ts';

const RESET_REFUSAL = {
  description: 'No pushes are taken while the emulator is being reset. Connect again.',
  reason: 'the emulator is being reset',
};

/** How much an import brought. */
export interface Imported {
  readonly buckets: number;
  /** Previous versions and delete markers included. */
  readonly objects: number;
  readonly channels: number;
  readonly fragments: number;
  /** Of the bytes of objects. */
  readonly sizeBytes: number;
}

export interface ContentsDeps {
  readonly config: Config;
  readonly clock: ControllableClock;
  readonly log: Log;
  readonly events: Events;
  readonly faults: Faults;
  /** Without faults, as `bytes`. */
  readonly metadata: MetadataStore;
  readonly writes: PendingWrites;
  readonly bytes: ObjectStore;
  readonly objects: Pick<Objects, 'beginEpoch'>;
  readonly backUp: (folder: string) => Promise<BackedUp>;
  readonly exports: Exports;
  /** Ends the pushes that imported rows say are open. */
  readonly closeBroken: () => Promise<void>;
  readonly channels: ChannelService;
  readonly lifecycle: Lifecycle;
  readonly seeder: Seeder;
  /** The seed of the start, made again by every reset. */
  readonly initialSeed: Seed | undefined;
  readonly live: Live;
  /** What is kept in memory of accounts; emptied after the stores were. */
  readonly accounts: readonly { clear(): void }[];
  /** Of this node and those that share its metadata. */
  readonly leases: Leases;
  readonly publishing: Pick<Registry, 'suspend' | 'readmit'>;
  readonly notifications: { clear(): Promise<void> };
  /** Calls to the servers of uploads. */
  readonly callbacks: { clear(): Promise<void> };
}

/** Everything that is stored, as a whole: reset, exported, replaced by an import, or copied, one at a time. */
export class Contents {
  readonly #deps: ContentsDeps;
  readonly #clearPublishes: () => void;
  readonly #whole = new KeyedLock();
  readonly #reset: SharedReset;

  /** @param clearPublishes ends the pushes of the clip */
  constructor(deps: ContentsDeps, clearPublishes: () => void) {
    this.#deps = deps;
    this.#clearPublishes = clearPublishes;
    const { leases, log } = deps;
    this.#reset = new SharedReset({ leases, steps: this.#resetSteps(), clock: systemClock, log });
  }

  /** This, and the others below, are described where `Control` has them. */
  async reset(bucket?: string, report: ReportProgress = unreported): Promise<void> {
    const imported = bucket === undefined ? await this.#deps.exports.ofStart(report) : undefined;
    if (imported) return this.#replace(imported, report, () => this.#seedAgain());
    await this.#whole.run('', async () => {
      if (bucket !== undefined && !(await this.#deps.metadata.getBucket(bucket))) {
        throw new NotFound(`There is no bucket "${bucket}" to reset.`);
      }
      const { empty, restore } = this.#contentOfStart(report);
      await this.#reset.make(bucket, { empty, restore });
    });
  }

  async export(): Promise<ExportFile> {
    await refuseBesideOthers(this.#deps.leases, 'An export');
    return this.#deps.exports.begin();
  }

  async import(chunks: AsyncIterable<Uint8Array>, report: ReportProgress = unreported): Promise<Imported> {
    await refuseBesideOthers(this.#deps.leases, 'An import');
    const checked = await this.#deps.exports.read(chunks, report);
    await this.#replace(checked, report);
    const { buckets, objects, channels, fragments } = checked.counts;
    this.#deps.events.emit({ type: 'emulator.imported', buckets, channels, objects, fragments });
    return { buckets, objects, channels, fragments, sizeBytes: checked.head.sizeBytes };
  }

  async #replace(checked: CheckedExport, report: ReportProgress, seed = async () => {}): Promise<void> {
    const { exports, closeBroken } = this.#deps;
    await this.#whole.run('', () =>
      this.#reset.make(undefined, {
        empty: (_bucket, fence) => exports.store(checked, report, fence),
        restore: async () => {
          await closeBroken();
          await this.#createConfigured();
          await seed();
        },
      }),
    );
  }

  /** Before the stop. */
  close(): Promise<void> {
    return this.#reset.close();
  }

  backUp(folder: string): Promise<BackedUp> {
    return this.#whole.run('', () => this.#deps.backUp(folder));
  }

  #resetSteps(): ResetSteps {
    const { clock, faults, writes, objects, publishing } = this.#deps;
    const { live, accounts, events, notifications, callbacks, lifecycle } = this.#deps;
    return {
      ...this.#contentOfStart(unreported),
      end: async (bucket) => {
        if (bucket === undefined) {
          // First, because both may delay the steps below.
          faults.clear();
          clock.reset();
          this.#clearPublishes();
          await notifications.clear();
          await callbacks.clear();
        }
        await lifecycle.stop();
        await publishing.suspend(RESET_REFUSAL, bucket);
        if (bucket === undefined) await writes.drop();
        objects.beginEpoch(bucket);
      },
      forget: async (bucket) => {
        if (bucket !== undefined) return;
        for (const kept of accounts) kept.clear();
        await live.reset();
      },
      goOn: async (bucket, wasReset) => {
        await publishing.readmit();
        lifecycle.start();
        if (wasReset) events.emit({ type: 'emulator.reset', ...(bucket !== undefined && { bucket }) });
      },
    };
  }

  #contentOfStart(report: ReportProgress): ResetContent {
    const { metadata, bytes } = this.#deps;
    return {
      empty: async (bucket, fence) => {
        await deleteAll(bytes, await metadata.clear(bucket, fence), report);
      },
      restore: async (bucket) => {
        await this.#createConfigured();
        if (bucket === undefined) await this.#seedAgain();
      },
    };
  }

  #createConfigured(): Promise<void> {
    const { config, metadata, channels, clock } = this.#deps;
    return createConfigured(config, metadata, channels, clock);
  }

  async #seedAgain(): Promise<void> {
    const { seeder, initialSeed } = this.#deps;
    if (initialSeed) await seeder.seed(initialSeed);
  }
}
