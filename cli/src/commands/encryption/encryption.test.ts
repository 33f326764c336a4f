import { expect, test } from 'vitest'
import { mooringHere as mooring } from '../../../test/mooring.ts'
import { aJob, sendProblem, standIn } from '../../../test/stand_in.ts'

const failure = {
  table: 'authorizations',
  field: 'credential',
  row: 'aut_1',
  service: null,
  connection: 'crm',
  detail: 'authorizations.credential of aut_1 does not open: it was changed, or belongs elsewhere',
}

test('encryption status shows keys by fingerprint, and which root key can go', async () => {
  await using server = await standIn()
  server.jobs = [aJob('paused', { done: 412 })]
  const ran = await mooring(['encryption', 'status'], { url: server.url })
  expect(ran.code).toBe(0)
  expect(ran.stdout).toMatch(/k2 +0123456789abcdef +1 data key +seals new data keys/)
  expect(ran.stdout).toMatch(/k1 +fedcba9876543210 +0 data keys +can leave the keyring/)
  expect(ran.stdout).toMatch(/dky_1 +00112233aabbccdd +1,340 values .* active/)
  expect(ran.stdout).toContain('paused, 412 of 1,340 values sealed with the new key')
})

test('encryption rotate follows the job to its end', async () => {
  await using server = await standIn()
  server.jobs = [aJob('running'), aJob('running', { done: 412 }), aJob('done', { done: 1340, detail: 'All of it.' })]
  const ran = await mooring(['encryption', 'rotate'], { url: server.url })
  expect([ran.code, ran.stdout]).toEqual([0, '✓ All of it.\n'])
  expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
    'POST /v1/system/keys/rotate',
    'GET /v1/system/jobs/job_1',
    'GET /v1/system/jobs/job_1',
  ])
})

test('and waits out a server that is restarting', async () => {
  await using server = await standIn()
  server.jobs = [aJob('running'), aJob('done', { detail: 'All of it.' })]
  let looks = 0
  server.first = ({ target }, response) => {
    if (!target.includes('/jobs/') || ++looks > 2) return false
    response.socket?.destroy()
    return true
  }
  expect(await mooring(['encryption', 'rotate'], { url: server.url })).toMatchObject({
    code: 0,
    stdout: '✓ All of it.\n',
  })
})

test('encryption rotate --no-wait gives the job at once', async () => {
  await using server = await standIn()
  server.jobs = [aJob('running')]
  const ran = await mooring(['encryption', 'rotate', '--no-wait', '--json'], { url: server.url })
  expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, aJob('running')])
  expect(server.seen).toHaveLength(1)
})

test.each([[['encryption', 'verify']], [['keys', 'verify']]])(
  '%j ends with 1 where a value does not open, and says where',
  async (args) => {
    await using server = await standIn()
    const kind = 'key_verification'
    server.jobs = [
      aJob('running', { kind }),
      aJob('failed', {
        kind,
        done: 1339,
        failed: 1,
        failures: [failure],
        detail: '1 of 1340 sealed values do not open.',
      }),
    ]
    const ran = await mooring(args, { url: server.url })
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain('✗ 1 of 1340 sealed values do not open.')
    expect(ran.stdout).toMatch(
      /authorizations\.credential +aut_1 +connection crm +authorizations\.credential of aut_1 does not/,
    )
    expect(server.seen[0]).toMatchObject({ method: 'POST', target: '/v1/system/keys/verify' })
    server.jobs = [aJob('done', { kind, detail: 'All 1340 sealed values open.' })]
    expect(await mooring(args, { url: server.url })).toMatchObject({ code: 0 })
  },
)

test('pause and resume take the newest rotation, or the job that is named', async () => {
  await using server = await standIn()
  server.jobs = [aJob('paused', { done: 412 })]
  const paused = await mooring(['encryption', 'pause'], { url: server.url })
  expect([paused.code, paused.stdout]).toEqual([0, '! Paused: 412 of 1,340 values sealed with the new key\n'])
  server.jobs = [aJob('done', { detail: 'All of it.' })]
  expect((await mooring(['encryption', 'resume', '--job', 'job_7'], { url: server.url })).code).toBe(0)
  expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
    'GET /v1/system/keys',
    'POST /v1/system/jobs/job_1/pause',
    'POST /v1/system/jobs/job_7/resume',
  ])
  server.jobs = []
  expect(await mooring(['encryption', 'pause'], { url: server.url })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('mooring encryption rotate'),
  })
})

test('a rotation that is under way is named', async () => {
  await using server = await standIn()
  server.first = (_, response) => {
    sendProblem(response, 409, 'job_running', { detail: 'A rotation has not ended: job_1.', hint: 'Look at it.' })
    return true
  }
  const ran = await mooring(['encryption', 'rotate'], { url: server.url })
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  expect(ran.stderr).toContain('A rotation has not ended: job_1.')
})
