/** A page as it is while the encryption is in a state that a small installation passes through too fast to be looked at. */
import type { Encryption, Job } from '@mooring/sdk'
import type { Page } from 'playwright-core'

const job: Job = {
  id: 'job_seen',
  kind: 'key_rotation',
  state: 'running',
  done: 412,
  total: 1340,
  failed: 0,
  failures: [],
  detail: '',
  startedBy: 'user:Olga Owner',
  startedAt: new Date(Date.now() - 140_000).toISOString(),
  updatedAt: new Date().toISOString(),
  finishedAt: null,
}

const failure = { service: null, connection: null, detail: 'It does not open.' }

export const rotations: Record<string, Partial<Job>> = {
  running: {},
  paused: { state: 'paused' },
  failed: {
    state: 'failed',
    done: 1337,
    failed: 3,
    finishedAt: new Date().toISOString(),
    detail: '3 values do not open, so the key before is kept. Everything else is sealed with the new one.',
    failures: [
      {
        ...failure,
        table: 'authorizations',
        field: 'credential',
        row: 'aut_01m8c0w079p5nj7sk5a0tma46m',
        connection: 'crm_production',
      },
      {
        ...failure,
        table: 'services',
        field: 'secrets',
        row: 'svc_01m8c0w079p5nj7sk5a0tma46m',
        service: 'harbour_crm',
      },
      { ...failure, table: 'idempotency', field: 'body', row: 'b1946ac92492d2347c6235b4d2611184' },
    ],
  },
}

/** Opens the page with a rotation in this state, an older key that still holds something, and a spare root key. */
export async function showRotation(page: Page, change: Partial<Job>): Promise<void> {
  await page.route('**/v1/system/keys', async (route) => {
    const response = await route.fetch()
    const real = (await response.json()) as Encryption
    const [active] = real.dataKeys
    if (active === undefined) throw new Error('there is no data key')
    const rotation = { ...job, ...change }
    const seen: Encryption = {
      ...real,
      values: 1340,
      rootKeys: [
        ...real.rootKeys,
        { id: 'k2025', fingerprint: 'fedcba9876543210', seals: false, dataKeys: 0, removable: true },
      ],
      dataKeys: [
        { ...active, values: rotation.done },
        { ...active, id: 'dky_before', fingerprint: '0123456789abcdef', active: false, values: 1340 - rotation.done },
      ],
      rotation,
    }
    await route.fulfill({ response, json: seen })
  })
  await page.reload()
  await page.getByTestId('progress').or(page.getByText('Try again')).first().waitFor()
  await page.unrouteAll({ behavior: 'wait' })
}
