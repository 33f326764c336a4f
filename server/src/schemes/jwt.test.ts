import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { type Algorithm, signature } from './jws.ts'
import { readKey, type SigningKey } from './jwt/key.ts'
import { jwt } from './jwt.ts'
import { header } from './request.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const now = Date.UTC(2026, 0, 31, 12)
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
/** RFC 7515 appendix A.2. */
const rsa = {
  kty: 'RSA',
  n:
    'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B' +
    'm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5' +
    'z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7' +
    'aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
  d:
    'Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2N' +
    'XOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M' +
    '_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x' +
    '_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ',
  p:
    '4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py' +
    '5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc',
  q:
    'uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQ' +
    'eZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc',
  dp:
    'BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu' +
    '1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0',
  dq:
    'h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0a' +
    'jaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU',
  qi:
    'IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY' +
    '7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U',
}

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')

schemeSuite({
  scheme: jwt,
  required: [],
  samples: [
    {
      name: 'a shared secret',
      definition: { claims: { iss: '{issuer}' }, prompts: [{ key: 'issuer', label: 'Issuer' }], prefix: 'JWT' },
      credentialValues: { key: 'planted-secret-of-this-connection', issuer: 'x' },
    },
    {
      name: 'a private key, in the query',
      definition: { algorithm: 'ES256', sendIn: 'query', sendAs: 'jwt' },
      credentialValues: { key: pem(ec.privateKey) },
    },
    {
      name: 'a key of the service',
      definition: {
        algorithm: 'EdDSA',
        keySource: 'service',
        key: pem(ed.privateKey),
        prompts: [{ key: 'iss', label: 'Issuer' }],
        claims: { iss: '{iss}' },
      },
      credentialValues: { iss: 'planted-issuer' },
    },
  ],
})

function keyOf(text: string, algorithm: Algorithm): SigningKey {
  const read = readKey(text, algorithm, 'text')
  if (typeof read === 'string') throw new Error(read)
  return read
}

