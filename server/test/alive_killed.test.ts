import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Sandbox, startSandbox } from '@mooring/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { engineSettings } from './engine.ts'
import { ownerKey, startServer, type TestServer } from './harness.ts'
import { steps } from './killed.fixture.ts'
import { connect } from './sandbox.ts'
import { compileCache } from './processes.ts'

let sandbox: Sandbox
let dir: string
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mooring-killed-'))
  sandbox = await startSandbox({ port: 0, autoConsent: true, accessTokenLifeSeconds: 900 })
})
afterEach(async () => {
  await sandbox.close()
  rmSync(dir, { recursive: true, force: true })
})

async function prepared(): Promise<void> {
  const server = await startServer({ dir })
  const service = sandbox.services.find((one) => one.linkName === 'sandbox_oauth2')?.service
  expect((await server.call('POST', '/v1/services', service)).status).toBe(201)
  expect((await connect(server, 'sandbox_oauth2', 'crm')).body).toMatchObject({ status: 'active' })
  await server.stop()
}

async function doomed(step: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(new URL('killed.fixture.ts', import.meta.url)), [step], {
    env: {
      ...(await engineSettings(dir)),
      NODE_COMPILE_CACHE: compileCache,
      MOORING_PORT: '0',
      MOORING_DATA_DIR: dir,
      MOORING_SANDBOX: 'off',
      MOORING_BOOTSTRAP_API_KEY: ownerKey,
      MOORING_EGRESS_ALLOW: '127.0.0.0/8,::1/128',
    },
  })
  const [ready]: unknown[] = await once(child, 'message')
  const port = typeof ready === 'object' && ready !== null && 'port' in ready ? Number(ready.port) : 0
  child.send('arm')
  await once(child, 'message')
  return { child, port }
}

/** Asks the doomed server for a new token; gives when it is dead. */
async function refreshUntilDead({ child, port }: { child: ChildProcess; port: number }): Promise<void> {
  const dead = once(child, 'exit')
  const asked = fetch(`http://127.0.0.1:${port}/v1/connections/crm/refresh`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownerKey}` },
  })
  await expect(asked).rejects.toThrow('fetch failed')
  const [, signal]: unknown[] = await dead
  expect(signal).toBe('SIGKILL')
}

/** After the kill: who starts next finds a connection that works, or one that says precisely why not. */
async function after(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startServer({ dir })
  try {
    await work(server)
    const { store, workspaceId } = server.installation
    const connection = await store.connections.find(workspaceId, 'crm')
    expect(await store.authorizations.find(connection?.id ?? '', '')).toMatchObject({
      leaseOwner: null,
      inFlight: null,
    })
  } finally {
    await server.stop()
  }
}

describe('kill -9 during a renewal', () => {
  test.each(steps.filter((step) => step !== 'after the answer'))(
    '%s leaves the connection usable at once',
    async (step) => {
      await prepared()
      await refreshUntilDead(await doomed(step))
      await after(async (server) => {
        const startedAt = Date.now()
        expect((await server.call('POST', '/v1/connections/crm/refresh')).body).toMatchObject({ status: 'active' })
        expect((await server.call('GET', '/v1/proxy/crm/me')).status).toBe(200)
        // A dead holder's lease would last 30 s.
        expect(Date.now() - startedAt).toBeLessThan(10_000)
      })
    },
  )

  test('after the answer, with a provider that rotates and detects reuse, says precisely what was lost', async () => {
    await prepared()
    await refreshUntilDead(await doomed('after the answer'))
    expect(sandbox.control.counts().tokenByGrant.refresh_token).toBe(1)
    await after(async (server) => {
      // The access token from before may still be good: nothing is lost until it ends.
      expect((await server.call('POST', '/v1/connections/crm/refresh')).body).toMatchObject({
        code: 'reauthorization_required',
      })
      expect((await server.call('GET', '/v1/connections/crm')).body).toMatchObject({
        status: 'reauthorization_required',
        lastError: { detail: expect.stringMatching(/^Possibly lost rotation/), hint: expect.any(String) },
      })
      expect(sandbox.control.counts().tokenByGrant.refresh_token).toBe(2)
    })
  })

  test('while the provider is thinking leaves the connection usable: the token is tried once more', async () => {
    await prepared()
    const { child, port } = await doomed('never')
    // The failure comes before anything is processed, so the refresh token has not been used.
    sandbox.control.failToken({ kind: 'hang', times: 1 })
    const asked = fetch(`http://127.0.0.1:${port}/v1/connections/crm/refresh`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownerKey}` },
    })
    asked.catch(() => undefined)
    await expect.poll(() => sandbox.control.counts().token).toBeGreaterThan(1)
    const dead = once(child, 'exit')
    child.kill('SIGKILL')
    await dead
    await after(async (server) => {
      expect((await server.call('POST', '/v1/connections/crm/refresh')).body).toMatchObject({ status: 'active' })
      expect((await server.call('GET', '/v1/connections/crm/activity')).text).toContain('cut short is made good')
    })
  })
})

describe('S-23 a store that fails after the provider has answered', () => {
  test('the token is used from memory, written when the store returns, and a stop waits for it', async () => {
    await prepared()
    const first = await startServer({ dir })
    let failing = 6
    const { store } = first.installation
    const transaction = store.transaction.bind(store)
    store.transaction = async (work) =>
      transaction((inside) =>
        work({
          ...inside,
          authorizations: {
            ...inside.authorizations,
            async settle(...given) {
              if (failing-- > 0) throw new Error('the disk is gone')
              return inside.authorizations.settle(...given)
            },
          },
        }),
      )
    try {
      expect((await first.call('POST', '/v1/connections/crm/refresh')).status).toBe(200)
      expect((await first.call('GET', '/v1/proxy/crm/me')).status).toBe(200)
      expect(failing).toBeGreaterThan(0)
    } finally {
      await first.stop()
    }
    expect(failing).toBeLessThan(0)
    expect(first.logged()).toContain('kept in memory')
    await after(async (server) => {
      expect((await server.call('GET', '/v1/connections/crm')).body).toMatchObject({
        status: 'active',
        lastRefreshedAt: expect.any(String),
      })
      expect((await server.call('POST', '/v1/connections/crm/refresh')).body).toMatchObject({ status: 'active' })
    })
  })
})
