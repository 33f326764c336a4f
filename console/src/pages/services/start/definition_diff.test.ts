import type { AuthType, Service } from '@mooring/sdk'
import { describe, expect, test } from 'vitest'
import { changesOf, effectsOf, patchOf, withoutSecrets } from './definition_diff.ts'
import type { Definition } from './definition_file.ts'

const plain = { advanced: false, required: false }
const type: AuthType = {
  type: 'keyed',
  title: 'Keyed',
  summary: '',
  redirects: false,
  scopes: true,
  fields: [
    { ...plain, name: 'prefix', title: 'Prefix', kind: 'text' },
    { ...plain, name: 'url', title: 'URL', kind: 'url' },
    { ...plain, name: 'secret', title: 'Secret', kind: 'secret' },
  ],
  schema: { properties: { prefix: { default: 'Bearer' }, url: {}, secret: { secret: true } } },
}
const held: Service = {
  id: 'svc_1',
  name: 'Harbour',
  linkName: 'harbour',
  description: '',
  stage: 'draft',
  origin: 'custom',
  logoUrl: null,
  auth: { type: 'keyed', prefix: 'Bearer', url: 'https://a.example', secret: { set: true } },
  scopes: [{ id: 'scp_1', name: 'Read', value: 'read' }],
  scopeDelimiter: 'comma',
  hosts: ['api.example.com'],
  anyHost: false,
  baseUrl: 'https://api.example.com',
  probe: null,
  headers: {},
  placeholders: [],
  callbackId: '',
  callbackUrl: '',
  jwksUrl: null,
  connectionCount: 0,
  warnings: [],
  readyAt: null,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
}
const file: Definition = {
  kind: 'service',
  version: 1,
  linkName: 'harbour',
  name: 'Harbour',
  stage: 'draft',
  auth: { type: 'keyed', url: 'https://a.example', secret: { set: true } },
  scopes: [{ name: 'Read', value: 'read' }],
  hosts: ['api.example.com'],
  baseUrl: 'https://api.example.com',
}
const changes = (change: Partial<Definition>, on: Partial<Service> = {}) =>
  changesOf({ ...held, ...on }, withoutSecrets({ ...file, ...change }, type), [type])

describe('a file against a service', () => {
  test('changes nothing where it says the same, presets and secrets left out', () => {
    expect(changes({})).toEqual([])
  })

  test('sends only what changes, takes back what it leaves out, and leaves stored secrets alone', () => {
    const changed = { auth: { type: 'keyed', prefix: 'Token', secret: '${env:SECRET}' } }
    const { hosts: _, ...rest } = file
    const other = withoutSecrets({ ...rest, ...changed }, type)
    const found = changesOf(held, other, [type])
    expect(found.map(({ path }) => path).toSorted()).toEqual(['auth.prefix', 'auth.url', 'hosts'])
    expect(patchOf(other, held, found, type.fields)).toEqual({
      auth: { type: 'keyed', prefix: 'Token', url: null },
      hosts: [],
    })
  })

  test('may only add scopes where there are connections, and nothing of the authentication once it is ready', () => {
    const live = { stage: 'ready', connectionCount: 2 } as const
    const added = [
      { name: 'Read', value: 'read' },
      { name: 'Write', value: 'write' },
    ]
    const fine = changes({ stage: 'ready', scopes: added }, live)
    expect(fine.map(({ frozen }) => frozen)).toEqual([undefined])
    expect(effectsOf({ ...held, ...live }, fine)).toEqual([
      '2 live connections go on as before; each is asked to reconnect for the new scopes.',
    ])
    const lost = changes({ stage: 'ready', scopes: [], auth: { type: 'keyed', url: 'https://b.example' } }, live)
    expect(lost.map(({ path, frozen }) => [path, frozen])).toEqual([
      ['auth.url', 'Locked since the service is Ready.'],
      ['scopes', 'It has connections, so scopes can only be added.'],
    ])
  })
})
