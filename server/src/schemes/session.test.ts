import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { answering } from './exchange.fixture.ts'
import { header } from './request.ts'
import type { Grant } from './scheme.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'
import { cookiesOf } from './session/cookie.ts'
import { session } from './session.ts'

const now = Date.UTC(2026, 0, 31, 12)
const signInUrl = 'https://api.example.com/login'
const planted = { username: 'planted-user', password: 'planted-password' }
const scopes = { scopes: [], scopeDelimiter: 'space' as const }

schemeSuite({
  scheme: session,
  required: ['signInUrl'],
  samples: [
    {
      name: 'header',
      definition: { signInUrl },
      credentialValues: planted,
      completed: { values: planted, token: 'planted-token' },
    },
    {
      name: 'query',
      definition: { signInUrl, sendIn: 'query', sendAs: 'sid', sendFormat: '{token}' },
      credentialValues: planted,
      completed: { values: planted, token: 'planted-token' },
    },
    {
      name: 'cookie',
      definition: { signInUrl, sendIn: 'cookie', sendAs: 'sid', sendFormat: '{token}' },
      credentialValues: planted,
      completed: { values: planted, token: 'planted-token' },
    },
    {
      name: 'cookies',
      definition: { signInUrl, tokenIn: 'cookies', signInFormat: 'form' },
      credentialValues: planted,
      completed: { values: planted, cookies: [{ name: 'sid', value: 'planted-cookie' }] },
    },
  ],
})

/** Reads, signs in, and gives both what was sent and what came of it. */
async function signedIn(more: object, answer: () => Response, values: Record<string, string> = planted) {
  const definition = { signInUrl, ...more }
  const read = session.read(definition, values, now)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  const { exchange, sent } = answering(now, answer)
  let grant: Grant<unknown> | null = null
  let error: unknown
  try {
    grant = await session.complete(definition, read.grant.credential, scopes, exchange)
  } catch (thrown) {
    error = thrown
  }
  const request = { method: 'GET', url: new URL('https://api.example.com/x'), headers: [], body: null }
  if (grant !== null) session.apply(definition, grant.credential).inject(request, now)
  return { definition, sent: sent[0], grant, error, request }
}

const token = (): Response => Response.json({ token: 'T1' })

describe('the sign-in request', () => {
  test('is JSON with what was asked for; dots in a name nest', async () => {
    const { sent } = await signedIn(
      {
        signInFields: { 'auth.identity.user': '{username}', 'auth.identity.password': '{password}', kind: 'password' },
        signInHeaders: { 'X-Tenant': 'acme' },
      },
      token,
      { username: 'Zoë "Q"', password: 'a\\b' },
    )
    expect(sent).toMatchObject({ method: 'POST', url: signInUrl })
    expect(sent?.headers).toMatchObject({ 'content-type': 'application/json', 'x-tenant': 'acme' })
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      auth: { identity: { user: 'Zoë "Q"', password: 'a\\b' } },
      kind: 'password',
    })
  })

  test('is a form, a query or HTTP Basic where the service says so', async () => {
    const values = { username: 'a b', password: 'p&q=1' }
    expect((await signedIn({ signInFormat: 'form' }, token, values)).sent).toMatchObject({
      body: 'username=a%20b&password=p%26q%3D1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect((await signedIn({ signInFormat: 'query', signInMethod: 'GET' }, token, values)).sent).toMatchObject({
      method: 'GET',
      url: `${signInUrl}?username=a%20b&password=p%26q%3D1`,
      body: null,
    })
    expect((await signedIn({ signInFormat: 'basic' }, token, values)).sent).toMatchObject({
      headers: { authorization: `Basic ${Buffer.from('a b:p&q=1').toString('base64')}` },
      body: null,
    })
  })

  test('asks for whatever the service asks for, and a value may stand within others', async () => {
    const { sent } = await signedIn(
      {
        prompts: [{ key: 'apiKey', label: 'API key', secret: true }],
        signInFields: {},
        signInHeaders: { 'X-Login': 'key={apiKey}; v=1' },
      },
      token,
      { apiKey: 'k{password}' },
    )
    expect(sent?.headers['x-login']).toBe('key=k{password}; v=1')
  })
})

