import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { curl } from './curl.ts'
import { draftsOf } from './draft.ts'
import { createNotes } from './notes.ts'
import type { Tools } from './source.ts'

function tools(): Tools {
  const fetch = (): Promise<never> => Promise.reject(new Error('a command fetches nothing'))
  return { notes: createNotes(), reader: { fetch }, publicUrl: () => '', random: () => '' }
}

/** What becomes of a command: its drafts and notes. */
async function read(command: string): Promise<{ auth: unknown; all: string; draft: unknown }> {
  const given = tools()
  const [draft] = draftsOf(await curl.read({ curl: command }, given), given.notes)
  return { auth: draft?.auth, draft, all: JSON.stringify([draft, given.notes.all()]) }
}

const keys = (...parameters: object[]): object => ({ type: 'api_key', parameters })
const url = 'https://api.example.com/v1/me'

describe('the credential of a call', () => {
  test.each<[string, object]>([
    ['-u ada:secret', { type: 'basic' }],
    ["-H 'Authorization: Basic YWRhOnNlY3JldA=='", { type: 'basic' }],
    ["-H 'authorization: bearer abc.def'", { type: 'bearer', tokenPrefix: 'Bearer' }],
    ['--cert client.pem --key key.pem', { type: 'mtls' }],
    ['--oauth2-bearer abc', { type: 'bearer', tokenPrefix: 'Bearer' }],
    ["-H 'Authorization: Zoho-oauthtoken 1000.abc'", { type: 'bearer', tokenPrefix: 'Zoho-oauthtoken' }],
    ["-H 'Authorization: 0123456789abcdef'", { type: 'bearer', tokenPrefix: '' }],
    ["-H 'Authorization: a1b2c3d4e5f6 a7b8'", { type: 'bearer', tokenPrefix: '' }],
    [
      `-H 'Authorization: Token token="abc"'`,
      keys({ name: 'Token', key: 'Authorization', location: 'header', prefix: 'Token token=' }),
    ],
    ["-H 'X-Api-Key: abc'", keys({ name: 'X-Api-Key', key: 'X-Api-Key', location: 'header' })],
    ["-H'PRIVATE-TOKEN: abc'", keys({ name: 'PRIVATE-TOKEN', key: 'PRIVATE-TOKEN', location: 'header' })],
    ['-b session=abc', keys({ name: 'session', key: 'session', location: 'cookie' })],
    ["-H 'Cookie: a=1; sid=abc'", keys({ name: 'sid', key: 'sid', location: 'cookie' })],
    [`--request=GET '${url}?apikey=abc&page=2'`, keys({ name: 'apikey', key: 'apikey', location: 'query' })],
    ['-d api_key=abc -d name=x', keys({ name: 'api_key', key: 'api_key', location: 'form' })],
    ['-G -d key=abc', keys({ name: 'key', key: 'key', location: 'query' })],
    [
      "-H 'X-App-Id: 1' -H 'X-App-Key: 2'",
      keys(
        { name: 'X-App-Id', key: 'X-App-Id', location: 'header' },
        { name: 'X-App-Key', key: 'X-App-Key', location: 'header' },
      ),
    ],
    [
      "-H 'Authorization: Bearer abc' -H 'X-Api-Key: d'",
      keys(
        { name: 'Token', key: 'Authorization', location: 'header', prefix: 'Bearer ' },
        { name: 'X-Api-Key', key: 'X-Api-Key', location: 'header' },
      ),
    ],
    ['--aws-sigv4 aws:amz:eu-west-1:s3 -u A:b', { type: 'aws', service: 's3', region: 'eu-west-1' }],
    [
      "-H 'Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=ab'",
      { type: 'aws', service: 'execute-api', region: 'us-east-1' },
    ],
    ['-H \'Authorization: OAuth oauth_consumer_key="a"\'', { type: 'oauth1' }],
  ])('%s', async (options, auth) => {
    expect((await read(`curl -sS ${options} ${options.includes(url) ? '' : url}`)).auth).toEqual(auth)
  })

  test('a user in the URL is one, and goes nowhere', async () => {
    const { auth, all } = await read('curl https://ada:hunter22222@api.example.com/me')
    expect(auth).toEqual({ type: 'basic' })
    expect(all).not.toMatch(/ada|hunter/)
  })

  test('--digest is digest, where there is such a type', async () => {
    expect((await read(`curl --digest -u a:b ${url}`)).all).toMatch(/digest/)
  })

  test('a call without one is a draft without a type', async () => {
    const { draft, all } = await read(`curl ${url}`)
    expect(draft).toMatchObject({ baseUrl: 'https://api.example.com', probe: { path: '/v1/me' } })
    expect(draft).not.toHaveProperty('auth')
    expect(all).toContain('no credential')
  })
})

