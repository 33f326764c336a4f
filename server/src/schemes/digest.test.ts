import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { digest } from './digest.ts'
import { type Challenge, digestChallenge, parametersOf } from './digest/challenge.ts'
import { type Answering, authorization, hashA1, hashA2, response } from './digest/response.ts'
import { header } from './request.ts'
import type { Applied, OutgoingRequest } from './scheme.ts'
import { schemeSuite } from './scheme_suite.ts'

const planted = { username: 'planted-user', password: 'planted-password' }
const now = Date.UTC(2026, 0, 31, 12)
const url = 'https://api.example.com/v1/items?kept=1'

const get = (target = url, body: OutgoingRequest['body'] = null): OutgoingRequest => ({
  method: body === null ? 'GET' : 'POST',
  url: new URL(target),
  headers: [],
  body,
})
const asks = (value: string): { status: number; headers: string[] } => ({
  status: 401,
  headers: ['WWW-Authenticate', value],
})
const plain = 'Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256'
const learn =
  (value: string) =>
  (applied: Applied): void =>
    void applied.challenged?.(asks(value), get())

schemeSuite({
  scheme: digest,
  required: [],
  samples: [
    { name: 'auth', definition: {}, credentialValues: planted, learn: learn(plain) },
    {
      name: 'auth-int',
      definition: { integrity: true, weakest: 'SHA-256' },
      credentialValues: planted,
      learn: learn('Digest realm="r", nonce="n1", qop="auth,auth-int", algorithm=SHA-256-sess, userhash=true'),
      request: { method: 'POST', headers: ['content-type', 'text/plain'], body: Buffer.from('hello') },
    },
  ],
})

function challengeOf(value: string): Challenge {
  const challenge = digestChallenge([value], () => true)
  if (challenge === undefined) throw new Error('no challenge was read')
  return challenge
}

const nothing = new Uint8Array()

describe('published examples, stage by stage', () => {
  const mufasa = { username: 'Mufasa', method: 'GET', uri: '/dir/index.html', count: 1, body: nothing }

  test('RFC 2617 section 3.5', () => {
    const challenge = challengeOf(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    )
    const answering: Answering = { ...mufasa, password: 'Circle Of Life', cnonce: '0a4f113b', qop: 'auth' }
    expect(hashA1(challenge, 'Mufasa', 'Circle Of Life', '')).toBe('939e7578ed9e3c518a452acee763bce9')
    expect(hashA2(challenge, answering)).toBe('39aff3a2bab6126f332b942af96d3366')
    expect(response(challenge, answering)).toBe('6629fae49393a05397450978507c4ef1')
    expect(parametersOf(authorization(challenge, answering).slice(7))).toEqual(
      new Map([
        ['username', 'Mufasa'],
        ['realm', 'testrealm@host.com'],
        ['uri', '/dir/index.html'],
        ['nonce', 'dcd98b7102dd2f0e8b11d0f600bfb0c093'],
        ['response', '6629fae49393a05397450978507c4ef1'],
        ['qop', 'auth'],
        ['nc', '00000001'],
        ['cnonce', '0a4f113b'],
        ['opaque', '5ccc069c403ebaf9f0171e9517f40e41'],
      ]),
    )
  })

  test('RFC 7616 section 3.9.1: both hashes, of which the first is answered', () => {
    const ask = (algorithm: string): string =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
    const answering: Answering = {
      ...mufasa,
      password: 'Circle of Life',
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      qop: 'auth',
    }
    expect(response(challengeOf(ask('MD5')), answering)).toBe('8ca523f5e9506fed4657c9700eebdbec')
    expect(response(challengeOf(ask('SHA-256')), answering)).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    )
    expect(digestChallenge([ask('SHA-256'), ask('MD5')], () => true)?.hash).toBe('SHA-256')
    expect(digestChallenge([`${ask('MD5')}, ${ask('SHA-256')}`], (hash) => hash !== 'MD5')?.hash).toBe('SHA-256')
  })

  // The values printed in the RFC come of a cut SHA-512; these are of SHA-512/256 as FIPS 180-4 has it (erratum 4897).
  test('RFC 7616 section 3.9.2: SHA-512-256, UTF-8, a hashed user name', () => {
    const challenge = challengeOf(
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
    )
    const answering: Answering = {
      username: 'Jäsøn Doe',
      password: 'Secret, or not?',
      method: 'GET',
      uri: '/doe.json',
      count: 1,
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      qop: 'auth',
      body: nothing,
    }
    const sent = parametersOf(authorization(challenge, answering).slice(7))
    expect(sent.get('username')).toBe('793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b')
    expect(sent.get('response')).toBe('3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5')
    expect(sent.get('userhash')).toBe('true')
  })
})

