import { describe, expect, test } from 'vitest'
import { selfSigned } from '../../egress/certificate.fixture.ts'
import { answering } from '../exchange.fixture.ts'
import { oauth2 } from '../oauth2.ts'

const pair = selfSigned(['client'], new Date())
const scopes = { scopes: ['read'], scopeDelimiter: 'space' as const }
const definition = {
  grantType: 'client_credentials',
  clientId: 'the-client',
  clientAuthentication: 'tls_client_auth',
  tokenUrl: 'https://mtls.provider.example/token',
  clientCertificate: pair.cert + pair.key,
}
const now = Date.UTC(2026, 0, 15, 12)
const tokens = (): Response => Response.json({ access_token: 'at', refresh_token: 'rt', expires_in: 60 })

describe.each(['tls_client_auth', 'self_signed_tls_client_auth'])('RFC 8705: %s', (clientAuthentication) => {
  test('shows the certificate at the token endpoint, with the Client ID alone in the body', async () => {
    const { exchange, sent } = answering(now, tokens)
    const grant = await oauth2.acquire({ ...definition, clientAuthentication }, scopes, exchange)
    expect(grant.credential).toMatchObject({ accessToken: 'at' })
    expect(sent).toMatchObject([{ certificate: { cert: pair.cert, key: pair.key } }])
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body ?? ''))).toEqual({
      client_id: 'the-client',
      grant_type: 'client_credentials',
      scope: 'read',
    })
    expect(sent[0]?.headers).not.toHaveProperty('authorization')
  })

  test('shows it when renewing and revoking too', async () => {
    const { exchange, sent } = answering(now, tokens, () => new Response(null, { status: 200 }))
    const whole = {
      ...definition,
      clientAuthentication,
      grantType: 'authorization_code',
      authorizationUrl: 'https://provider.example/authorize',
      revokeTokenUrl: 'https://mtls.provider.example/revoke',
    }
    const held = { accessToken: 'old', refreshToken: 'rt' }
    await oauth2.refresh(whole, held, scopes, exchange)
    expect(await oauth2.revoke(whole, held, exchange)).toBe('done')
    expect(sent.map(({ url, certificate }) => [url, certificate?.cert])).toEqual([
      ['https://mtls.provider.example/token', pair.cert],
      ['https://mtls.provider.example/revoke', pair.cert],
    ])
  })

  test('asks for a certificate and for no secret', () => {
    const { clientCertificate: _, ...without } = definition
    const errors = (given: object): unknown => oauth2.check({ ...given, clientAuthentication }, 'ready')
    expect(errors(definition)).toEqual([])
    expect(errors(without)).toMatchObject([{ path: 'clientCertificate', code: 'required' }])
  })
})

test('RFC 8705 section 3: bound tokens are sent to the API with the certificate, others without', () => {
  const held = { accessToken: 'at', refreshToken: null }
  expect(oauth2.apply(definition, held).certificate).toBeUndefined()
  const bound = { ...definition, certificateBoundTokens: true }
  expect(oauth2.apply(bound, held)).toMatchObject({ headers: ['authorization'], certificate: { cert: pair.cert } })
})

test('a certificate that cannot be used is refused when it is written', () => {
  const other = selfSigned(['other'], new Date())
  for (const clientCertificate of ['nonsense', pair.cert, pair.cert + other.key]) {
    expect(oauth2.check({ ...definition, clientCertificate }, 'draft')).toMatchObject([
      { path: 'clientCertificate', code: 'invalid_format' },
    ])
  }
  expect(oauth2.secretFields).toContain('clientCertificate')
})
