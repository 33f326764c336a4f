/** One process's server, put together: what is made from what. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { createDoor } from './access/door.ts'
import { createKeys } from './access/key.ts'
import { createLimits, type LimitSettings } from './access/limits.ts'
import { createOidc } from './access/oidc.ts'
import { createOidcSignIn } from './access/oidc_sign_in.ts'
import { createPasswords } from './access/password.ts'
import { createPeople } from './access/people.ts'
import { createProfile } from './access/profile.ts'
import { createSessions, idleLimit } from './access/session.ts'
import { createSignIn } from './access/sign_in.ts'
import { createTries, triesForgottenAfter } from './access/tries.ts'
import { createAuditLog } from './audit/log.ts'
import { createFresh } from './call/fresh.ts'
import { createInvoker, type Probed } from './call/invoke.ts'
import { createLiveConnections, type LiveConnections, untried } from './call/live.ts'
import { createProxy } from './call/proxy.ts'
import { createRecorder } from './call/record.ts'
import { createSlots } from './call/slots.ts'
import { oldestUsage } from './call/usage.ts'
import type { Config } from './config.ts'
import { createAuthorizer } from './connection/authorize.ts'
import type { Bound } from './connection/bind.ts'
import { createConnections } from './connection/connection.ts'
import { createConnectSessions } from './connection/connect_session.ts'
import { startDevicePolling } from './connection/device_polling.ts'
import { createExchange } from './connection/exchange.ts'
import { noteRanOut } from './connection/ran_out.ts'
import { createGates, gatesForgottenAfter } from './connection/gate.ts'
import { leaseTime } from './connection/lease.ts'
import { createRenewals } from './connection/renewal.ts'
import { createRevoker } from './connection/revoke.ts'
import { startSchedule } from './connection/schedule.ts'
import { createEgress, type Egress } from './egress/egress.ts'
import { startChangeFeed } from './events/changes.ts'
import { createApp } from './http/app.ts'
import { createIdempotency } from './http/idempotency.ts'
import { writeProblem } from './http/problem.ts'
import type { Patience } from './http/slow_clients.ts'
import type { Importer } from './import/index.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { encryptionOf } from './rotation/encryption.ts'
import { createJobs } from './rotation/jobs.ts'
import { reseal } from './rotation/reseal.ts'
import { type Pace, startRunner } from './rotation/runner.ts'
import { verify as verifyKeys } from './rotation/verify.ts'
import { createPreviewer } from './service/preview.ts'
import { createServices, type Services } from './service/service.ts'
import type { Store } from './store.ts'
import { hearDataKeys } from './vault/hearing.ts'
import type { Vault } from './vault/vault.ts'

export interface MooringParts {
  config: Pick<
    Config,
    | 'host'
    | 'port'
    | 'publicUrl'
    | 'egressAllow'
    | 'ca'
    | 'returnOrigins'
    | 'trustedProxies'
    | 'oidc'
    | 'keys'
    | keyof LimitSettings
    | 'callsPerConnection'
  >
  store: Store
  vault: Vault
  log: Log
  version: string
  /** The folder of the built console; absent: none is served. */
  consoleFolder?: string | undefined
  /** Which of several processes this is; absent where there is one. */
  worker?: number | undefined
  /** The way out; left out, the one that judges every address. */
  egress?: Egress | undefined
  /** Milliseconds since the epoch. */
  now?: () => number
  /** In [0, 1). */
  random?: () => number
  /** For the whole of one exchange with a provider, in milliseconds. */
  exchangeTimeout?: number
  /** With callers that take their time; left out, what suits networks as they are. */
  patience?: Patience | undefined
  /** Of rotating keys; left out, one that calls do not notice. */
  pace?: Pace | undefined
}

export interface Mooring {
  app: FastifyInstance
  services: Services
  publicUrl: string
  port: number
  keys: ReturnType<typeof createKeys>
  /** Takes in what other processes wrote. */
  catchUp: () => Promise<void>
  /** Lets requests under way finish (up to `withinMs`), stores what is outstanding, closes. The store stays open. */
  stop: (withinMs: number) => Promise<void>
}

/** Connections held ready in memory by one process. */
const liveLimit = 10_000
const flushEvery = 1000
const sweepEvery = 60_000
const day = 86_400_000
const retentionDays = { calls: 7, events: 90 }

