import { expect, test } from 'vitest'
import { bearer } from './bearer.ts'
import type { OutgoingRequest } from './scheme.ts'
import { schemeSuite } from './scheme_suite.ts'

schemeSuite({
  scheme: bearer,
  required: [],
  samples: [
    { name: 'as preset', definition: {}, credentialValues: { token: 'planted-token-1' } },
    {
      name: 'with another prefix',
      definition: { tokenPrefix: 'Zoho-oauthtoken' },
      credentialValues: { token: 'planted-token-2' },
    },
  ],
})

function sent(definition: Record<string, unknown>, token: string): string[] {
  const read = bearer.read(definition, { token }, 0)
  if ('errors' in read) throw new Error('refused')
  const request: OutgoingRequest = { method: 'GET', url: new URL('https://api.example.com/'), headers: [], body: null }
  bearer.apply(definition, read.grant.credential).inject(request, 0)
  return request.headers
}

test('R-190, R-191 sends the token in the Authorization header', () => {
  expect(sent({}, 'abc')).toEqual(['authorization', 'Bearer abc'])
})

test('R-192, R-195 asks for the token under the configured label, Bearer Token as preset', () => {
  expect(bearer.prompt({})).toEqual([{ key: 'token', label: 'Bearer Token', secret: true, required: true }])
  expect(bearer.prompt({ parameterName: 'Zoho token' })).toMatchObject([{ label: 'Zoho token' }])
})

test('R-193 holds the label to the rules of a parameter name', () => {
  expect(bearer.fields.safeParse({ parameterName: '_token' }).success).toBe(false)
  expect(bearer.fields.safeParse({ parameterName: 'Token (new)' }).success).toBe(false)
})

test('R-194 puts the prefix before the token, which may hold a hyphen or be empty', () => {
  expect(sent({ tokenPrefix: 'Zoho-oauthtoken' }, 'abc')).toEqual(['authorization', 'Zoho-oauthtoken abc'])
  expect(sent({ tokenPrefix: '' }, 'abc')).toEqual(['authorization', 'abc'])
})

test('sends characters beyond ASCII as UTF-8', () => {
  expect(sent({ tokenPrefix: '' }, 'ключ')).toEqual(['authorization', Buffer.from('ключ').toString('latin1')])
})

test('refuses a token with a line break by its field', () => {
  const read = bearer.read({}, { token: 'abc\r\nx: y' }, 0)
  expect(read).toMatchObject({ errors: [{ path: 'token', code: 'invalid_format' }] })
})
