/**
 * A world in which several servers keep one authorization alive, and in which everything that can go wrong does: servers
 * end between any two steps, stand still past their leases, lose the store; the provider fails, and answers get lost. Time and
 * the order of steps come from a seed. What is ours in it is real: renewals, store, vault, OAuth 2 scheme.
 */
import { EgressError } from '../src/egress/errors.ts'
import { bind, openCredential } from '../src/connection/bind.ts'
import { exchangeTimeout } from '../src/connection/exchange.ts'
import { storeGrant } from '../src/connection/grant.ts'
import { createRenewals, type Renewals } from '../src/connection/renewal.ts'
import { MooringError } from '../src/errors.ts'
import { newId } from '../src/ids.ts'
import type { Exchange } from '../src/schemes/scheme.ts'
import { createServices } from '../src/service/service.ts'
import { systemCaller } from '../src/start.ts'
import { openSqlite } from '../src/storage/sqlite.ts'
import type { AuthorizationRecord, ServiceRecord, Store } from '../src/store.ts'
import { createVault, type Vault } from '../src/vault/vault.ts'

export interface Ground {
  store: Store
  vault: Vault
  service: ServiceRecord
}

/** One store for all worlds; each makes a connection of its own in it. */
export async function openGround(): Promise<Ground> {
  // At once, so that the order of steps is the seed's alone.
  const store = await openSqlite({ path: ':memory:' })
  const vault = createVault([{ id: 'test', bytes: Buffer.alloc(32, 7) }])
  const key = vault.newDataKey('dky_test', 'wsp_test', 0)
  await store.workspaces.insert({ id: 'wsp_test', name: 'Test', createdAt: 0 })
  await store.dataKeys.insert(key)
  vault.add(key)
  const services = createServices({ store, vault, now: () => 0, publicUrl: () => 'https://mooring.example' })
  const caller = systemCaller('wsp_test')
  await services.create(caller, {
    name: 'Provider',
    linkName: 'provider',
    stage: 'ready',
    auth: {
      type: 'oauth2',
      grantType: 'authorization_code',
      clientId: 'id',
      clientSecret: 'secret',
      authorizationUrl: 'https://provider.example/authorize',
      tokenUrl: 'https://provider.example/token',
    },
    hosts: ['api.provider.example'],
  })
  return { store, vault, service: await services.find(caller, 'provider') }
}

export interface Plan {
  seed: number
  servers: number
  /** `detects`: a refresh token used twice ends the grant. `strict`: it is refused. `lenient`: it never changes. */
  provider: 'detects' | 'strict' | 'lenient'
  /** Times at which the token has ended and callers come. */
  rounds: number
  callers: number
  /** Chances in percent. */
  crash: number
  stall: number
  storeFails: number
  providerFails: number
  answerLost: number
  /** Whether the others see that a server has ended, or have to wait for its lease. */
  sameMachine: boolean
}

export interface Ending {
  record: AuthorizationRecord
  /** Whether the stored refresh token is one the provider would take. */
  usable: boolean
  /** What must never be; empty when all is well. */
  violations: string[]
  tokenRequests: number
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Server {
  name: string
  alive: boolean
  renewals: Renewals
}

/** One token request, as far as we are concerned with it. */
interface Sending {
  token: string
  server: Server
  at: number
  processed: boolean
  /** `clear`: the server was told what happened. */
  answer: 'none' | 'clear' | 'unclear'
}

export async function live({ store, vault, service }: Ground, plan: Plan): Promise<Ending> {
  const random = seeded(plan.seed)
  const chance = (percent: number): boolean => random() * 100 < percent
  const violations: string[] = []
  let faults = true
  let time = 1_800_000_000_000
  const now = (): number => time

  // Steps that could be taken next, and moments that are waited for.
  const ready: { server: Server | undefined; go: () => void }[] = []
  const timers: { at: number; go: () => void }[] = []
  const step = (server?: Server): Promise<void> => new Promise((resolve) => void ready.push({ server, go: resolve }))
  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => void timers.push({ at: time + milliseconds, go: resolve }))

  const provider = createProvider()
  const sendings: Sending[] = []
  const flying = new Set<Sending>()