describe('RFC 7515 appendix A, stage by stage', () => {
  const payload = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'

  test('A.1: HS256', () => {
    const k = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
    const input = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}`
    const { key } = keyOf(JSON.stringify({ kty: 'oct', k }), 'HS256')
    expect(key.export().toString('base64url')).toBe(k)
    expect(signature('HS256', key, input)).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
    const asBase64 = readKey(k, 'HS256', 'base64')
    expect(typeof asBase64 === 'string' ? asBase64 : asBase64.key.equals(key)).toBe(true)
  })

  test('A.2: RS256', () => {
    const { key } = keyOf(JSON.stringify(rsa), 'RS256')
    expect(signature('RS256', key, `eyJhbGciOiJSUzI1NiJ9.${payload}`)).toBe(
      'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F' +
        'p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB' +
        'MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY' +
        'I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
    )
  })

  test('A.3: ES256, whose signatures differ each time: ours and the published one hold under the same key', () => {
    const input = Buffer.from(`eyJhbGciOiJFUzI1NiJ9.${payload}`)
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
    }
    const { key } = keyOf(JSON.stringify(jwk), 'ES256')
    const published = 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q'
    const ours = signature('ES256', key, input.toString())
    const holds = (text: string): boolean =>
      verify('sha256', input, { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }, Buffer.from(text, 'base64url'))
    const changed = (ours.startsWith('A') ? 'B' : 'A') + ours.slice(1)
    expect([ours.length, holds(published), holds(ours), holds(changed)]).toEqual([86, true, true, false])
  })

  test('RFC 8037 appendix A.4: Ed25519', () => {
    const jwk = {
      kty: 'OKP',
      crv: 'Ed25519',
      d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    }
    const { key } = keyOf(JSON.stringify(jwk), 'EdDSA')
    expect(signature('EdDSA', key, 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc')).toBe(
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    )
  })
})

/** What a call made at `at` carries. */
function tokenAt(definition: Record<string, unknown>, values: Record<string, string>, ...moments: number[]): string[] {
  const read = jwt.read(definition, values, now)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  const applied = jwt.apply(definition, read.grant.credential)
  return moments.map((at) => {
    const request = { method: 'GET', url: new URL('https://api.example.com/'), headers: [], body: null }
    applied.inject(request, at)
    return header(request, 'authorization')?.replace('Bearer ', '') ?? ''
  })
}

const currentDate = new Date(now + 1000)

describe('a token', () => {
  test.each<[Algorithm, object]>([
    ['RS256', rsa],
    ['PS256', rsa],
    ['PS512', rsa],
    ['ES256', ec.privateKey.export({ format: 'jwk' })],
    ['EdDSA', ed.privateKey.export({ format: 'jwk' })],
  ])('of %s is one to a library that verifies it', async (algorithm, jwk) => {
    const key = JSON.stringify({ ...jwk, kid: 'its-own-name' })
    const [made = ''] = tokenAt({ algorithm, claims: { sub: 'me' } }, { key }, now)
    const verified = await jwtVerify(made, createPublicKey(keyOf(key, algorithm).key), { currentDate })
    expect(verified.protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: 'its-own-name' })
    expect(verified.payload).toEqual({ sub: 'me', iat: now / 1000, exp: now / 1000 + 300 })
  })

  test('holds the claims as declared: texts, what was asked for, JSON', async () => {
    const [made = ''] = tokenAt(
      {
        algorithm: 'HS512',
        keyEncoding: 'hex',
        keyId: 'k-{issuer}',
        prompts: [{ key: 'issuer', label: 'Issuer' }],
        claims: { iss: '{issuer}', aud: '["a", "{issuer}"]', act: '{"n": 1, "deep": {"who": "{issuer}"}}', note: '[x' },
        headerParameters: { typ: 'at+jwt' },
        notBefore: true,
        tokenId: true,
        backdateSeconds: 60,
        lifetimeSeconds: 900,
      },
      { key: '00ff'.repeat(32), issuer: '"]x' },
      now,
    )
    const secret = Buffer.from('00ff'.repeat(32), 'hex')
    const { payload, protectedHeader } = await jwtVerify(made, secret, { currentDate })
    expect(protectedHeader).toEqual({ alg: 'HS512', typ: 'at+jwt', kid: 'k-"]x' })
    const at = now / 1000
    expect(payload).toEqual({
      iss: '"]x',
      aud: ['a', '"]x'],
      act: { n: 1, deep: { who: '"]x' } },
      note: '[x',
      iat: at - 60,
      nbf: at - 60,
      exp: at + 900,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  test('is sent until a quarter of its life is left, or made for each request', () => {
    const key = 'a secret that is long enough for HS256'
    const moments = [now, now + 224_999, now + 225_000, now - 10_000]
    const distinct = (definition: object): number =>
      new Set(tokenAt({ tokenId: true, ...definition }, { key }, ...moments)).size
    expect([distinct({}), distinct({ reuse: false })]).toEqual([3, 4])
  })
})

describe('a key', () => {
  const text = pem(ec.privateKey)
  const errorOf = (values: Record<string, string>, more: object = {}): unknown => {
    const read = jwt.read({ algorithm: 'ES256', ...more }, values, now)
    return 'errors' in read ? read.errors.map(({ path, code }) => `${path} ${code}`) : 'taken'
  }

  test.each([
    ['in one line, as a form makes it', text.replaceAll('\n', ' ')],
    ['without any breaks', text.replaceAll('\n', '')],
    ['with breaks as JSON writes them', text.replaceAll('\n', '\\n')],
    ['with words around it', `Bag Attributes: x\n${text}more`],
    ['in the file of a service account', JSON.stringify({ type: 'service_account', private_key: text })],
    ['in SEC1', ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
  ])('is taken %s', (_, key) => {
    expect(errorOf({ key })).toBe('taken')
  })

  test('is refused where it cannot sign, with the reason and without the key', () => {
    const encrypted = ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
    for (const [key, more] of [
      [encrypted.toString(), {}],
      [ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), {}],
      [text, { algorithm: 'RS256' }],
      [text, { algorithm: 'EdDSA' }],
      [text, { algorithm: 'ES384' }],
      ['not a key at all', {}],
      [text.slice(0, 100), {}],
      ['{"kty":"EC"}', {}],
      ['zz', { algorithm: 'HS256', keyEncoding: 'hex' }],
      ['!!', { algorithm: 'HS256', keyEncoding: 'base64' }],
    ] as const) {
      expect(errorOf({ key }, more)).toEqual(['key invalid_format'])
    }
    expect(errorOf({})).toEqual(['key required'])
    expect(errorOf({ key: text, other: 'x' })).toEqual(['other unknown_field'])
  })

  test('of the service is judged when it is written, and nobody is asked for it', () => {
    const definition = { keySource: 'service', algorithm: 'ES256' }
    expect(jwt.check(definition, 'ready')).toMatchObject([{ path: 'key', code: 'required' }])
    expect(jwt.check({ ...definition, key: 'nonsense' }, 'draft')).toMatchObject([
      { path: 'key', code: 'invalid_format' },
    ])
    expect(jwt.check({ ...definition, key: text }, 'ready')).toEqual([])
    expect(jwt.prompt({ ...definition, key: text })).toEqual([])
    expect(jwt.secretFields).toEqual(['key'])
  })

  test('that stopped fitting is told at the call', () => {
    const applied = jwt.apply({ algorithm: 'RS256' }, { values: { key: text } })
    const request = { method: 'GET', url: new URL('https://api.example.com/'), headers: [], body: null }
    expect(() => applied.inject(request, now)).toThrow(MooringError)
  })
})

test('a definition may not set what the fields decide', () => {
  const errors = jwt.check(
    { claims: { exp: '1' }, headerParameters: { alg: 'none' }, sendAs: 'Content-Length' },
    'draft',
  )
  expect(errors.map(({ path }) => path)).toEqual(['claims.exp', 'headerParameters.alg', 'sendAs'])
  expect(jwt.fields.safeParse({ prompts: [{ key: 'key', label: 'K' }], algorithm: 'none' }).error?.issues).toHaveLength(
    2,
  )
})

test('the preview shows the header, the claims and where it goes', () => {
  expect(jwt.describe({ claims: { iss: '{id}' } }, outlook).map(({ lines }) => lines)).toEqual([
    ['{"alg":"HS256","typ":"JWT"}', '{"iss":"{id}","exp":"now + 300 s"}'],
    ['GET https://api.example.com/me', 'X-Version: 2', 'Authorization: Bearer <JWT ••••••>'],
  ])
})
