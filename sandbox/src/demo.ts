/**
 * Demo values. They are public on purpose, open nothing but the sandbox, and are the same on every machine,
 * so that documentation and ready-made services can name them. Never use them for anything else.
 */
export const demo = {
  people: [
    { id: 'first', name: 'First demo person', email: 'first@sandbox.example', emailVerified: true },
    { id: 'second', name: 'Second demo person', email: 'second@sandbox.example', emailVerified: false },
  ],
  oauth2: {
    /** Client credentials in the form or in the Authorization header: oidc-provider takes either for both clients. */
    confidential: { clientId: 'sandbox-client', clientSecret: 'sandbox-client-secret' },
    basic: { clientId: 'sandbox-client-basic', clientSecret: 'sandbox-client-basic-secret' },
    public: { clientId: 'sandbox-public' },
    device: { clientId: 'sandbox-device' },
    machine: { clientId: 'sandbox-machine', clientSecret: 'sandbox-machine-secret' },
    /** Characters that only survive when RFC 6749 section 2.3.1 is followed. */
    encoded: { clientId: 'sandbox client:encoded', clientSecret: 'sand+box/100%:secret&=' },
  },
  apiKey: 'sandbox-api-key',
  basic: { username: 'sandbox', password: 'open:sesame' },
  bearer: 'sandbox-bearer-token',
  hmac: { keyId: 'sandbox-key', secret: 'sandbox-hmac-secret' },
  jwt: { issuer: 'sandbox-issuer', secret: 'sandbox-jwt-secret-of-32-characters' },
  oauth1: { consumerKey: 'sandbox-consumer', consumerSecret: 'sandbox-consumer-secret' },
  aws: {
    longLived: { accessKeyId: 'AKIASANDBOXEXAMPLE01', secretAccessKey: 'sandbox/secret+access+key/EXAMPLE' },
    temporary: {
      accessKeyId: 'ASIASANDBOXEXAMPLE02',
      secretAccessKey: 'sandbox/temporary+access+key/EXAMPLE',
      sessionToken: 'sandbox/session+token==EXAMPLE',
    },
    region: 'us-east-1',
    service: 'execute-api',
  },
} as const

/** The consumer's key pair for RSA-SHA1 and RSA-SHA256: a published test key, PKCS #8 and SPKI. */
export const demoRsaPrivateKey = `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCvD7hVkxRwR6dd
a28T8xGDkUbVHX+ujLG+lPjar4iMCyW8LBxvKncNwqMu2vr3YM21wW755KpkvRco
K/sPIgfvxcdQy785NSsfQDvi2NOOgRHJqp6EdqJH8Sh6HlUCDI3d6GkJiaSYCISA
0Fy8dQrrFQP/QE+2S/vBzCElkyAUpBcN7AbfXlzGQlz1XS6kSvyH+TOH1Kuiacdy
kII/QNoQzkg2bdpIWjBuZlyOijMtkv4EP7WRjJUWsaOvCLIRv9x64pEcQVVdAAES
T2CEY3ItPfeDXtaNB0evzfWysZLpc5mttBbRjwQ35O4iz/vStNq+iHiutCZ119zE
W2zVyCbvAgMBAAECggEAGgbUyYg56C2HAPkZhRZEutJM/R9LHdjWDjcYvm6NdwCr
Rgwq2A4wsA+JckxlNoUiYEzXYniwKpUATd0oEMpm8qttZCI+llNEy3shzCqfXVbs
HZbrxVbb7qU4dttumQTjzKOihiP8IAxYIsyXlP8ztdqkgvz9POWUEu512R/EC71P
+17EHZ44J3X3lvLhyBoynkHb9o/Y5zO8qyDUsAaRXnNQqVztyvveA8cQC1Zs1aDv
vPdzWrD/Ps09eRCWffmqUgRwhQOYL0eE/kNlxhUfM12na2Xt08Zp2xS4yU0LnPdv
d4Qb0Tg3IJsKC0FrVzwTOeaqDFmrQTocgjUvW5G4MQKBgQD1ZgADozShp6PFyFOh
WLAJY5jaZ6kpSJczXSsAkZb+HjsLDVXU2K/2fdUq+jANz5ma6T/w12WqLkHGSKMt
8jMwepuGz1gg9nyxPZSPNpaEKLXqWiROFhO3pJwhi5SiBu8zQU2SeWjRCPedYBbk
wkvjAj4JrhKTGrkequB6eOiiHwKBgQC2n9KytV50nzbLR4JQYTCZqtwr3vMtxhf/
YG9TH+9sEpyCuqzfP9Q9BemmRxuLN2+zviECevQ5RnVmw+QGCHNZZByRRVPzT2Ly
xkF1FTxIy2BYEQ+ESB/9Co/hNdgQ7PJYV4YaRJMEdbe9L3Vn6wZB8mRDH+eRC+u9
GxqqCYEBMQKBgH0MgS1ZWVSXDImYz6UEgJAIRLfm4vi6mPH/pA4iIoNT/FphbT+N
O/2rmZjQ7PPcujWKbp7X5GKYN8RG94BOT2+AywgjWJFTia735mAkPQcTh7/oN1/j
OCD4rOcbLZ5zUikYOeNOIu+CVkvHz2K679i6J8re/XAgyfyqrsE6I7GZAoGBAKPP
Li4wc15GZd7m8KPq2a4szTroy9YWJvZh6Nl1/stA0nSMv32tAlIOWKtWgwVYH3Dp
rTBNW314jtwz//fNYrIfE2TW+9t2LPo5DQPZnW5qRqwX+YQdMdxGuhI3uuxLrYHC
WD59niXU9Y/T3wrsjHtg0cBIAO1g9P52Lm+xAK8xAoGAV765dM1WFM08kx2xOBE2
rfgPee9bhmJGlm1mzPQxtm+axBB63Jdr4Rz5lBT4RT61pz9cymkMFEbPyJEAKy3M
pgn1Pflva2kDP0Q5XJgiGvRHyr5Olp0ABk7m5XA4niQZuJ/XUPGmXqxBejL5zuff
HVvF7Nk32KudD3GLqK9aICs=
-----END PRIVATE KEY-----
`

export const demoRsaPublicKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArw+4VZMUcEenXWtvE/MR
g5FG1R1/royxvpT42q+IjAslvCwcbyp3DcKjLtr692DNtcFu+eSqZL0XKCv7DyIH
78XHUMu/OTUrH0A74tjTjoERyaqehHaiR/Eoeh5VAgyN3ehpCYmkmAiEgNBcvHUK
6xUD/0BPtkv7wcwhJZMgFKQXDewG315cxkJc9V0upEr8h/kzh9SromnHcpCCP0Da
EM5INm3aSFowbmZcjoozLZL+BD+1kYyVFrGjrwiyEb/ceuKRHEFVXQABEk9ghGNy
LT33g17WjQdHr831srGS6XOZrbQW0Y8EN+TuIs/70rTavoh4rrQmddfcxFts1cgm
7wIDAQAB
-----END PUBLIC KEY-----
`
