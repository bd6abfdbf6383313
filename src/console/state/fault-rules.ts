import { type ReadonlySignal, signal } from '@preact/signals';
import type { FaultRule } from '../../control-plane/faults/fault-rule.ts';
import type { ControlApi, Fault } from '../control-api.ts';

/** The rules that are set. */
export class FaultRules {
  readonly #api: ControlApi;
  readonly #all = signal<readonly Fault[]>([]);

  constructor(api: ControlApi) {
    this.#api = api;
  }

  get all(): ReadonlySignal<readonly Fault[]> {
    return this.#all;
  }

  async refresh(): Promise<void> {
    const { faults } = await this.#api.faults();
    this.#all.value = faults;
  }

  async add(rule: FaultRule): Promise<void> {
    await this.#api.addFault(rule);
    await this.refresh();
  }

  async remove(id: string): Promise<void> {
    await this.#api.removeFault(id);
    await this.refresh();
  }

  async clear(): Promise<void> {
    await this.#api.clearFaults();
    await this.refresh();
  }
}
