/** Whether an answer means that the access token is no longer good: by its status, or by what its body begins with. */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { Bound } from '../connection/bind.ts'

/** Bytes of a body that are looked at, as they come from the wire. */
export const lookedAt = 8192
/** Bytes that these may unpack to. */
const unpackedLimit = 262_144

export interface Expiry {
  /** By its status alone. */
  expired: (status: number) => boolean
  /** Texts of which one has to be in the body; undefined, as for nearly every service, where its bodies are not looked at. */
  texts: (status: number) => readonly string[] | undefined
}

/** Asked of every answer, so what the definition says of a status is worked out once. */
export function expiryOf({ scheme, auth }: Pick<Bound, 'scheme' | 'auth'>, refreshable: boolean): Expiry {
  if (!refreshable) return { expired: () => false, texts: () => undefined }
  const known = new Map<number, { expired: boolean; texts: readonly string[] | undefined }>()
  const of = (status: number): { expired: boolean; texts: readonly string[] | undefined } => {
    const before = known.get(status)
    if (before !== undefined) return before
    const expired = scheme.expired(auth, status)
    const texts = expired ? [] : scheme.expiredTexts(auth, status)
    const found = { expired, texts: texts.length === 0 ? undefined : texts }
    known.set(status, found)
    return found
  }
  return { expired: (status) => of(status).expired, texts: (status) => of(status).texts }
}

/** Whether one of the texts is in the beginning of a body. `coding`: its Content-Encoding. */
export function holds(body: Uint8Array, coding: string | undefined, texts: readonly string[]): boolean {
  const beginning = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, lookedAt))
  const plain = unpacked(beginning, coding?.trim().toLowerCase() ?? 'identity')
  const text = plain?.toString('utf8') ?? ''
  return texts.some((one) => text.includes(one))
}

/** As much as the beginning of a packed body gives; undefined for a coding that is not known, or bytes that are not it. */
function unpacked(bytes: Buffer, coding: string): Buffer | undefined {
  const cut = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: unpackedLimit }
  try {
    if (coding === 'identity' || coding === '') return bytes
    if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(bytes, cut)
    if (coding === 'br')
      return brotliDecompressSync(bytes, {
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
        maxOutputLength: unpackedLimit,
      })
    // RFC 9110 section 8.4.1.2: some leave out the zlib wrapper, whose first byte ends in 8.
    if (coding === 'deflate') return ((bytes[0] ?? 0) & 15) === 8 ? inflateSync(bytes, cut) : inflateRawSync(bytes, cut)
  } catch {
    return undefined
  }
  return undefined
}