export async function startMooring(parts: MooringParts): Promise<Mooring> {
  const { config, store, vault, log } = parts
  const now = parts.now ?? Date.now
  const random = parts.random ?? Math.random
  const startedAt = now()
  let site = config.publicUrl ?? `http://localhost:${config.port}`
  let listening: { host: string; port: number }[] = []
  let draining = false
  const publicUrl = (): string => site

  const egress =
    parts.egress ??
    createEgress({
      allow: config.egressAllow,
      own: () => listening,
      ...(config.ca === null ? {} : { ca: config.ca }),
    })
  const exchange = createExchange(egress, now, parts.exchangeTimeout)
  const limits = createLimits(config, now)
  const keys = createKeys({ store, limits, now, log })
  const sessions = createSessions({ store, now, log })
  const door = createDoor({ keys, sessions, limits, publicUrl })
  const passwords = createPasswords()
  const tries = createTries({ store, now })
  const signIn = createSignIn({ store, sessions, passwords, tries, now })
  const identityProvider = config.oidc && {
    name: config.oidc.name,
    oidc: createOidc(config.oidc, (url, init) => exchange.fetch(url, init), now),
    signIn: createOidcSignIn({ store, signIn, settings: config.oidc, now }),
  }
  const services = createServices({ store, vault, now, publicUrl })
  const connections = createConnections({ store, vault, now, services })
  const metrics = createMetrics({
    live: () => live.size(),
    droppedActivity: () => recorder.dropped(),
    renewalsRunning: () => renewals.running(),
    callsRunning: () => slots.taken(),
    worker: parts.worker ?? null,
  })
  const gates = createGates({ store, now, random, tryTime: leaseTime, log })
  const renewals = createRenewals({ store, gates, vault, exchange, now, random, count: metrics.renewed, log })
  const live: LiveConnections = createLiveConnections({
    store,
    vault,
    limit: liveLimit,
    unwritten: (id) => renewals.unwritten(id),
  })
  const recorder = createRecorder({ store, now, count: metrics.called, log })
  const fresh = createFresh({ renewals, live, now, ranOut: (authorization) => noteRanOut(store, authorization, now()) })
  const slots = createSlots(config.callsPerConnection)
  const invoker = createInvoker({ egress, live, fresh, slots, recorder, now })
  const verify = async (bound: Bound, credential: unknown): Promise<Probed | null> => {
    const { probe } = bound.document
    return probe === null ? null : invoker.probe(untried(bound, credential), probe)
  }
  const authorizer = createAuthorizer({
    store,
    vault,
    exchange,
    connections,
    now,
    random,
    publicUrl,
    returnOrigins: config.returnOrigins,
    verify,
    log,
  })
  const revoker = createRevoker({
    store,
    vault,
    exchange,
    connections,
    now,
    revoked(id) {
      live.dropConnection(id)
      // The others learn of it now, and not only after the provider has answered.
      void feed.catchUp().catch(() => undefined)
    },
    log,
  })
  const proxy = createProxy({ egress, live, fresh, slots, recorder, now, problem: writeProblem })

  const hear = (): Promise<void> =>
    hearDataKeys(store, vault, (error) => log.error({ reason: error.message }, 'a new data key does not open here'))
  const feed = await startChangeFeed(
    store,
    {
      changed: ({ kind, objectId }) => {
        if (kind === 'service') live.dropService(objectId)
        else if (kind === 'connection') live.dropConnection(objectId)
        else if (kind === 'user') sessions.dropUser(objectId)
        else if (kind === 'session') sessions.drop(objectId)
        else if (kind === 'data_key') return hear()
        else keys.drop(objectId)
        return undefined
      },
      lost: () => {
        live.clear()
        keys.clear()
        sessions.clear()
        return hear()
      },
    },
    log,
  )
  const importer: Importer = async (input) => {
    // Loaded where somebody imports.
    const { createImporter } = await import('./import/index.ts')
    return createImporter({ egress, publicUrl })(input)
  }
  const reading = async (): Promise<void> => {
    if (recorder.pending()) await recorder.flush(true)
  }
  const runner = startRunner({
    store,
    now,
    log,
    pace: parts.pace,
    work: {
      key_rotation: (undertaking) => reseal({ store, vault, now }, undertaking),
      key_verification: (undertaking) => verifyKeys({ store, vault }, undertaking),
    },
  })
  const app = await createApp({
    log,
    keys,
    door,
    signIn,
    profile: createProfile({ store, sessions, passwords, tries, now }),
    people: createPeople({ store, sessions, now, publicUrl }),
    limits,
    patience: parts.patience,
    identityProvider,
    services,
    preview: createPreviewer({ services, vault, publicUrl }),
    importer,
    connections,
    authorizer,
    connectSessions: createConnectSessions({
      store,
      vault,
      authorizer,
      tries,
      now,
      publicUrl,
      returnOrigins: config.returnOrigins,
    }),
    revoker,
    renewals,
    invoker,
    live,
    store,
    now,
    proxy,
    idempotency: createIdempotency({ store, vault, now }),
    audit: createAuditLog({ store, now }),
    jobs: createJobs({ store, vault, now, kick: () => runner.kick() }),
    pausedProviders: () => gates.paused(),
    encryption: () => encryptionOf({ store, vault, source: config.keys === null ? 'file' : 'setting' }),
    metrics,
    publicUrl,
    written: () => feed.catchUp(),
    reading,
    draining: () => draining,
    startedAt,
    retentionDays,
    version: parts.version,
    consoleFolder: parts.consoleFolder,
  })
  try {
    await app.listen({ host: config.host, port: config.port })
  } catch (error) {
    // The store is closed by whoever opened it; nothing of ours may still read it then.
    feed.stop()
    await runner.stop()
    await app.close()
    await egress.close()
    throw error
  }
  const address = app.server.address()
  const { port } = isAddressInfo(address) ? address : config
  listening = [{ host: config.host, port }]
  site = config.publicUrl ?? `http://localhost:${port}`

  await revoker
    .finishCutShort()
    .catch((error: unknown) => log.warn({ err: error }, 'revocations that were cut short could not be finished'))
  const schedule = startSchedule({
    renewals,
    random,
    done: (authorization) => live.dropConnection(authorization.connectionId),
    log,
  })
  const devices = startDevicePolling({
    due: (limit) => authorizer.due(limit),
    ask: (attempt) => authorizer.ask(attempt),
    done: () => void feed.catchUp().catch(() => undefined),
    random,
    log,
  })
  const flushing = setInterval(() => {
    void recorder.flush(false)
    void keys.flush(false)
    void sessions.flush(false)
  }, flushEvery)
  flushing.unref()
  const sweeping = setInterval(() => {
    const at = now()
    Promise.all([
      store.attempts.expire(at),
      store.events.prune(at - retentionDays.calls * day, at - retentionDays.events * day),
      store.callCounts.prune(oldestUsage(at)),
      store.idempotency.prune(at - day),
      store.connectSessions.prune(at - day),
      store.sessions.prune(at - idleLimit, at),
      store.oneTimeLinks.prune(at),
      store.signInTries.prune(at - triesForgottenAfter),
      store.providerGates.prune(at - gatesForgottenAfter),
    ]).catch((error: unknown) => {
      log.warn({ err: error }, 'sweeping out what is old failed; it is tried again')
    })
  }, sweepEvery)
  sweeping.unref()

  return {
    app,
    services,
    keys,
    publicUrl: site,
    port,
    catchUp: () => feed.catchUp(),
    async stop(withinMs) {
      draining = true
      schedule.stop()
      const asked = devices.stop()
      const given = runner.stop()
      const deadline = setTimeout(() => app.server.closeAllConnections(), withinMs)
      deadline.unref()
      // A connection whose last answer is given would otherwise stay open for as long as its caller likes.
      const idle = setInterval(() => app.server.closeIdleConnections(), 50)
      await app.close()
      clearInterval(idle)
      clearTimeout(deadline)
      // A provider's answer that is not stored yet is waited for: the old token may be dead (S-23).
      await renewals.settled()
      await asked
      await given
      clearInterval(flushing)
      clearInterval(sweeping)
      feed.stop()
      await recorder.flush(true)
      await keys.flush(true)
      await sessions.flush(true)
      await egress.close()
    },
  }
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
