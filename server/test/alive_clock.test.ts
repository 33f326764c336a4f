/** Leases taken by a clock that was wrong. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bind } from '../src/connection/bind.ts'
import { storeGrant } from '../src/connection/grant.ts'
import { createRenewals } from '../src/connection/renewal.ts'
import { newId } from '../src/ids.ts'
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

function renewing(whileWaiting: (at: number) => Promise<unknown>) {
  const asked: number[] = []
  let time = begun + 3_600_000
  const renewals = createRenewals({
    store: ground.store,
    vault: ground.vault,
    exchange: {
      now: () => time,
      random: () => 'random',
      fetch: async () => {
        asked.push(time)
        return Response.json({ access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 3600 })
      },
    },
    now: () => time,
    random: () => 0.5,
    wait: async (milliseconds) => {
      time += milliseconds
      await whileWaiting(time)
    },
    count: () => undefined,
    log: { warn: () => undefined, error: () => undefined },
  })
  return { renewals, asked }
}

test('S-20 a lease whose end lies a day ahead ends when it has been looked at for as long as any lease lasts', async () => {
  const { id } = await leasedAhead()
  const { renewals, asked } = renewing(() => Promise.resolve())
  const seen = await ground.store.authorizations.findById(id)
  if (seen === undefined) throw new Error('not authorized')
  expect(await renewals.renew(seen, 'expired')).toMatchObject({ status: 'active', leaseOwner: null, inFlight: null })
  expect(asked).toHaveLength(1)
  expect(asked[0]).toBeGreaterThan(begun + 3_600_000 + 30_000)
})

test('S-20 and not while somebody is seen to work there: each new lease is given its whole time', async () => {
  const { id, take } = await leasedAhead()
  const { store } = ground
  let fence = 1
  const { renewals, asked } = renewing(async (at) => {
    // It gives its lease back and takes another, every 20 seconds.
    if (at < begun + 3_600_000 + fence * 20_000) return
    fence++
    await store.authorizations.breakLease(id, 'elsewhere|1|x')
    await take()
  })
  const seen = await store.authorizations.findById(id)
  if (seen === undefined) throw new Error('not authorized')
  await expect(renewals.renew(seen, 'expired')).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toEqual([])
})
