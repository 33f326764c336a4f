/** Who may ask how often: callers by their key or session, strangers by their address. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Caller } from './caller.ts'
import { matcherOf, networkOf, originOf } from './network.ts'
import { createPace, demandPace } from './pace.ts'

export interface LimitSettings {
  /** Management requests a second of one key or person; 0: no limit. */
  requestsPerKey: number
  /** Calls through connections a second of one key or person; 0: no limit. */
  callsPerKey: number
  /** Requests a second of one address that nobody known makes; 0: no limit. */
  requestsPerAddress: number
  /** Whose X-Forwarded-For is believed: addresses and CIDRs. */
  trustedProxies: readonly string[]
}

/** What of a request says where it comes from. */
export interface Peer {
  headers: IncomingHttpHeaders
  socket: { remoteAddress?: string | undefined }
}

export interface Limits {
  /** Counts a request that manages something. Throws rate_limited. */
  managing(caller: Caller): void
  /** Counts a call through a connection. Throws rate_limited. */
  calling(caller: Caller): void
  /** Counts a request of somebody unknown. Throws rate_limited. */
  stranger(peer: Peer): void
  /** Throws rate_limited where an address has asked too often; counts nothing. Asked before a key is looked up. */
  patient(peer: Peer): void
  /** Whether X-Forwarded-For is believed from this address; null: from none. */
  trusts: ((address: string) => boolean) | null
}

export function createLimits(settings: LimitSettings, now: () => number): Limits {
  const requests = createPace(settings.requestsPerKey, now)
  const calls = createPace(settings.callsPerKey, now)
  const strangers = createPace(settings.requestsPerAddress, now)
  // Written once: every call comes by here.
  const tooManyRequests = tooMany(settings.requestsPerKey, 'requests')
  const tooManyCalls = tooMany(settings.callsPerKey, 'calls')
  const trusts = matcherOf(settings.trustedProxies)
  const from = ({ headers, socket }: Peer): string => {
    const forwarded = headers['x-forwarded-for']
    const text = Array.isArray(forwarded) ? forwarded.join(',') : forwarded
    return networkOf(originOf(socket.remoteAddress ?? '', text, trusts))
  }
  return {
    managing: ({ id }) => demandPace(requests.take(id), tooManyRequests, slower),
    calling: ({ id }) => demandPace(calls.take(id), tooManyCalls, slower),
    stranger: (peer) => demandPace(strangers.take(from(peer)), fromHere, later),
    patient: (peer) => demandPace(strangers.look(from(peer)), fromHere, later),
    trusts: settings.trustedProxies.length > 0 ? trusts : null,
  }
}

const slower = 'Ask less often, or spread it over time; Retry-After says when to go on.'
const fromHere = 'There are too many requests from this address by nobody who is known.'
const later = 'Wait as long as Retry-After says. Behind a proxy, name it in MOORING_TRUSTED_PROXIES.'

function tooMany(perSecond: number, what: string): string {
  return `This key or session makes more than ${perSecond} ${what} a second.`
}
