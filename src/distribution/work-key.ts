/** @file The key of work: what its result depends on, and nothing of where or when it is done. */
import { sha256 } from '#platform';
import { sortKeys } from '../formats/json.js';

/** Grows when the same inputs begin to give other bits, so that results of both are never mixed. */
export const numericsEpoch = 1;

export interface WorkIdentity {
  readonly kind: string;
  /** Of the machine (see `MachineClass`): results are the same bits within a class only. */
  readonly machineClass: string;
  /** SHA-256 of all contents that are read, by what they are. */
  readonly contents: Readonly<Record<string, unknown>>;
  /** Settings, without paths, places of output, or anything else that changes nothing. */
  readonly settings: unknown;
}

/** 64 hexadecimal digits; equal for equal JSON, whatever the order of keys. */
export function workKey(identity: WorkIdentity): string {
  return sha256()
    .update(JSON.stringify({ numericsEpoch, ...identity }, sortKeys))
    .hex();
}

/** SHA-256 of bytes. */
export const digestOf = (bytes: Uint8Array | string): string => sha256().update(bytes).hex();
