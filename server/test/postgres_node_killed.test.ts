/** Two servers in processes of their own on one PostgreSQL, under load from callers that know both: one is killed. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox } from '@mooring/sandbox'
import { afterEach, expect, test } from 'vitest'
import { newDatabase } from './engine.ts'
import type { TestServer } from './harness.ts'
import { bootstrapKey, call, newFolder, type PlainAnswer, type Process, serving, startProcess } from './processes.ts'
import { connect, sandboxFor } from './sandbox.ts'

interface Node {
  name: string
  process: Process
  url: string
  /** Set once the process is certainly gone. */
  dead: boolean
}

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function startNode(name: string, settings: Record<string, string>): Promise<Node> {
  const started = startProcess({ MOORING_DATA_DIR: newFolder(), ...settings })
  return { name, process: started, url: await serving(started), dead: false }
}

/** What became of the tries of all callers. */
interface Transcript {
  answered: Record<string, number>
  /** Nobody listened: tried at the other node. */
  refused: number
  /** Broke off at a node that was alive when they began, and was dead when they ended: tried again at the other. */
  cut: number
  /** Of these, writes whose second try is told to come later, as nobody knows whether the first one has ended. */
  later: number
  /** Everything else. */
  failed: string[]
}

/** A caller as a careful program is: it knows both nodes, keeps to one, and goes to the other where that one is gone. */
function callerOf(nodes: readonly [Node, Node], first: number, transcript: Transcript) {
  return async (method: string, path: string, body?: object, key?: string): Promise<PlainAnswer | undefined> => {
    const what = `${method} ${path}`
    let wasCut = false
    for (const at of [first, first + 1, first]) {
      const node = nodes[at % 2 === 0 ? 0 : 1]
      const wasDead = node.dead
      try {
        const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key }
        const answer = await call(node.url, method, path, { headers, body })
        if (wasCut && answer.status === 429 && key !== undefined) transcript.later++
        else if (answer.status >= 300)
          transcript.failed.push(`${what} at ${node.name}: ${answer.status} ${answer.text}`)
        transcript.answered[node.name] = (transcript.answered[node.name] ?? 0) + 1
        return answer
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        if (code === 'ECONNREFUSED') transcript.refused++
        else if (!wasDead && node.process.child.killed) {
          wasCut = true
          transcript.cut++
        } else transcript.failed.push(`${what} at ${node.name}: ${code}`)
      }
    }
    transcript.failed.push(`${what}: no node took it`)
    return undefined
  }
}

test('a node that is killed under load costs no call but those in flight on it, and these only a second try', async () => {
  const database = await newDatabase('empty')
  ends.push(database.drop)
  const settings = {
    MOORING_DATABASE_URL: database.url,
    MOORING_DATABASE_CONNECTIONS: '5',
    MOORING_KEYS: `k1:${Buffer.alloc(32, 9).toString('base64')}`,
    MOORING_BOOTSTRAP_API_KEY: bootstrapKey,
    MOORING_EGRESS_ALLOW: '127.0.0.0/8,::1/128',
  }
  const nodes = await Promise.all([startNode('one', settings), startNode('two', settings)])
  const [survivor, victim] = nodes
  const through: Pick<TestServer, 'call'> = {
    async call(method, path, body) {
      const answer = await call(survivor.url, method, path, { body })
      return { ...answer, headers: new Headers() }
    },
  }
  const sandbox: Sandbox = await sandboxFor(through, { accessTokenLifeSeconds: 900 })
  ends.push(() => sandbox.close())
  const links = Array.from({ length: 6 }, (_, n) => `crm${n}`)
  for (const link of links) await connect(through, 'sandbox_oauth2', link)
  const machines = ['machine0', 'machine1']
  for (const link of machines) await connect(through, 'sandbox_machine', link)

  const transcript: Transcript = { answered: {}, refused: 0, cut: 0, later: 0, failed: [] }
  const over = new AbortController()
  const caller = (first: number) => callerOf(nodes, first, transcript)
  let calls = 0
  let renewed = 0
  const stored: string[] = []

  const calling = async (n: number): Promise<void> => {
    const ask = caller(n)
    for (let turn = n; !over.signal.aborted; turn++) {
      await ask('GET', `/v1/proxy/${links[turn % links.length]}/me`)
      calls++
    }
  }
  const writing = async (n: number): Promise<void> => {
    const ask = caller(n)
    for (let turn = 0; !over.signal.aborted; turn++) {
      const linkName = `written_${n}_${turn}`
      const answer = await ask('POST', '/v1/services', { name: linkName, linkName }, linkName)
      if (answer?.status === 201) stored.push(linkName)
      await delay(10)
    }
  }
  const renewing = async (n: number): Promise<void> => {
    const ask = caller(n)
    for (; !over.signal.aborted;) {
      const answer = await ask('POST', `/v1/connections/${machines[n]}/refresh`)
      if (answer?.status === 200) renewed++
      await delay(30)
    }
  }
  const load = [...Array.from({ length: 6 }, (_, n) => calling(n)), ...[0, 1].map(writing), ...[0, 1].map(renewing)]
  const more = async (): Promise<void> => {
    const [from, written, fresh] = [calls, stored.length, renewed]
    await expect.poll(() => calls > from + 120 && stored.length > written + 5 && renewed > fresh + 5).toBe(true)
  }
  await more()
  const before = { ...transcript.answered }
  const gone = once(victim.process.child, 'exit')
  victim.process.child.kill('SIGKILL')
  await gone
  victim.dead = true
  await more()
  over.abort()
  await Promise.all(load)

  const { answered, refused, cut, later, failed } = transcript
  const after = { one: (answered['one'] ?? 0) - (before['one'] ?? 0) }
  process.stdout.write(
    `before the kill ${before['one']} answered by one and ${before['two']} by two; after it ${after.one} by one; ` +
      `${cut} in flight on two were cut and repeated (${later} told to come later), ${refused} were refused by it and went to one; ${failed.length} failed\n`,
  )
  expect(failed).toEqual([])
  expect(before['two']).toBeGreaterThan(0)
  expect(refused).toBeGreaterThan(0)
  // Each caller has one call in flight.
  expect(cut).toBeLessThanOrEqual(load.length / 2)
  // What was confirmed by either is there, once.
  for (const linkName of stored) expect((await through.call('GET', `/v1/services/${linkName}`)).status).toBe(200)
  expect(stored.length).toBe(new Set(stored).size)
  for (const link of [...links, ...machines]) {
    const fresh = await through.call('POST', `/v1/connections/${link}/refresh`)
    expect([link, fresh.body['status']]).toEqual([link, 'active'])
    expect((await through.call('GET', `/v1/proxy/${link}/${link.startsWith('crm') ? 'me' : 'hello'}`)).status).toBe(200)
  }
})