describe('the session', () => {
  test('is read from a path of the JSON, a header, or a bare JSON string, and sent as the service says', async () => {
    const json = await signedIn({ tokenPath: 'data.0.sid', sendAs: 'X-Sid', sendFormat: '{token}' }, () =>
      Response.json({ data: [{ sid: 12345 }] }),
    )
    expect(header(json.request, 'x-sid')).toBe('12345')
    const fromHeader = await signedIn(
      { tokenIn: 'header', tokenHeader: 'X-Subject-Token', sendAs: 'X-Auth-Token', sendFormat: '{token}' },
      () => new Response('', { status: 201, headers: { 'x-subject-token': '$&abc' } }),
    )
    expect(header(fromHeader.request, 'x-auth-token')).toBe('$&abc')
    const bare = await signedIn({}, () => new Response('"TTT"'))
    expect(header(bare.request, 'authorization')).toBe('Bearer TTT')
  })

  test('is every cookie that the answer sets, also that of a redirect, with its own end', async () => {
    const headers = new Headers([
      ['location', '/home'],
      ['set-cookie', 'sid="a=b"; Path=/; HttpOnly; Max-Age=600'],
      ['set-cookie', 'csrf=x; Expires=Sat, 31 Jan 2026 13:00:00 GMT'],
      ['set-cookie', 'old=; Max-Age=0'],
    ])
    const all = await signedIn({ tokenIn: 'cookies' }, () => new Response(null, { status: 302, headers }))
    expect(header(all.request, 'cookie')).toBe('sid="a=b"; csrf=x')
    expect(all.grant?.expiresAt).toBe(now + 600_000)
    const one = await signedIn({ tokenIn: 'cookies', cookieNames: ['csrf'] }, () => new Response('', { headers }))
    expect(header(one.request, 'cookie')).toBe('csrf=x')
  })

  test.each([
    ['seconds', 1200, now + 1_200_000],
    ['seconds as text', '60', now + 60_000],
    ['seconds since 1970', 1_800_000_000, 1_800_000_000_000],
    ['milliseconds since 1970', 1_800_000_000_000, 1_800_000_000_000],
    ['a written time', '2026-02-01T00:00:00Z', Date.UTC(2026, 1, 1)],
    ['nothing readable', 'soon', now + 900_000],
  ])('lives as long as its answer says: %s', async (_, expires, wanted) => {
    const more = { lifetimePath: 'expires', lifetimeSeconds: 900 }
    const { grant } = await signedIn(more, () => Response.json({ token: 't', expires }))
    expect(grant?.expiresAt).toBe(wanted)
  })

  test('is renewed by signing in again with the same values, when a declared status says that it has ended', async () => {
    const { grant } = await signedIn({}, token)
    const definition = { signInUrl, expiredWhen: [{ status: 403 }] }
    expect([session.expired(definition, 403), session.expired(definition, 401)]).toEqual([true, false])
    expect(session.refreshable(definition, grant?.credential)).toBe(true)
    const again = answering(now, () => Response.json({ token: 'T2' }))
    const renewed = await session.refresh(definition, grant?.credential, scopes, again.exchange)
    expect(renewed.credential).toEqual({ values: planted, token: 'T2' })
    expect(again.sent[0]?.body).toContain('planted-password')
  })
})

