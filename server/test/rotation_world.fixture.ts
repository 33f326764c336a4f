/** Connections with credentials of their own, an API that knows which belongs to whom, and rotations to the end. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Job } from '@mooring/contract'
import { onTestFinished } from 'vitest'
import { behindItsBack } from './engine.ts'
import type { Answer, TestServer } from './harness.ts'
import { until } from './processes.ts'

/** Fast, and in steps small enough that there are many of them. */
export const fast = { values: 5, rest: 2, quiet: 20 }

export const tokenOf = (name: string): string => `token/of+${name}=planted`

/** Answers 200 where the last part of the path is whose credential came along, and 401 otherwise. */
export async function startKnowing(): Promise<{ url: string }> {
  const server = createServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? ''
    response.statusCode = request.headers.authorization === `Bearer ${tokenOf(name)}` ? 200 : 401
    response.end('{}')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}` }
}

/** Connections named c0, c1 …, each with a credential of its own. */
export async function connectMany(server: TestServer, upstream: { url: string }, count: number): Promise<string[]> {
  const service = { name: 'Known', linkName: 'known', stage: 'ready', auth: { type: 'bearer' }, baseUrl: upstream.url }
  const made = await server.call('POST', '/v1/services', service)
  if (made.status !== 201) throw new Error(made.text)
  const names = Array.from({ length: count }, (_, n) => `c${n}`)
  const rest = [...names]
  const work = async (): Promise<void> => {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      const body = { name, service: 'known', credentials: { token: tokenOf(name) } }
      const answer = await server.call('POST', '/v1/connections', body)
      if (answer.body['status'] !== 'active') throw new Error(answer.text)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return names
}

/** The status of a call through each of these connections. */
export async function callAll(server: TestServer, names: readonly string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const name of names) statuses.push((await server.call('GET', `/v1/proxy/${name}/${name}`)).status)
  return statuses
}

export function jobOf(answer: Answer): Job {
  // The reply was made by the schema that this type is of.
  return answer.body as Job
}

export async function rotate(server: TestServer): Promise<Job> {
  const answer = await server.call('POST', '/v1/system/keys/rotate')
  if (answer.status !== 202) throw new Error(answer.text)
  return jobOf(answer)
}

export async function look(server: TestServer, id: string): Promise<Job> {
  return jobOf(await server.call('GET', `/v1/system/jobs/${id}`))
}

/** The job once it runs no more. */
export async function ended(server: TestServer, id: string): Promise<Job> {
  return until(async () => {
    const job = await look(server, id)
    return job.state === 'running' ? undefined : job
  }, `the end of ${id}`)
}

/** The job once it has done something and has something left to do. */
export async function halfWay(server: TestServer, id: string): Promise<Job> {
  return until(async () => {
    const job = await look(server, id)
    if (job.state !== 'running') throw new Error(`${id} is ${job.state} already`)
    return job.done > 0 ? job : undefined
  }, `progress of ${id}`)
}

/** Data keys of the database, and how many values each seals. */
export async function keysIn(
  server: Pick<TestServer, 'config'>,
): Promise<{ keys: string[]; sealed: Record<string, number> }> {
  const back = await behindItsBack(server.config)
  const keys = (await back.run('select id from data_keys order by created_at, id')).map(({ id }) => String(id))
  const sealed: Record<string, number> = {}
  const places = [
    ['services', 'secrets'],
    ['authorizations', 'credential'],
    ['attempts', 'kept'],
    ['attempts', 'held_grant'],
    ['idempotency', 'body'],
  ]
  for (const [table = '', field = ''] of places) {
    // From the bytes themselves, not from the column beside them.
    for (const { value } of await back.run(`select ${field} as value from ${table} where ${field} is not null`)) {
      if (!Buffer.isBuffer(value)) throw new Error(`${table}.${field} holds no bytes`)
      const id = value.subarray(2, 2 + (value[1] ?? 0)).toString()
      sealed[id] = (sealed[id] ?? 0) + 1
    }
  }
  await back.close()
  return { keys, sealed }
}

/** Changes the database behind the server's back. */
export async function tamper(server: Pick<TestServer, 'config'>, ...statements: string[]): Promise<void> {
  const back = await behindItsBack(server.config)
  for (const statement of statements) await back.run(statement)
  await back.close()
}