  function createProvider() {
    let count = 0
    let current = 'refresh-0'
    const retired = new Set<string>()
    let ended = false
    return {
      takes: (token: string) => !ended && token === current,
      process(token: string): Response {
        if (ended || token !== current) {
          if (plan.provider === 'detects' && retired.has(token)) ended = true
          return Response.json({ error: 'invalid_grant' }, { status: 400 })
        }
        count++
        if (plan.provider !== 'lenient') {
          retired.add(current)
          current = `refresh-${count}`
        }
        return Response.json({ access_token: `access-${count}`, refresh_token: current, expires_in: 3600 })
      },
    }
  }

  const lost = (): MooringError =>
    new MooringError('upstream_unreachable', {
      detail: 'Could not reach provider.example (connection closed).',
      provider: {
        kind: 'transient',
        error: 'upstream_unreachable',
        description: null,
        status: null,
        retryAfterSeconds: null,
      },
      cause: new EgressError('upstream_unreachable', 'provider.example', 'connection closed'),
    })

  /** No exchange lasts longer: a server that has not noted its end stands still, and its lease goes to another. */
  const isOver = (sending: Sending): boolean => time > sending.at + exchangeTimeout

  /** May this token be sent again? Only where every earlier sending came to nothing, or to nothing we know of. */
  const judge = (sending: Sending): void => {
    if ([...flying].some((other) => !isOver(other))) violations.push(`two token requests at once at ${time}`)
    for (const earlier of sendings) {
      if (earlier.token !== sending.token || !earlier.processed || plan.provider === 'lenient') continue
      const excused = !earlier.server.alive || earlier.answer === 'unclear' || isOver(earlier)
      if (!excused) violations.push(`${sending.token} was used twice at ${time}`)
    }
  }

  const exchangeOf = (server: Server): Exchange => ({
    now,
    random: () => 'random',
    async fetch(_url, init) {
      const token = new URLSearchParams(init.body ?? '').get('refresh_token') ?? ''
      const sending: Sending = { token, server, at: time, processed: false, answer: 'none' }
      judge(sending)
      sendings.push(sending)
      flying.add(sending)
      try {
        await wait(random() * 500)
        await passing(server)
        if (faults && chance(plan.providerFails)) {
          sending.answer = 'clear'
          return random() < 0.5
            ? Response.json({ error: 'slow_down' }, { status: 429, headers: { 'retry-after': '2' } })
            : new Response('Bad gateway', { status: 502 })
        }
        const answer = provider.process(token)
        sending.processed = true
        await wait(random() * 500)
        await passing(server)
        if (faults && chance(plan.answerLost)) {
          sending.answer = 'unclear'
          throw lost()
        }
        sending.answer = 'clear'
        return answer
      } finally {
        flying.delete(sending)
      }
    },
  })

  /** One step of a server: it may end here, and then this goes no further. */
  const passing = async (server: Server): Promise<void> => {
    await step(server)
    if (faults && server.alive && chance(plan.crash)) end(server)
    if (!server.alive) {
      await new Promise(() => undefined)
    }
  }
  let outUntil = 0
  const failing = (): void => {
    if (faults && chance(plan.storeFails)) outUntil = time + Math.max(0, random() * 6000 - 3000)
    else if (time >= outUntil) return
    throw new Error('the store is out of reach')
  }

  const storeOf = (server: Server): Store => {
    const around = async <T>(work: () => Promise<T>): Promise<T> => {
      await passing(server)
      failing()
      const result = await work()
      await passing(server)
      return result
    }
    const { connections, services, authorizations } = store
    return {
      ...store,
      // What happens inside happens whole or not at all, so a server ends before or after.
      transaction: (work) => around(() => store.transaction(work)),
      connections: { ...connections, find: (...given) => around(() => connections.find(...given)) },
      services: { ...services, find: (...given) => around(() => services.find(...given)) },
      authorizations: {
        ...authorizations,
        findById: (...given) => around(() => authorizations.findById(...given)),
        lease: (...given) => around(() => authorizations.lease(...given)),
        breakLease: (...given) => around(() => authorizations.breakLease(...given)),
      },
    }
  }

  const servers: Server[] = []
  const names = new Map<string, Server>()
  const start = (): Server => {
    const name = `server-${names.size}`
    const server: Server = { name, alive: true, renewals: undefined as never }
    server.renewals = createRenewals({
      store: storeOf(server),
      vault,
      exchange: exchangeOf(server),
      now,
      elapsed: now,
      random,
      wait,
      count: () => undefined,
      log: { warn: () => undefined, error: () => undefined },
      holder: { name, hasEnded: (other) => plan.sameMachine && names.get(other)?.alive === false },
    })
    names.set(name, server)
    servers.push(server)
    return server
  }
  const end = (server: Server): void => {
    server.alive = false
    for (const sending of flying) if (sending.server === server) flying.delete(sending)
    servers.splice(servers.indexOf(server), 1)
    start()
  }
  for (let count = 0; count < plan.servers; count++) start()

