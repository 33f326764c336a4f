/** Between values of the domain and columns. */
import { dataKeyOf, type SealedPlace } from '../store.ts'

declare const shape: unique symbol

/** JSON text that holds a `T`. Only `toJson` makes it, so `fromJson` need not look. */
export type Json<T> = string & { readonly [shape]: T }

export function toJson<T>(value: T): Json<T> {
  return JSON.stringify(value) as Json<T>
}

export function fromJson<T>(text: Json<T>): T {
  const value: unknown = JSON.parse(text)
  // The brand on the text says what it was made from.
  return value as T
}

/** null is a NULL of the database, not the text `null`. */
export function toJsonOrNull<T>(value: T | null): Json<T> | null {
  return value === null ? null : toJson(value)
}

export function fromJsonOrNull<T>(text: Json<T> | null): T | null {
  return text === null ? null : fromJson(text)
}

export function toFlag(value: boolean): 0 | 1 {
  return value ? 1 : 0
}

/** Drivers give a Buffer; the domain is promised a plain Uint8Array. Shares the memory. */
export function toBytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/** A sealed value's column, and beside it the one that names its data key. */
export function sealedColumns<Field extends SealedPlace['field']>(
  field: Field,
  value: Uint8Array | null,
): { [C in Field]: Uint8Array | null } & { [C in `${Field}_key`]: string | null } {
  const columns = { [field]: value, [`${field}_key`]: value === null ? null : (dataKeyOf(value) ?? null) }
  // Both names are made from the one that the type is made from.
  return columns as ReturnType<typeof sealedColumns<Field>>
}

export function toBytesOrNull(value: Uint8Array | null): Uint8Array | null {
  return value === null ? null : toBytes(value)
}