describe('a refused sign-in', () => {
  const outcome = async (moment: 'connect' | 'renew', answer: () => Response): Promise<unknown> => {
    const definition = { signInUrl }
    const { exchange } = answering(now, answer)
    const held = { values: planted }
    const asked =
      moment === 'connect'
        ? session.complete(definition, held, scopes, exchange)
        : session.refresh(definition, held, scopes, exchange)
    const error: unknown = await asked.catch((thrown: unknown) => thrown)
    if (!(error instanceof MooringError)) throw new Error('it was not refused')
    expect(`${error.message} ${error.hint}`).not.toContain('planted')
    return [error.code, error.provider?.kind, error.retryAfterSeconds]
  }
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    () =>
      new Response('no planted-password here', { status: code, headers })

  test('is the values at fault, the definition, or the provider for the moment', async () => {
    expect(await outcome('connect', status(401))).toEqual(['credentials_rejected', 'permanent', undefined])
    expect(await outcome('renew', status(403))).toEqual(['credentials_rejected', 'permanent', undefined])
    expect(await outcome('connect', status(404))).toEqual(['provider_error', 'configuration', undefined])
    expect(await outcome('renew', status(404))).toEqual(['provider_error', 'transient', undefined])
    expect(await outcome('renew', status(429, { 'retry-after': '7' }))).toEqual(['provider_error', 'transient', 7])
    expect(await outcome('connect', () => Response.json({ ok: false }))).toEqual([
      'provider_error',
      'configuration',
      undefined,
    ])
    expect(await outcome('renew', () => Response.json({ ok: false }))).toEqual([
      'provider_error',
      'transient',
      undefined,
    ])
  })
})

describe('signing out', () => {
  const definition = { signInUrl, signOutUrl: 'https://api.example.com/logout', signOutMethod: 'DELETE' }
  const held = { values: planted, token: 'T1' }

  test('sends the session to the Sign-Out URL; one that is over already is signed out of', async () => {
    const { exchange, sent } = answering(now, () => new Response('', { status: 401 }))
    expect(await session.revoke(definition, held, exchange)).toBe('done')
    expect(sent).toMatchObject([
      { method: 'DELETE', url: 'https://api.example.com/logout', headers: { authorization: 'Bearer T1' } },
    ])
  })

  test('is not done without a URL, and told where it fails', async () => {
    const { exchange } = answering(now, () => new Response('', { status: 500 }))
    expect(await session.revoke({ signInUrl }, held, exchange)).toBe('not_configured')
    await expect(session.revoke(definition, held, exchange)).rejects.toThrow('answered the sign-out with 500')
  })
})

describe('what a definition may not say', () => {
  test.each([
    [{ signInMethod: 'GET' }, 'signInMethod'],
    [{ prompts: [{ key: 'otp', label: 'One-time code' }] }, 'signInFields'],
    [{ signInFormat: 'basic', prompts: [{ key: 'a', label: 'A' }] }, 'prompts'],
    [{ sendAs: 'Host' }, 'sendAs'],
    [{ sendIn: 'cookie', sendAs: 'sid' }, 'sendFormat'],
    [{ tokenIn: 'header' }, 'tokenHeader'],
  ])('%j', (more, path) => {
    const parsed = session.fields.parse({ signInUrl, ...more })
    expect(session.check(parsed, 'ready').map((error) => error.path)).toEqual([path])
  })

  test('the same key twice, a format without the token', () => {
    const row = { key: 'a', label: 'A' }
    const parsed = session.fields.safeParse({ signInUrl, prompts: [row, row], sendFormat: 'Bearer' })
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['prompts.1.key', 'sendFormat'])
  })
})

test('cookies are read as RFC 6265 section 5.2 says', () => {
  const headers = new Headers()
  const lines = [
    'a=1',
    '  b = 2 ; max-age=5',
    '=x',
    'novalue',
    'c=1;Max-Age=-1;Expires=Sat, 31 Jan 2032 13:00:00 GMT',
    'a=3',
  ]
  for (const line of lines) headers.append('set-cookie', line)
  expect(cookiesOf(headers, now)).toEqual([
    { name: 'b', value: '2', expiresAt: now + 5000 },
    { name: 'a', value: '3', expiresAt: null },
  ])
})

test('the preview shows the sign-in, the calls and the sign-out', () => {
  const lines = session
    .describe({ signInUrl, signInFormat: 'form', signOutUrl: 'https://api.example.com/logout' }, outlook)
    .map((part) => part.lines.join('\n'))
  expect(lines).toEqual([
    `POST ${signInUrl}\ncontent-type: application/x-www-form-urlencoded\n\nusername=<User name>&password=••••••`,
    'GET https://api.example.com/me\nX-Version: 2\nAuthorization: Bearer ••••••',
    'POST https://api.example.com/logout',
  ])
})
