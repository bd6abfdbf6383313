import * as v from 'valibot';
import { expect } from 'vitest';
import { API } from '../../src/control-plane/admin/control-api.ts';
import { refusal } from '../../src/control-plane/admin/refusal.ts';
import type { Route } from '../../src/control-plane/admin/route.ts';

export interface ControlAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test checks the fields of a document
  readonly body: any;
}

/** Calls the control API and checks every answer against the table. */
export function controlOf(emulator: { readonly endpoint: string }) {
  return async (name: keyof typeof API, path: string, body?: unknown): Promise<ControlAnswer> => {
    const route: Route = API[name];
    const { method, answer } = route;
    const response = await fetch(`${emulator.endpoint}/_emulator${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (typeof answer === 'string') return { status: response.status, body: text };
    const document: unknown = JSON.parse(text);
    if (response.ok) {
      expect(response.status).toBe(route.status ?? 200);
      expect(v.safeParse(answer, document).issues).toBeUndefined();
    } else if (response.status !== 503) {
      expect(v.safeParse(refusal, document).issues).toBeUndefined();
    }
    return { status: response.status, body: document };
  };
}
