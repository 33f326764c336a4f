/** Two processes on the same data, as an operator would run them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { engineSettings } from './engine.ts'
import { freePort } from './free_port.ts'
import { ownerKey, startServer } from './harness.ts'
import { connect, sandboxFor } from './sandbox.ts'

const entry = fileURLToPath(new URL('../../cli/bin/mooring.js', import.meta.url))

async function startProcess(dir: string): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort()
  const child = spawn(process.execPath, [entry, 'start'], {
    env: {
      ...(await engineSettings(dir)),
      PATH: '',
      MOORING_PORT: String(port),
      MOORING_DATA_DIR: dir,
      MOORING_SANDBOX: 'off',
      MOORING_BOOTSTRAP_API_KEY: ownerKey,
      MOORING_EGRESS_ALLOW: '127.0.0.0/8,::1/128',
    },
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  await expect
    .poll(async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.status, { timeout: 45_000 })
    .toBe(200)
  return { child, url }
}

async function stopProcess({ child }: { child: ChildProcess }): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

test('S-20 200 callers of two processes on one ended token make one token request, and the next end makes one more', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mooring-processes-'))
  const first = await startServer({ dir })
  const sandbox = await sandboxFor(first, { accessTokenLifeSeconds: 900 })
  const { body } = await connect(first, 'sandbox_oauth2', 'crm')
  const processes = await Promise.all([startProcess(dir), startProcess(dir)])
  /** As time would. Not planned, so that the callers are the ones who find it. */
  const end = async (): Promise<void> => {
    const { authorizations } = first.installation.store
    const record = await authorizations.find(String(body['id']), '')
    if (record === undefined) throw new Error('not authorized')
    await authorizations.update({
      ...record,
      expiresAt: Date.now() - 1000,
      refreshAt: null,
      version: record.version + 1,
    })
    // The others learn of it.
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  const headers = { authorization: `Bearer ${ownerKey}`, 'content-type': 'application/json' }
  const call = (index: number): Promise<Response> => {
    const { url } = processes[index % 2] ?? { url: '' }
    return index % 5 === 0
      ? fetch(`${url}/v1/connections/crm/invoke`, { method: 'POST', headers, body: '{"method": "GET", "url": "/me"}' })
      : fetch(`${url}/v1/proxy/crm/me`, { headers })
  }
  try {
    for (let round = 0; round < 2; round++) {
      await end()
      const before = sandbox.control.counts().tokenByGrant.refresh_token
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => call(index)))
      expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
      expect(sandbox.control.counts().tokenByGrant.refresh_token - before).toBe(1)
    }
  } finally {
    await Promise.all(processes.map(stopProcess))
    await first.stop()
    await sandbox.close()
    rmSync(dir, { recursive: true, force: true })
  }
})