/** What a server computes, in its own words, from what it was sent. */
function expected(sent: Map<string, string>, method: string, body: string): string {
  const name = (sent.get('algorithm') ?? 'MD5').replace('-sess', '')
  const h = (text: string): string =>
    createHash({ MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }[name] ?? '')
      .update(text, 'utf8')
      .digest('hex')
  const of = (key: string): string => sent.get(key) ?? ''
  let a1 = h(`${planted.username}:${of('realm')}:${planted.password}`)
  if (sent.get('algorithm')?.endsWith('-sess')) a1 = h([a1, of('nonce'), of('cnonce')].join(':'))
  const a2 = h([method, of('uri'), ...(of('qop') === 'auth-int' ? [h(body)] : [])].join(':'))
  const middle = sent.has('qop') ? [of('nc'), of('cnonce'), of('qop')] : []
  return h([a1, of('nonce'), ...middle, a2].join(':'))
}

function sentBy(applied: Applied, request: OutgoingRequest): Map<string, string> | undefined {
  applied.inject(request, now)
  const value = header(request, 'authorization')
  return value === undefined ? undefined : parametersOf(value.slice('Digest '.length))
}

describe('an answer', () => {
  test.each(['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess'])(
    'with %s is what the server computes, each time anew with a higher count',
    (algorithm) => {
      for (const qop of ['', ', qop="auth"', ', qop="auth,auth-int"', ', qop=auth-int']) {
        const applied = digest.apply({ integrity: true }, planted)
        applied.challenged?.(asks(`Digest realm="a, b", nonce="x=/+", algorithm=${algorithm}${qop}`), get())
        for (const count of ['00000001', '00000002']) {
          const sent = sentBy(applied, get(url, Buffer.from('the body')))
          expect(sent?.get('response')).toBe(expected(sent ?? new Map(), 'POST', 'the body'))
          expect(sent?.get('uri')).toBe('/v1/items?kept=1')
          if (qop !== '') expect(sent?.get('nc')).toBe(count)
        }
      }
    },
  )

  test('keeps its cnonce for a session and draws another each time elsewhere', () => {
    const cnonces = (algorithm: string): number => {
      const applied = digest.apply({}, planted)
      learn(`Digest realm="r", nonce="n", qop="auth", algorithm=${algorithm}`)(applied)
      return new Set([1, 2, 3].map(() => sentBy(applied, get())?.get('cnonce'))).size
    }
    expect([cnonces('MD5-sess'), cnonces('MD5')]).toEqual([1, 3])
  })

  test('writes a user name beyond ASCII as RFC 8187 does, and quotes as they must be', () => {
    const sent = (username: string, more = ''): string => {
      const applied = digest.apply({}, { ...planted, username })
      learn(`${plain}${more}`)(applied)
      const request = get()
      applied.inject(request, now)
      return header(request, 'authorization') ?? ''
    }
    expect(sent('Jäsøn', ', charset=UTF-8')).toContain("username*=UTF-8''J%C3%A4s%C3%B8n,")
    expect(sent('Jäsøn')).toContain('username="Jäsøn"')
    expect(sent('a"b\\c')).toContain('username="a\\"b\\\\c"')
  })
})

