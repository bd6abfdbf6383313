import type * as v from 'valibot';
import type { ReadonlyDeep } from '../control/view-fields.ts';
import type { EXPORT_TYPE } from '../export-file/export-format.ts';

/** The content type of an answer that is not a JSON document. */
export type PlainAnswer = 'text/plain' | 'text/event-stream' | typeof EXPORT_TYPE;

type ObjectSchema = v.GenericSchema<unknown, object>;
type AnySchema = v.GenericSchema<unknown, unknown>;

/**
 * Who may make a request:
 * - `anyone`: every program and every web page, from every machine;
 * - `monitor`: every program, from every machine; in a browser as a visitor;
 * - `visitor`: who is on this machine; in a browser a page of the emulator, or a followed link;
 * - `viewer`: who is on this machine; in a browser only a page of the emulator;
 * - `controller`: who is on this machine; in a browser only the page, which sends the token that it was given.
 */
export type Callers = 'anyone' | 'monitor' | 'visitor' | 'viewer' | 'controller';

/** One call of the control API. The documentation, the check of requests and the types of answers are made from it. */
export interface Route<
  Params extends ObjectSchema = ObjectSchema,
  Query extends ObjectSchema = ObjectSchema,
  Body extends AnySchema = AnySchema,
  Answer extends AnySchema | PlainAnswer = AnySchema | PlainAnswer,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the prefix, with `:name` for parameters. */
  readonly path: string;
  /** One line for the documentation. */
  readonly what: string;
  /** Default `controller`. */
  readonly callers?: Callers;
  readonly params?: Params;
  readonly query?: Query;
  /** JSON; a body that is left out counts as `{}`. */
  readonly body?: Body;
  /** The content type of a body that is no JSON, and that the handler reads while it comes. */
  readonly upload?: typeof EXPORT_TYPE;
  readonly answer: Answer;
  /** Whether it tells how far it is, to callers who accept lines of JSON. */
  readonly progress?: true;
  /** Of success; default 200. */
  readonly status?: 201 | 202;
}

/** Keeps the types of the schemas. */
export function route<
  Params extends ObjectSchema,
  Query extends ObjectSchema,
  Body extends AnySchema,
  Answer extends AnySchema | PlainAnswer,
>(description: Route<Params, Query, Body, Answer>): Route<Params, Query, Body, Answer> {
  return description;
}

type Read<Part> = Part extends v.GenericSchema<unknown, infer Value> ? Value : never;

/** The checked input of the handler of a route. */
export type InputOf<R> =
  R extends Route<infer Params, infer Query, infer Body, infer _Answer>
    ? { readonly params: Read<Params>; readonly query: Read<Query>; readonly body: Read<Body> }
    : never;

/** The answer of the handler. */
export type AnswerOf<R> =
  R extends Route<infer _Params, infer _Query, infer _Body, infer Answer>
    ? Answer extends PlainAnswer
      ? never
      : ReadonlyDeep<Read<Answer>>
    : never;
