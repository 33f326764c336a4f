/**
 * Every operation of the served OpenAPI document, asked thousands of times in ways that are nearly right or not at all.
 * `MOORING_FUZZ_RUNS` says how often each is asked; unset it is the same short run each time, so that nobody meets what
 * somebody else broke. A longer one takes another seed each time, which it prints, and `MOORING_FUZZ_SEED` repeats.
 */
import { Agent } from 'node:http'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenApi, openApi } from '../src/http/openapi.ts'
import { ask, type Described, requestsTo, wrongWith } from './fuzz_request.ts'
import type { JsonSchema } from './fuzz_values.ts'
import { openWorld, type World } from './fuzz_world.ts'

const shortRun = 50
const runs = Number(process.env['MOORING_FUZZ_RUNS'] ?? shortRun)
const seed = Number(process.env['MOORING_FUZZ_SEED'] ?? (runs === shortRun ? 1 : Math.floor(Math.random() * 2 ** 31)))

// The names of the tests are needed before there is a server; that this is what it serves is a test of its own.
const operations = Object.entries(openApi({ version: 'test', publicUrl: 'http://x' }).paths).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, operation]): Described => ({ path, method, operation })),
)

let world: World
let components: Record<string, JsonSchema>
let served: string[]
const accidents: unknown[] = []
const accident = (error: unknown): void => void accidents.push(error)
const agent = new Agent({ keepAlive: true })
let asked = 0
const answers = new Map<number, number>()

beforeAll(async () => {
  process.on('unhandledRejection', accident)
  world = await openWorld()
  const answer = await world.server.call('GET', '/v1/openapi.json')
  const document = answer.body as unknown as OpenApi
  components = document.components.schemas as Record<string, JsonSchema>
  served = Object.keys(document.paths)
  process.stderr.write(`fuzzing with MOORING_FUZZ_SEED=${seed} MOORING_FUZZ_RUNS=${runs}\n`)
})
afterAll(async () => {
  process.stderr.write(`${asked} requests; by status: ${JSON.stringify(Object.fromEntries(answers))}\n`)
  agent.destroy()
  await world.close()
  process.off('unhandledRejection', accident)
})

describe('no request brings a fault of ours, an answer of another shape, or a secret', () => {
  test('the document that is served has these operations', () => {
    expect(served).toEqual([...new Set(operations.map(({ path }) => path))])
  })

  test.each(operations.map((one) => [`${one.method.toUpperCase()} ${one.path}`, one] as const))(
    '%s',
    async (_, one) => {
      await world.heal()
      await fc.assert(
        fc.asyncProperty(requestsTo(one, components, world), async (request) => {
          const answer = await ask(world.server.url, request, agent)
          if (answer === undefined) return
          asked++
          answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1)
          const wrong = wrongWith(one, request, answer, world)
          if (wrong.length > 0) throw new Error(`${wrong.join('; ')}\n${answer.status} ${answer.text.slice(0, 1000)}`)
        }),
        { seed, numRuns: runs, endOnFailure: runs > 1000 },
      )
    },
  )
})

describe('after all of it', () => {
  test('the server is well, and has had no accident', async () => {
    expect(asked).toBeGreaterThan(operations.length * Math.min(runs, shortRun) * 0.8)
    expect((await world.server.call('GET', '/readyz')).body).toEqual({ status: 'ready' })
    expect((await world.server.call('GET', '/v1/audit-log/verify')).body).toMatchObject({ ok: true })
    expect(accidents).toEqual([])
    const faults = world.server
      .logged()
      .split('\n')
      .filter((line) => /"level":(50|60)|"level":"(error|fatal)"/.test(line))
    expect(faults).toEqual([])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('no secret is in the log, and none of ours has reached an API', () => {
    expect(world.needles.foundIn(world.server.logged())).toEqual([])
    expect(world.leaked()).toEqual([])
  })

  test('most kinds of answers were met', () => {
    for (const status of [200, 201, 204, 400, 401, 403, 404, 409, 422])
      expect([status, answers.has(status)]).toEqual([status, true])
  })
})