describe('the rest of a call', () => {
  test('a GET is the probe, without what looks like a secret', async () => {
    const { draft } = await read(
      `curl '${url}?page=2&access_token=abc' -H 'X-Api-Version: 2026-01-01' -H 'User-Agent: x'`,
    )
    expect(draft).toMatchObject({
      probe: { method: 'GET', path: '/v1/me?page=2' },
      headers: { 'X-Api-Version': '2026-01-01' },
    })
  })

  test.each(['-X DELETE', '-d a=b', '--json {}', '-F a=@b', '-T file'])('%s is no probe', async (options) => {
    const { draft } = await read(`curl ${options} -H 'X-Api-Key: a' ${url}`)
    expect(draft).not.toHaveProperty('probe')
  })

  test('a secret in the path is left out', async () => {
    const { draft, all } = await read('curl https://api.example.com/bot123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe')
    expect(draft).toMatchObject({ baseUrl: 'https://api.example.com' })
    expect(all).not.toContain('AAHdq')
  })

  test.each([
    ['wget https://a.example', /starts with curl/],
    ['curl', /no URL/],
    ['curl ftp://a.example', /no URL/],
    ["curl 'https://a.example", /not closed/],
    ['curl https://[secret-inside', /cannot be read/],
  ])('%s is refused in one sentence that quotes nothing', async (command, says) => {
    const error = await read(command).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(MooringError)
    expect(error).toMatchObject({ code: 'validation_failed', message: expect.stringMatching(says) })
    expect(String(error)).not.toContain('secret-inside')
  })

  test('a command before it and a prompt do no harm', async () => {
    expect((await read(`$ TOKEN=abc curl.exe -H "X-Api-Key: $TOKEN" ${url} | jq .`)).auth).toMatchObject({
      type: 'api_key',
    })
  })
})

test('no credential of any call is in its draft or its notes', async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{6}\d[A-Z][a-z][A-Za-z0-9_-]{12,30}$/)
  const place = fc.constantFrom<(value: string) => string>(
    (value) => `-u ada:${value}`,
    (value) => `-u${value}:`,
    (value) => `--user=${value}:x`,
    (value) => `-H 'Authorization: Bearer ${value}'`,
    (value) => `-H 'Authorization: ${value}'`,
    (value) => `-H 'Authorization: Basic ${value}'`,
    (value) => `-H 'Authorization: Token token="${value}"'`,
    (value) => `-H "X-Whatever: ${value}"`,
    (value) => `-H 'Cookie: a=${value}; b=c'`,
    (value) => `-b x=${value}`,
    (value) => `--oauth2-bearer ${value}`,
    (value) => `-d password=${value}`,
    (value) => `--json '{"a":"${value}"}'`,
    (value) => `-x http://u:${value}@proxy.example`,
    (value) => `--pass ${value}`,
    (value) => `--unknown-option ${value}`,
    (value) => `'https://api.example.com/x?whatever=${value}'`,
    (value) => `https://ada:${value}@api.example.com/`,
    (value) => `https://api.example.com/hooks/${value}/send`,
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(secret, place), { minLength: 1, maxLength: 4 }), async (given) => {
      const options = given.map(([value, put]) => put(value)).join(' ')
      const { all } = await read(`curl ${options} https://api.example.com/me`)
      for (const [value] of given) expect(all).not.toContain(value)
    }),
    { numRuns: 300 },
  )
})
