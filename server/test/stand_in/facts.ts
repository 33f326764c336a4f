/** What an entry's file declares about its provider, with the values that one connection of the test brings. */
import type { WholeEntry } from '../../src/catalogue/file.ts'

export interface Facts {
  id: string
  service: WholeEntry['service']
  /** Of `auth`, as the file writes it, placeholders filled in. */
  auth: Record<string, unknown>
  /** What its user brought, by field of `auth`. */
  brought: Record<string, string>
  /** Of the connection, by placeholder; what the provider tells is among them. */
  parameters: Record<string, string>
  /** What the provider tells while somebody connects. */
  learned: { from: string; name: string; value: string }[]
  baseUrl: URL
  headers: Record<string, string>
  renews: boolean
}

/** One request as the provider saw it. */
export interface Received {
  method: string
  /** With the host that was meant. */
  url: URL
  /** Path and query, as they came. */
  target: string
  headers: [name: string, value: string][]
  body: string
}

/** What a provider answers; the body goes out as JSON. */
export interface Reply {
  status: number
  body: unknown
}

/** A provider: it takes what its facts declare and throws `Refused` for anything else. */
export interface Provider {
  /** Where its sign-in page sends the person back to. Absent: nobody signs in. */
  signIn?: (url: URL) => URL
  /** Answers at any other endpoint than the API. */
  endpoint: (received: Received) => Reply | undefined
  /** Throws where a call does not carry the credential as declared. Gives what of the query and the headers was its own. */
  credential: (received: Received) => { parameters: string[]; headers: string[] }
}

export class Refused extends Error {
  override readonly name = 'Refused'
}

export function demand(holds: boolean, says: string): asserts holds {
  if (!holds) throw new Refused(says)
}

/** Fills placeholders in; its own reading, not the server's. */
export function filled(text: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((whole, [name, value]) => whole.split(`{${name}}`).join(value), text)
}

export function textAt(facts: Facts, name: string): string | undefined {
  const value = facts.auth[name]
  return typeof value === 'string' ? filled(value, facts.parameters) : undefined
}

/** Names and texts of a field that holds such pairs. */
export function pairsAt(facts: Facts, name: string): Record<string, string> {
  const value = facts.auth[name]
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, filled(String(text), facts.parameters)] as const),
  )
}

export function headerOf({ headers }: Received, name: string): string | undefined {
  const found = headers.filter(([each]) => each.toLowerCase() === name.toLowerCase())
  demand(found.length < 2, `the header ${name} is there twice`)
  return found[0]?.[1]
}

/** The same names with the same values, none more and none less. */
export function demandSame(what: string, got: Iterable<[string, string]>, wanted: Record<string, string>): void {
  const pairs = [...got].map(([name, value]) => `${name}=${value}`).toSorted()
  const due = Object.entries(wanted)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
  demand(pairs.join('\n') === due.join('\n'), `${what}: got ${pairs.join(' & ')}, wanted ${due.join(' & ')}`)
}
