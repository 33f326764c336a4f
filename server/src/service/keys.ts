/** Keys that a service signs with, made here: stored among its secrets, their public halves published at a URL of its own. */
import type { ServiceKeys } from '@mooring/contract'
import type { PublishedKey } from '../schemes/scheme.ts'
import { authOf, type Definition } from './definition.ts'

/** The definition with a key where it needs one and has none; with `anew` a new one in any case. */
export function withKeys(definition: Definition, now: number, anew = false): Definition {
  const chosen = authOf(definition)
  if (chosen === undefined || !chosen.scheme.partialFields.safeParse(chosen.auth).success) return definition
  const made = chosen.scheme.makeKeys(chosen.auth, now, anew)
  return made === undefined ? definition : { ...definition, secrets: { ...definition.secrets, ...made } }
}

/** What providers check our signatures with; [] where the service makes no keys. */
export function publishedKeysOf(definition: Definition, now: number): PublishedKey[] {
  const chosen = authOf(definition)
  if (chosen === undefined || !chosen.scheme.partialFields.safeParse(chosen.auth).success) return []
  return chosen.scheme.publishedKeys(chosen.auth, now)
}

/** RFC 7517 section 5. */
export function jwksUrlOf(publicUrl: string, { callbackId }: { callbackId: string }): string {
  return `${publicUrl}/oauth/jwks/${callbackId}`
}

export function serviceKeysReply(jwksUrl: string, keys: PublishedKey[]): ServiceKeys {
  const instant = (at: number): string => new Date(at).toISOString()
  return {
    jwksUrl,
    keys: keys.map(({ id, createdAt, signsFrom, publishedUntil }) => ({
      id,
      createdAt: instant(createdAt),
      signsFrom: instant(signsFrom),
      publishedUntil: publishedUntil === null ? null : instant(publishedUntil),
    })),
  }
}
