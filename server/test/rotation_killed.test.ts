import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { engineSettings } from './engine.ts'
import { ownerKey, startServer } from './harness.ts'
import { steps } from './rotation_killed.fixture.ts'
import { callAll, connectMany, ended, fast, keysIn, startKnowing } from './rotation_world.fixture.ts'
import { compileCache } from './processes.ts'

/** Starts a server in a process of its own, asks it to rotate, and gives when it is dead. */
async function rotateUntilDead(dir: string, step: string): Promise<void> {
  const child = fork(fileURLToPath(new URL('rotation_killed.fixture.ts', import.meta.url)), [step], {
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
  const dead = once(child, 'exit')
  // It may be dead before it answers.
  void fetch(`http://127.0.0.1:${port}/v1/system/keys/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownerKey}` },
  }).catch(() => undefined)
  const [, signal]: unknown[] = await dead
  expect(signal).toBe('SIGKILL')
}

describe('S-42 kill -9 during a rotation', () => {
  test.each(steps)('at %s: the next start goes on, everything opens, and the new key is alone', async (step) => {
    const dir = mkdtempSync(join(tmpdir(), 'mooring-rotation-killed-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const upstream = await startKnowing()
    const first = await startServer({ dir })
    const names = await connectMany(first, upstream, 22)
    const before = await keysIn(first)
    await first.stop()

    await rotateUntilDead(dir, step)
    const left = await keysIn(first)
    // Whatever was left, each value is sealed with a key that is there.
    expect(left.keys).toEqual(expect.arrayContaining(Object.keys(left.sealed)))
    expect(Object.values(left.sealed).reduce((sum, count) => sum + count, 0)).toBe(22)

    const again = await startServer({ dir, pace: fast })
    onTestFinished(() => again.stop())
    const { items } = (await again.call('GET', '/v1/system/jobs')).body as { items: { id: string; total: number }[] }
    expect(items).toHaveLength(1)
    const job = await ended(again, items[0]?.id ?? '')
    expect(job).toMatchObject({ state: 'done', done: 22, total: 22, failed: 0 })
    const after = await keysIn(again)
    expect(after.keys).toHaveLength(1)
    expect(after.keys).not.toEqual(before.keys)
    expect(after.sealed).toEqual({ [after.keys[0] ?? '']: 22 })
    expect(new Set(await callAll(again, names))).toEqual(new Set([200]))
    const { items: events } = (await again.call('GET', '/v1/events')).body as { items: { type: string }[] }
    expect(events.filter(({ type }) => type === 'key.rotated')).toHaveLength(1)
  })
})
