/**
 * Leaving a provider that fails in peace: after some failures in a row no connection is renewed at its host for a while,
 * which grows, and then one tries it out for all. What is known is in the store, so it holds for every process and node.
 * Whoever has a token that still works is not concerned.
 */
import { MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import { retryAfterSeconds } from '../schemes/request.ts'
import type { Exchange } from '../schemes/scheme.ts'
import type { GateRecord, Store } from '../store.ts'
import { backOff, clockTolerance } from './plan.ts'

/** Failures in a row, over all connections, that shut a host. */
const failuresToShut = 5
/** The first while is about four seconds; each failed try doubles it, up to five minutes. */
const firstStep = 3
/** Failures this long ago say nothing of today, in milliseconds. */
const forgottenAfter = 600_000
/** What other processes know is known here this much later at most. */
const readEvery = 1000
/** Hosts looked at; further ones fail without being shut. */
const mostGates = 1000
/** Rows that nothing has happened to for this long are deleted. */
export const gatesForgottenAfter = 86_400_000

export interface GateParts {
  store: Store
  now: () => number
  /** In [0, 1). */
  random: () => number
  /** How long one try may take, in milliseconds. */
  tryTime: number
  log: { warn: (facts: object, message: string) => void; info: (facts: object, message: string) => void }
}

export interface PausedProvider {
  /** Scheme, host and port. */
  origin: string
  failures: number
  /** When the next try is made, in milliseconds since the epoch. */
  until: number
}

/** What `lastError` of a connection says while its provider is left in peace. */
export const pausedCode = 'provider_paused'

/** A host that is shut: nothing was sent there. */
export class ProviderPaused extends MooringError {
  /** When the next try is made, in milliseconds since the epoch. */
  readonly until: number
  constructor(gate: GateRecord, until: number, now: number) {
    const seconds = Math.max(1, Math.ceil((until - now) / 1000))
    const throttled = gate.lastError === 'provider_rate_limited'
    super(throttled ? 'provider_rate_limited' : 'provider_error', {
      detail: `${new URL(gate.id).host} has failed ${gate.failures} times in a row, so no token is renewed there for the moment.`,
      hint: 'It is tried again by itself.',
      retryAfterSeconds: seconds,
      provider: { kind: 'transient', error: pausedCode, description: null, status: null, retryAfterSeconds: seconds },
    })
    this.until = until
  }
}

export interface Gates {
  /**
   * The exchange of one renewal, which throws ProviderPaused in place of asking a host that is shut. `asked`: a person
   * wants to know now, and may try a shut host out as well, if nobody else does.
   */
  guard(exchange: Exchange, renewal: { workspaceId: string; asked: boolean }): Exchange
  /** Hosts that are shut, as far as is known here. */
  paused(): Promise<PausedProvider[]>
}

export function createGates(parts: GateParts): Gates {
  const { store, now } = parts
  let known = new Map<string, GateRecord>()
  let readAt = -Infinity
  let reading: Promise<void> | undefined

  const read = async (): Promise<void> => {
    const at = now()
    const list = await store.providerGates.list(mostGates)
    known = new Map(list.map((gate) => [gate.id, gate]))
    readAt = at
  }
  /** Without the store no token is renewed anyway; what was known last stands. */
  const refreshed = async (): Promise<void> => {
    const age = now() - readAt
    if (age >= 0 && age < readEvery) return
    reading ??= read()
      .catch(() => undefined)
      .finally(() => (reading = undefined))
    await reading
  }

  /** Whether this one tries the host out for all. Throws ProviderPaused. */
  const enter = async (id: string, asked: boolean): Promise<boolean> => {
    await refreshed()
    if ((known.get(id)?.shutUntil ?? null) === null) return false
    const gate = await store.providerGates.find(id)
    if (gate === undefined || gate.shutUntil === null) return false
    const at = now()
    // What a clock said that was put back since is not waited for.
    const ahead = gate.updatedAt > at + clockTolerance
    const free = gate.probeUntil === null || gate.probeUntil <= at || ahead
    if (free && (asked || gate.shutUntil <= at || ahead)) {
      const probing = { ...gate, probeUntil: at + parts.tryTime, version: gate.version + 1, updatedAt: at }
      if (await store.providerGates.put(probing, gate.version)) return true
    }
    // While one is trying, the others hear soon how it went.
    throw new ProviderPaused(gate, Math.max(gate.shutUntil, at + readEvery), at)
  }

  const tell = async (
    workspaceId: string,
    type: 'provider.paused' | 'provider.resumed',
    detail: string,
    cause: string,
  ): Promise<void> => {
    await store.events.append([event(workspaceId, now(), type, { ok: type === 'provider.resumed', cause, detail })])
  }

  const succeeded = async (id: string, workspaceId: string): Promise<void> => {
    const gate = known.get(id)
    if (gate === undefined) return
    known.delete(id)
    if (!(await store.providerGates.delete(id)) || gate.shutUntil === null) return
    const { host } = new URL(id)
    parts.log.info({ host, failures: gate.failures }, 'a provider answers again; renewals there go on')
    await tell(workspaceId, 'provider.resumed', `${host} answers again; tokens are renewed there.`, 'it answered')
  }

  const failed = async (id: string, workspaceId: string, fault: Fault, probed: boolean): Promise<void> => {
    for (;;) {
      const at = now()
      const before = await store.providerGates.find(id)
      // It was on its way when the host was shut: that it failed is no news.
      if (before !== undefined && before.shutUntil !== null && !probed) return
      const counts = before !== undefined && (before.shutUntil !== null || before.updatedAt > at - forgottenAfter)
      const failures = counts ? before.failures + 1 : 1
      const step = failures - failuresToShut + firstStep
      const shuts = failures >= failuresToShut
      const gate: GateRecord = {
        id,
        failures,
        shutUntil: shuts ? at + backOff(step, fault.retryAfterSeconds, parts.random()) : null,
        probeUntil: null,
        lastError: fault.code,
        version: (before?.version ?? 0) + 1,
        updatedAt: at,
      }
      if (!(await store.providerGates.put(gate, before?.version ?? null))) continue
      known.set(id, gate)
      if (gate.shutUntil !== null && (before?.shutUntil ?? null) === null) {
        const { host } = new URL(id)
        const until = new Date(gate.shutUntil).toISOString()
        parts.log.warn({ host, failures, until }, 'a provider fails; renewals there wait')
        const detail = `${host} failed ${failures} times in a row, so no token is renewed there until ${until}.`
        await tell(workspaceId, 'provider.paused', detail, fault.code)
      }
      return
    }
  }

  return {
    guard: (exchange, { workspaceId, asked }) => ({
      ...exchange,
      async fetch(url, init) {
        const id = new URL(url).origin
        const probed = await enter(id, asked)
        // How it went is noted beside the renewal: that the store fails here must not lose a token.
        const note = (noting: Promise<void>): Promise<void> =>
          noting.catch((error: unknown) => parts.log.warn({ err: error }, 'how a provider answered could not be noted'))
        let answer: Response
        try {
          answer = await exchange.fetch(url, init)
        } catch (error) {
          if (isFault(error)) await note(failed(id, workspaceId, { code: error.code, retryAfterSeconds: null }, probed))
          throw error
        }
        const fault = faultOf(answer, now())
        if (fault === undefined) void note(succeeded(id, workspaceId))
        else await note(failed(id, workspaceId, fault, probed))
        return answer
      },
    }),
    async paused() {
      await refreshed()
      return [...known.values()].flatMap(({ id, failures, shutUntil }) =>
        shutUntil === null ? [] : [{ origin: id, failures, until: shutUntil }],
      )
    },
  }
}

interface Fault {
  code: string
  retryAfterSeconds: number | null
}

/** No answer, or a fault of the host; what says no is an answer. */
function isFault(error: unknown): error is MooringError {
  return error instanceof MooringError && ['upstream_unreachable', 'provider_timeout'].includes(error.code)
}

function faultOf({ status, headers }: Response, now: number): Fault | undefined {
  if (status < 500 && status !== 429) return undefined
  const seconds = retryAfterSeconds(headers.get('retry-after') ?? '', now)
  return {
    code: status === 429 ? 'provider_rate_limited' : 'provider_error',
    retryAfterSeconds: seconds === undefined ? null : Math.max(0, seconds),
  }
}
