import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pkcs12, selfSigned } from '../egress/certificate.fixture.ts'
import { MooringError } from '../errors.ts'
import { mtls } from './mtls.ts'
import { schemeSuite } from './scheme_suite.ts'

const now = Date.now()
const day = 86_400_000
const pair = selfSigned(['client'], new Date(now))
const other = selfSigned(['other'], new Date(now))
const endsAt = Math.floor((now + 82_800_000) / 1000) * 1000
// The suite reads its values at a moment of its own.
const lasting = selfSigned(['client'], new Date(Date.UTC(2026, 0, 31, 12)))

schemeSuite({
  scheme: mtls,
  required: [],
  samples: [
    { name: 'PEM', definition: {}, credentialValues: { cert: lasting.cert, key: lasting.key } },
    {
      name: 'PKCS#12',
      definition: { format: 'pkcs12' },
      credentialValues: { pkcs12: pkcs12(lasting, 'a long passphrase'), passphrase: 'a long passphrase' },
    },
  ],
})

function read(values: Record<string, string>, format = 'pem') {
  const outcome = mtls.read({ format }, values, now)
  return 'errors' in outcome ? outcome.errors.map(({ path, code }) => `${path} ${code}`) : outcome.grant
}

describe('what is brought', () => {
  test('is kept with the end of the certificate, and a word where that is near', () => {
    expect(read(pair)).toMatchObject({
      credential: { cert: pair.cert, key: pair.key },
      expiresAt: endsAt,
      notes: [expect.stringContaining('ends on')],
    })
    expect(read({ pkcs12: pkcs12(pair, 'secret'), passphrase: 'secret' }, 'pkcs12')).toMatchObject({
      expiresAt: endsAt,
    })
    expect(read({ pkcs12: pkcs12(pair, '') }, 'pkcs12')).toMatchObject({ expiresAt: endsAt })
  })

  test('may come in one text, in any order and in one line', () => {
    const wanted = { credential: { cert: pair.cert + other.cert, key: pair.key } }
    expect(read({ cert: other.cert + pair.key + pair.cert })).toMatchObject(wanted)
    expect(
      read({ cert: (other.cert + pair.cert).replaceAll('\n', ' '), key: pair.key.replaceAll('\n', '') }),
    ).toMatchObject(wanted)
  })

  test('may have a passphrase on its key, which is not kept', () => {
    const key = createPrivateKey(pair.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'opens it' })
      .toString()
    expect(read({ cert: pair.cert, key, passphrase: 'opens it' })).toMatchObject({ credential: { key: pair.key } })
    expect(read({ cert: pair.cert, key })).toEqual(['passphrase invalid_format'])
    expect(read({ cert: pair.cert, key, passphrase: 'does not' })).toEqual(['passphrase invalid_format'])
  })

  test('is refused with the part that is wrong', () => {
    const ended = selfSigned(['client'], new Date(now - 2 * day))
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const foreign = rsa.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(read({ cert: 'no certificate', key: pair.key })).toEqual(['cert invalid_format'])
    expect(read({ cert: `${pair.cert.slice(0, 60)}\n-----END CERTIFICATE-----`, key: pair.key })).toEqual([
      'cert invalid_format',
    ])
    expect(read({ cert: pair.cert })).toEqual(['key invalid_format'])
    expect(read({ cert: pair.cert, key: other.key })).toEqual(['key invalid_format'])
    expect(read({ cert: pair.cert, key: foreign })).toEqual(['key invalid_format'])
    expect(read(ended)).toEqual(['cert expired'])
    expect(read({ pkcs12: pkcs12(ended, 'x'), passphrase: 'x' }, 'pkcs12')).toEqual(['pkcs12 expired'])
    expect(read({ pkcs12: pkcs12(pair, 'secret'), passphrase: 'other' }, 'pkcs12')).toEqual([
      'passphrase invalid_format',
    ])
    expect(read({ pkcs12: 'AAAA' }, 'pkcs12')).toEqual(['pkcs12 invalid_format'])
    expect(read({ pkcs12: 'not base64!' }, 'pkcs12')).toEqual(['pkcs12 invalid_format'])
  })
})

test('goes with the connection: the same for the same pair, another for another, and never by plain http', () => {
  const applied = mtls.apply({}, pair)
  expect(applied.certificate).toEqual({ id: expect.any(String), cert: pair.cert, key: pair.key })
  expect(mtls.apply({}, { ...pair }).certificate?.id).toBe(applied.certificate?.id)
  expect(mtls.apply({}, other).certificate?.id).not.toBe(applied.certificate?.id)
  const plain = { method: 'GET', url: new URL('http://api.example.com/'), headers: [], body: null }
  expect(() => applied.inject(plain, now)).toThrow(MooringError)
})