  const connectionId = newId('con', time)
  await store.connections.insert({
    id: connectionId,
    workspaceId: 'wsp_test',
    serviceId: service.id,
    linkName: connectionId,
    name: 'Kept',
    authorizationLevel: 'shared',
    status: 'created',
    scopes: [],
    parameters: {},
    enabled: true,
    version: 1,
    createdAt: time,
    updatedAt: time,
  })
  const connection = await store.connections.find('wsp_test', connectionId)
  if (connection === undefined) throw new Error('no connection')
  const bound = bind(vault, service, connection)
  const { id } = await store.transaction((inside) =>
    storeGrant(
      inside,
      vault,
      {
        bound,
        user: '',
        scopes: connection.scopes,
        grant: {
          credential: { accessToken: 'access-0', refreshToken: 'refresh-0' },
          expiresAt: time + 3_600_000,
          grantedScopes: null,
          account: null,
          notes: [],
        },
        actor: null,
        verified: true,
        cause: 'test',
      },
      time,
      0,
    ),
  )
  const read = async (): Promise<AuthorizationRecord> => {
    const record = await store.authorizations.findById(id)
    if (record === undefined) throw new Error('the authorization is gone')
    return record
  }

  /** Everything that can run without a further step does. */
  const settle = async (): Promise<void> => {
    for (let quiet = 0, seen = -1; quiet < 2;) {
      await new Promise(setImmediate)
      const size = ready.length + timers.length
      quiet = size === seen ? quiet + 1 : 0
      seen = size
    }
  }
  let callers = 0
  /** Takes steps, and lets callers come, in an order of chance until nobody waits for anything; time passes when nothing else is left to do. */
  const run = async (done: () => boolean): Promise<void> => {
    for (let count = 0; ; count++) {
      await settle()
      if (done()) return
      if (count > 5000) {
        violations.push('somebody waits for ever')
        return
      }
      if (callers > 0 && (chance(8) || ready.length + timers.length === 0)) {
        callers--
        const server = servers[Math.floor(random() * servers.length)]
        if (server !== undefined) await call(server)
        continue
      }
      if (faults && ready.length > 0 && chance(plan.stall)) time += 15_000 + random() * 40_000
      if (ready.length > 0) {
        const [taken] = ready.splice(Math.floor(random() * ready.length), 1)
        taken?.go()
        continue
      }
      timers.sort((one, other) => one.at - other.at)
      const next = timers.shift()
      if (next === undefined) {
        violations.push('everybody waits for somebody else')
        return
      }
      time = Math.max(time, next.at)
      next.go()
    }
  }

  /** Somebody calls through this server: where the token has ended, it is renewed. */
  const call = async (server: Server): Promise<void> => {
    const seen = await read()
    if (seen.status !== 'active' || (seen.expiresAt ?? 0) > time) return
    void server.renewals.renew(seen, 'expired').then(
      (record) => {
        if (record.authorizedAt === seen.authorizedAt && record.lastRefreshedAt === seen.lastRefreshedAt)
          violations.push('a caller was given the token that had ended')
      },
      (error: unknown) => {
        if (!(error instanceof MooringError)) violations.push(`a caller was told: ${String(error)}`)
      },
    )
  }
  const outstanding = (): boolean =>
    servers.some((server) => server.renewals.running() > 0 || server.renewals.unwritten(id) !== undefined)

  for (let round = 0; round < plan.rounds; round++) {
    time += 3_600_000
    callers = plan.callers
    await run(() => callers === 0 && !outstanding())
  }

  // The storm is over: whoever calls now gets a token, or the reason why there is none.
  faults = false
  outUntil = 0
  time += 3_600_000
  callers = 1
  await run(() => callers === 0 && !outstanding())
  const record = await read()
  const held = openCredential(vault, record)
  const usable =
    typeof held === 'object' && held !== null && 'refreshToken' in held && provider.takes(String(held.refreshToken))
  return { record, usable, violations, tokenRequests: sendings.length }
}
