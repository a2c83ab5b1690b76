import type { Engine, EngineProgress } from '../engine.js';

/** Raised whenever messages change: host and child of different builds refuse each other. */
export const PROTOCOL = 8;

export type Method = Exclude<keyof Engine, 'close'>;

export type ToChild =
  /** This call follows, and may take a while to come in: what is in the background makes way for it now. */
  | { readonly type: 'soon'; readonly id: number }
  /** `args` without the call's own options, which do not travel. */
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: Method;
      readonly args: readonly unknown[];
      readonly progress: boolean;
    }
  | { readonly type: 'abort'; readonly id: number };

export type FromChild =
  | { readonly type: 'ready'; readonly protocol: number }
  | { readonly type: 'progress'; readonly id: number; readonly progress: EngineProgress }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | {
      readonly type: 'failed';
      readonly id: number;
      /** A `UserError`. */
      readonly mendable: boolean;
      /** A `HostError`. */
      readonly ofTheHost: boolean;
      readonly message: string;
      readonly stack?: string | undefined;
    };

/** What nobody waits for: it makes way, step by step, for what somebody does. */
export const IN_BACKGROUND: ReadonlySet<Method> = new Set(['associate', 'refine']);

/** Where each method takes its `EngineCall`; methods without one cannot be aborted or report progress. */
export const CALL_AT: Readonly<Record<Method, number | undefined>> = {
  segment: 2,
  associate: 2,
  edit: 3,
  variants: 4,
  refine: 4,
  strip: undefined,
  cutOut: undefined,
  mask: undefined,
};
