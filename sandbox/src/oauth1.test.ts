import { createHmac, randomBytes, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demo, demoRsaPrivateKey, startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'
import { createBrowser, followTo } from './testing.ts'

const CALLBACK = 'http://localhost:9/oauth/callback/one'

interface Signing {
  signatureMethod?: 'HMAC-SHA1' | 'HMAC-SHA256' | 'RSA-SHA1' | 'RSA-SHA256' | 'PLAINTEXT'
  location?: 'header' | 'query' | 'form'
  method?: string
  token?: { id: string; secret: string }
  /** Further protocol parameters, or other values for the standard ones. */
  oauth?: Record<string, string>
  form?: Record<string, string>
}

const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!*'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** A client of its own, so that the server's check is not tested against itself. */
function signedFetch(target: string, signing: Signing = {}): Promise<Response> {
  const { signatureMethod = 'HMAC-SHA1', location = 'header', method = 'POST', token, form = {} } = signing
  const url = new URL(target)
  const oauth: Record<string, string> = {
    oauth_consumer_key: demo.oauth1.consumerKey,
    oauth_nonce: randomBytes(8).toString('hex'),
    oauth_signature_method: signatureMethod,
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    ...(token ? { oauth_token: token.id } : {}),
    ...signing.oauth,
  }
  const parameters = [...url.searchParams, ...Object.entries(form), ...Object.entries(oauth)]
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .sort()
    .join('&')
  const base = [method, escape(url.origin + url.pathname), escape(parameters)].join('&')
  const key = `${escape(demo.oauth1.consumerSecret)}&${escape(token?.secret ?? '')}`
  const signatures = {
    'HMAC-SHA1': () => createHmac('sha1', key).update(base).digest('base64'),
    'HMAC-SHA256': () => createHmac('sha256', key).update(base).digest('base64'),
    'RSA-SHA1': () => sign('sha1', Buffer.from(base), demoRsaPrivateKey).toString('base64'),
    'RSA-SHA256': () => sign('sha256', Buffer.from(base), demoRsaPrivateKey).toString('base64'),
    PLAINTEXT: () => key,
  }
  const signed = { oauth_signature: signatures[signatureMethod](), ...oauth, ...signing.oauth }
  const headers: Record<string, string> = {}
  const body = new URLSearchParams(form)
  if (location === 'header') {
    const fields = Object.entries(signed).map(([name, value]) => `${escape(name)}="${escape(value)}"`)
    headers.authorization = `OAuth realm="sandbox", ${fields.join(', ')}`
  } else {
    const target_ = location === 'query' ? url.searchParams : body
    for (const [name, value] of Object.entries(signed)) target_.set(name, value)
  }
  return fetch(url, { method, headers, ...(body.size > 0 ? { body } : {}) })
}

const readForm = async (response: Response) => new URLSearchParams(await response.text())

describe('the OAuth 1.0a provider', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.close())

  const temporaryToken = async (signing: Signing = {}) => {
    const answer = await readForm(
      await signedFetch(`${sandbox.url}/oauth1/request_token`, {
        ...signing,
        oauth: { oauth_callback: CALLBACK, ...signing.oauth },
      }),
    )
    expect(answer.get('oauth_callback_confirmed')).toBe('true')
    return { id: answer.get('oauth_token') ?? '', secret: answer.get('oauth_token_secret') ?? '' }
  }

  const authorizeUrl = (token: string, more = '') => `${sandbox.url}/oauth1/authorize?oauth_token=${token}${more}`

  const connect = async (signing: Signing = {}) => {
    const temporary = await temporaryToken(signing)
    const callback = await followTo(authorizeUrl(temporary.id, '&sandbox_auto=accept&login_hint=second'), CALLBACK)
    const verifier = callback.searchParams.get('oauth_verifier') ?? ''
    const exchange = { ...signing, token: temporary, oauth: { oauth_verifier: verifier } }
    const answer = await readForm(await signedFetch(`${sandbox.url}/oauth1/access_token`, exchange))
    expect(answer.get('user_id')).toBe('second')
    const token = { id: answer.get('oauth_token') ?? '', secret: answer.get('oauth_token_secret') ?? '' }
    return { token, exchange }
  }

  const callApi = async (signing: Signing, path = '/api/oauth1/items?a=1&b=two%20words') => {
    const response = await signedFetch(sandbox.url + path, signing)
    const body: Record<string, unknown> = JSON.parse(await response.text())
    return { status: response.status, challenge: response.headers.get('www-authenticate'), body }
  }

  for (const signatureMethod of ['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'RSA-SHA256', 'PLAINTEXT'] as const) {
    for (const location of ['header', 'query', 'form'] as const) {
      test(`completes three legs and an API call with ${signatureMethod} in the ${location}`, async () => {
        const { token } = await connect({ signatureMethod, location })
        const call = { signatureMethod, location, token, form: { text: 'ä + *' } }
        expect(await callApi(call)).toMatchObject({
          status: 200,
          body: { who: 'second', credential: { location, signatureMethod }, query: { a: '1', b: 'two words' } },
        })
        const wrong = { ...call, token: { ...token, secret: 'wrong' }, oauth: { oauth_signature: 'AAAA' } }
        expect(await callApi(wrong)).toMatchObject({ status: 401, body: { error: 'signature_invalid' } })
      })
    }
  }

  test('asks a person on a page, and posts the decision', async () => {
    const temporary = await temporaryToken()
    const page = await fetch(authorizeUrl(temporary.id))
    const html = await page.text()
    expect(html).toContain('First demo person')
    expect(html).not.toContain('<script')
    const fields = { oauth_token: temporary.id, account: 'first', decision: 'accept' }
    const accepted = { method: 'POST', body: new URLSearchParams(fields) }
    const callback = await followTo(`${sandbox.url}/oauth1/authorize`, CALLBACK, createBrowser(), accepted)
    expect(callback.searchParams.get('oauth_token')).toBe(temporary.id)
    const again = await fetch(authorizeUrl(temporary.id))
    expect(again.status).toBe(400)
  })

  test('answers Cancel with denied on the callback', async () => {
    const temporary = await temporaryToken()
    const callback = await followTo(authorizeUrl(temporary.id, '&sandbox_auto=cancel'), CALLBACK)
    expect(callback.searchParams.get('denied')).toBe(temporary.id)
    expect(callback.searchParams.has('oauth_verifier')).toBe(false)
  })

  test('exchanges a temporary token once, and only with its verifier', async () => {
    const temporary = await temporaryToken()
    await followTo(authorizeUrl(temporary.id, '&sandbox_auto=accept'), CALLBACK)
    const url = `${sandbox.url}/oauth1/access_token`
    const guess = await signedFetch(url, { token: temporary, oauth: { oauth_verifier: 'guess' } })
    expect(await guess.json()).toMatchObject({ error: 'verifier_invalid' })
    expect(await (await signedFetch(url, { token: temporary })).json()).toMatchObject({ error: 'parameter_absent' })

    const { exchange } = await connect()
    expect(await (await signedFetch(url, exchange)).json()).toMatchObject({ error: 'token_rejected' })
  })

  test('refuses a replayed nonce, a stale timestamp and an unknown consumer', async () => {
    const { token } = await connect()
    const oauth = { oauth_nonce: 'once', oauth_timestamp: String(Math.floor(Date.now() / 1000)) }
    expect((await callApi({ token, oauth })).status).toBe(200)
    expect(await callApi({ token, oauth })).toMatchObject({ status: 401, body: { error: 'nonce_used' } })
    expect(await callApi({ token, oauth: { oauth_timestamp: '1318622958' } })).toMatchObject({
      status: 401,
      body: { error: 'timestamp_refused' },
    })
    expect(await callApi({ token, oauth: { oauth_consumer_key: 'other' } })).toMatchObject({
      status: 401,
      body: { error: 'consumer_key_unknown' },
    })
  })

  test('covers a form body with the signature, and shows what it signed when they differ', async () => {
    const { token } = await connect()
    const fields = { token, form: { amount: '1' } }
    expect((await callApi(fields)).status).toBe(200)
    const response = await signedFetch(`${sandbox.url}/api/oauth1/pay`, {
      ...fields,
      oauth: { oauth_signature: 'AAAA' },
    })
    const body: Record<string, unknown> = JSON.parse(await response.text())
    expect(response.headers.get('www-authenticate')).toContain('oauth_problem="signature_invalid"')
    expect(body.base_string).toContain('amount%3D1')
    expect(JSON.stringify(body)).not.toContain(token.secret)
    expect(JSON.stringify(body)).not.toContain(demo.oauth1.consumerSecret)
  })

  test('refuses protocol parameters in two places', async () => {
    const { token } = await connect()
    const path = `/api/oauth1/items?oauth_consumer_key=${demo.oauth1.consumerKey}`
    expect(await callApi({ token }, path)).toMatchObject({ status: 401, body: { error: 'parameter_rejected' } })
  })

  test('revokes a token', async () => {
    const { token } = await connect()
    expect((await signedFetch(`${sandbox.url}/oauth1/revoke`, { token })).status).toBe(200)
    expect(await callApi({ token })).toMatchObject({ status: 401, body: { error: 'token_rejected' } })
  })
})