describe('a challenge', () => {
  test('is learnt from the first answer and answered from then on, at its own origin alone', () => {
    const applied = digest.apply({}, planted)
    expect(sentBy(applied, get())).toBeUndefined()
    expect(applied.challenged?.(asks(plain), get())).toBe(true)
    expect(sentBy(applied, get())?.get('nonce')).toBe('n1')
    expect(sentBy(applied, get('https://other.example.com/'))).toBeUndefined()
  })

  test('to a fresh answer means a wrong password; to one that has served, a new nonce', () => {
    const applied = digest.apply({}, planted)
    const called = (answer: { status: number; headers: string[] }): unknown => {
      const request = get()
      applied.inject(request, now)
      return applied.challenged?.(answer, request)
    }
    const ok = { status: 200, headers: [] }
    const again = (nonce: string, more = '') => asks(plain.replace('n1', nonce) + more)
    expect(called(asks(plain))).toBe(true)
    expect(called(again('n2'))).toBe(false)
    expect(called(again('n3', ', stale=true'))).toBe(true)
    expect(called(ok)).toBe(false)
    expect(called(again('n4'))).toBe(true)
    expect(called({ status: 204, headers: ['Authentication-Info', 'nextnonce="n5"'] })).toBe(false)
    expect(sentBy(applied, get())?.get('nonce')).toBe('n5')
    expect(sentBy(applied, get())?.get('nc')).toBe('00000002')
  })

  test('that another call has answered meanwhile is answered with what that one learnt', () => {
    const applied = digest.apply({}, planted)
    learn(plain)(applied)
    const [slow, fast] = [get(), get()]
    applied.inject(slow, now)
    applied.inject(fast, now)
    applied.challenged?.(asks(`${plain.replace('n1', 'n2')}, stale=TRUE`), fast)
    expect(applied.challenged?.(asks(plain.replace('n1', 'n3')), slow)).toBe(true)
    expect(sentBy(applied, get())?.get('nonce')).toBe('n2')
  })

  test('is not answered where it is not Digest, has a hash that is not taken, or is broken', () => {
    const answered = (value: string, definition = {}): unknown =>
      digest.apply(definition, planted).challenged?.(asks(value), get())
    for (const value of [
      'Basic realm="x"',
      'Digest realm="r"',
      'Digest nonce="n"',
      'Digest realm="r", nonce="n", algorithm=SHA-1',
      '',
      '"',
      ',,=',
    ]) {
      expect(answered(value), value).toBe(false)
    }
    expect(answered('Digest realm="r", nonce="n"', { weakest: 'SHA-256' })).toBe(false)
    expect(answered('Negotiate abc==, Basic realm="a, Digest b", digest REALM=r , nonce = "n"')).toBe(true)
    expect(answered('Digest realm="r", nonce="a\r\nx: 1"')).toBe(false)
  })

  test('that wants the body covered is told where it was not read', () => {
    const applied = digest.apply({}, planted)
    learn('Digest realm="r", nonce="n", qop="auth-int"')(applied)
    expect(() => applied.inject({ ...get(), body: undefined }, now)).toThrow(MooringError)
    expect(sentBy(applied, get())?.get('qop')).toBe('auth-int')
    expect([applied.bodyUse, digest.apply({ integrity: true }, planted).bodyUse]).toEqual(['none', 'bytes'])
  })

  test('of many hosts is remembered for the last ones', () => {
    const applied = digest.apply({}, planted)
    for (let n = 0; n < 40; n++) applied.challenged?.(asks(plain), get(`https://h${n}.example.com/`))
    const known = (n: number): boolean => sentBy(applied, get(`https://h${n}.example.com/`)) !== undefined
    expect([known(0), known(7), known(8), known(39)]).toEqual([false, false, true, true])
  })
})
