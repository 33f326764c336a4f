/** Leases taken by a clock that was wrong. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bind } from '../src/connection/bind.ts'
import { storeGrant } from '../src/connection/grant.ts'
import { createRenewals } from '../src/connection/renewal.ts'
import { newId } from '../src/ids.ts'
import type { AuthorizationRecord } from '../src/store.ts'
import { type Ground, openGround } from './alive_world.fixture.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
})
afterAll(() => ground.store.close())

const begun = 1_800_000_000_000
const day = 86_400_000

/** A renewable authorization whose lease another machine has taken, by a clock that is a day ahead. */
async function leasedAhead(): Promise<{ id: string; take: () => Promise<unknown> }> {
  const { store, vault, service } = ground
  const connectionId = newId('con', begun)
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
    createdAt: begun,
    updatedAt: begun,
  })
  const connection = await store.connections.find('wsp_test', connectionId)
  if (connection === undefined) throw new Error('no connection')
  const credential = { accessToken: 'access-0', refreshToken: 'refresh-0' }
  const grant = { credential, expiresAt: begun + 3_600_000, grantedScopes: null, account: null, notes: [] }
  const about = {
    bound: bind(vault, service, connection),
    user: '',
    scopes: [],
    actor: null,
    verified: true,
    cause: 'test',
  }
  const { id } = await store.transaction((inside) => storeGrant(inside, vault, { ...about, grant }, begun, 0))
  const take = (): Promise<unknown> =>
    store.authorizations.lease(id, { owner: 'elsewhere|1|x', now: begun + day, until: begun + day + 30_000 })
  expect(await take()).toBeDefined()
  return { id, take }
}

type Parts = Parameters<typeof createRenewals>[0]

/** A process that renews. What it waits passes by both of its clocks. */
function renewing(whileWaiting: (at: number) => Promise<unknown>, parts: Partial<Parts> = {}) {
  const asked: number[] = []
  let passed = 0
  const now = parts.now ?? ((): number => begun + 3_600_000 + passed)
  const renewals = createRenewals({
    store: ground.store,
    vault: ground.vault,
    exchange: {
      now,
      random: () => 'random',
      fetch: async () => {
        asked.push(now())
        return Response.json({ access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 3600 })
      },
    },
    elapsed: () => passed,
    random: () => 0.5,
    wait: async (milliseconds) => {
      passed += milliseconds
      await whileWaiting(now())
    },
    count: () => undefined,
    log: { warn: () => undefined, error: () => undefined },
    ...parts,
    now,
  })
  return { renewals, asked, pass: (milliseconds: number) => void (passed += milliseconds) }
}

async function read(id: string): Promise<AuthorizationRecord> {
  const record = await ground.store.authorizations.findById(id)
  if (record === undefined) throw new Error('not authorized')
  return record
}

test('S-20 a lease whose end lies a day ahead ends when it has been looked at for as long as any lease lasts', async () => {
  const { id } = await leasedAhead()
  const { renewals, asked } = renewing(() => Promise.resolve())
  const seen = await read(id)
  expect(await renewals.renew(seen, 'expired')).toMatchObject({ status: 'active', leaseOwner: null, inFlight: null })
  expect(asked).toHaveLength(1)
  expect(asked[0]).toBeGreaterThan(begun + 3_600_000 + 30_000)
})

test('S-20 and not while somebody is seen to work there: each new lease is given its whole time', async () => {
  const { id, take } = await leasedAhead()
  const { store } = ground
  let fence = (await read(id)).fence
  const first = fence
  const { renewals, asked } = renewing(async (at) => {
    // It gives its lease back and takes another, every 20 seconds.
    if (at < begun + 3_600_000 + (fence - first + 1) * 20_000) return
    await store.authorizations.breakLease(id, 'elsewhere|1|x', fence)
    await take()
    fence++
  })
  await expect(renewals.renew(await read(id), 'expired')).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toEqual([])
})

test.each([
  ['an hour ahead', 3_600_000],
  ['a day ahead', day],
  ['a day back', -day],
])('S-20 whoever’s clock jumps %s while another renews waits for it, and takes its token', async (_name, by) => {
  const { id } = await leasedAhead()
  await ground.store.authorizations.breakLease(id, 'elsewhere|1|x', (await read(id)).fence)
  const at = begun + 3_600_000
  let arrived: () => void = () => undefined
  const reached = new Promise<void>((resolve) => void (arrived = resolve))
  let answer: (response: Response) => void = () => undefined
  const answered = new Promise<Response>((resolve) => void (answer = resolve))
  const slow = renewing(() => Promise.resolve(), {
    now: () => at,
    exchange: {
      now: () => at,
      random: () => 'random',
      fetch: () => {
        arrived()
        return answered
      },
    },
  })
  const seen = await read(id)
  const first = slow.renewals.renew(seen, 'expired')
  await reached
  let turns = 0
  const jumped = renewing(
    async () => {
      if (++turns === 20)
        answer(Response.json({ access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 60 }))
      if (turns >= 20) await first
    },
    { now: () => at + by },
  )
  const got = await jumped.renewals.renew(seen, 'expired')
  expect(await first).toMatchObject({ lastRefreshedAt: at })
  expect(got).toMatchObject({ lastRefreshedAt: at, leaseOwner: null, inFlight: null })
  expect([jumped.asked, turns]).toEqual([[], 20])
})

test('S-20 the schedule takes over what is due from a holder that it has seen for too long, and no sooner', async () => {
  const { id } = await leasedAhead()
  const due = begun + 3_600_000
  const record = await read(id)
  const planned = { ...record, refreshAt: due - 1, eagerUntil: due + 9 * day, version: record.version + 1 }
  expect(await ground.store.authorizations.update(planned)).toBe(true)
  const { renewals, asked, pass } = renewing(() => Promise.resolve(), { now: () => due + 2 * day })
  const look = async (): Promise<number> => {
    await renewals.breakStanding()
    const begunNow = await renewals.beginDue(5)
    await Promise.all(begunNow.map(({ ended }) => ended))
    return begunNow.length
  }
  expect(await look()).toBe(0)
  pass(30_000)
  expect(await look()).toBe(0)
  pass(1)
  expect([await look(), asked.length]).toEqual([1, 1])
  expect(await read(id)).toMatchObject({ leaseOwner: null, inFlight: null, fence: record.fence + 1 })
})

test('S-20 whoever stood still between the lease and the request does not ask, whatever its wall clock says', async () => {
  const { id } = await leasedAhead()
  await ground.store.authorizations.breakLease(id, 'elsewhere|1|x', (await read(id)).fence)
  const { store } = ground
  const at = begun + 3_600_000
  let stood = 0
  const { renewals, asked, pass } = renewing(() => Promise.resolve(), {
    now: () => at,
    store: {
      ...store,
      services: {
        ...store.services,
        find: async (...given) => {
          // Eleven seconds, once.
          if (stood++ === 0) pass(11_000)
          return store.services.find(...given)
        },
      },
    },
  })
  const fence = (await read(id)).fence
  expect(await renewals.renew(await read(id), 'expired')).toMatchObject({ fence: fence + 2, leaseOwner: null })
  expect([asked.length, stood]).toEqual([1, 2])
})
