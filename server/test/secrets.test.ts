import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pkcs12, selfSigned } from '../src/egress/certificate.fixture.ts'
import { onPostgres } from './engine.ts'
import { setupLink } from '../src/access/one_time.ts'
import { schemes } from '../src/schemes/index.ts'
import { type Answer, ownerKey, startServer, type TestServer } from './harness.ts'
import { type Hostile, type Mood, startHostile } from './hostile.ts'
import { createNeedles } from './needles.ts'
import { browserAt, type Person, tokenOf } from './people.ts'

const needles = createNeedles()
const moods: Mood[] = [
  'json error',
  'error word',
  'error with 200',
  'server error',
  'page',
  'headers',
  'redirect',
  'half an answer',
  'huge',
  'hang up',
]

let server: TestServer
let provider: Hostile
/** Replies of management routes, with the secrets that each is documented to show. */
const replies: { what: string; text: string; shows: string[] }[] = []
/** Files and logs as they were while the server ran, and after. */
const kept: { what: string; bytes: Buffer }[] = []
const types = new Set<string>()

async function ask(
  method: string,
  path: string,
  body?: unknown,
  { shows = [], headers = {} }: { shows?: string[]; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await server.call(method, path, body, headers)
  const said = [answer.status, ...answer.headers, answer.text].join('\n')
  replies.push({ what: `${method} ${path} ${answer.status}`, text: said, shows })
  return answer
}

async function made(path: string, body: object): Promise<Answer> {
  const answer = await ask('POST', path, body)
  if (answer.status !== 201) throw new Error(answer.text)
  return answer
}

/** A request that must be refused, and whose refusal is looked at like every other reply. */
async function refused(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<void> {
  const answer = await ask(method, path, body, { headers })
  if (answer.status < 400) throw new Error(`${method} ${path} was not refused: ${answer.text}`)
}

async function inEveryMood(work: () => Promise<unknown>): Promise<void> {
  for (const mood of moods) {
    provider.mood = mood
    await work()
  }
  provider.mood = 'well'
}

/** Uses a connection in every way there is, while its API is well and in every other mood. */
async function use(connection: string): Promise<void> {
  const calls = async (): Promise<void> => {
    await ask('POST', `/v1/connections/${connection}/test`)
    // What an API says goes through to the caller; what Mooring says of it and keeps does not hold secrets.
    // An answer that was cut comes out cut.
    await server.call('GET', `/v1/proxy/${connection}/x?a=b`).catch(() => undefined)
    await server.call('POST', `/v1/connections/${connection}/invoke`, { url: 'x', method: 'POST', body: { a: 'b' } })
  }
  await calls()
  await inEveryMood(calls)
  await ask('GET', `/v1/connections/${connection}`)
}

async function afterwards(connection: string): Promise<void> {
  await ask('GET', `/v1/connections/${connection}/credentials`, undefined, { shows: needles.names() })
  provider.mood = 'json error'
  await ask('POST', `/v1/connections/${connection}/revoke`)
  provider.mood = 'well'
}

const api = (): object => ({ baseUrl: `${provider.url}/api`, probe: { path: '/me' } })
const oauth2Urls = (): object => ({
  authorizationUrl: `${provider.url}/oauth2/authorize`,
  tokenUrl: `${provider.url}/oauth2/token`,
  revokeTokenUrl: `${provider.url}/oauth2/revoke`,
})

/** Leaves for the provider as a browser does; gives the callback's address and the cookie. */
async function leave(connection: string, round: string): Promise<{ location: URL; cookie: string }> {
  const begun = await server.call('POST', `/v1/connections/${connection}/authorize`)
  const authorizationUrl = String(begun.body['authorizationUrl'])
  needles.watch(`connect token ${connection} ${round}`, authorizationUrl.split('/').at(-1) ?? '')
  const started = await fetch(`${authorizationUrl}/start`, { method: 'POST', redirect: 'manual' })
  const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  if (cookie !== '') needles.watch(`binding cookie ${connection} ${round}`, cookie.split('=')[1] ?? '')
  replies.push({
    what: `start ${connection} ${round}`,
    text: await started.text(),
    shows: [`connect token ${connection} ${round}`],
  })
  const location = new URL(started.headers.get('location') ?? 'http://none/')
  const state = location.searchParams.get('state')
  if (state !== null) needles.watch(`state ${connection} ${round}`, state)
  return { location, cookie }
}

async function comeBack(
  connection: string,
  round: string,
  answer: Record<string, string>,
): Promise<{ location: string; cookie: string }> {
  const { location, cookie } = await leave(connection, round)
  const { callbackUrl } = (await server.call('GET', `/v1/services/${connection}`)).body
  const back = new URL(String(callbackUrl).replace('localhost', '127.0.0.1'))
  for (const name of ['state', 'oauth_token']) {
    const value = location.searchParams.get(name)
    if (value !== null) back.searchParams.set(name, value)
  }
  for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value)
  const reply = await fetch(back, { headers: { cookie }, redirect: 'manual' })
  replies.push({ what: `callback ${connection} ${round} ${reply.status}`, text: await reply.text(), shows: [] })
  return { location: reply.headers.get('location') ?? '', cookie }
}

async function oauth2(): Promise<void> {
  types.add('oauth2')
  const clientSecret = needles.plant('oauth2 client secret')
  const auth = { type: 'oauth2', clientId: 'a-client', clientSecret, ...oauth2Urls() }
  for (const clientAuthentication of ['form', 'header', 'header_raw', 'query']) {
    const name = `code_${clientAuthentication}`
    await made('/v1/services', {
      name,
      linkName: name,
      stage: 'ready',
      auth: { ...auth, clientAuthentication },
      ...api(),
    })
    await made('/v1/connections', { name, linkName: name, service: name })
    let round = 0
    const code = (): Record<string, string> => ({
      code: needles.plant(`code ${name} ${++round}`, (random) => `c_${random}`),
    })
    await inEveryMood(() => comeBack(name, provider.mood, code()))
    await comeBack(name, 'refused', { error: 'server_error', error_description: `it was ${clientSecret}` })
    await comeBack(name, 'wrong word', { error: clientSecret, error_description: clientSecret })
    await comeBack(name, 'elsewhere', { ...code(), iss: `https://evil.example/${clientSecret}` })
    await comeBack(name, 'well', code())
    expect((await ask('GET', `/v1/connections/${name}`)).body).toMatchObject({ status: 'active' })
    await ask('POST', `/v1/connections/${name}/refresh`)
    await inEveryMood(() => ask('POST', `/v1/connections/${name}/refresh`))
    await use(name)
    await ask('PUT', `/v1/services/${name}/secrets`, { clientSecret: needles.plant(`replaced secret ${name}`) })
    await ask('POST', `/v1/services/${name}/clone?secrets=true`)
    await ask('POST', `/v1/services/${name}/clone`)
    await afterwards(name)
  }
  // A token of its own: each failure is stored with the connection it was for.
  const { cert, key } = certificate('of a client')
  const clientCertificate = cert + key
  const machine = {
    ...auth,
    grantType: 'client_credentials',
    clientSecret: needles.plant('machine secret'),
    clientCertificate,
  }
  await made('/v1/services', { name: 'Machine', stage: 'ready', auth: machine, ...api() })
  await inEveryMood(() => made('/v1/connections', { name: 'Machine', service: 'machine' }))
  await made('/v1/connections', { name: 'Machine', linkName: 'engine', service: 'machine' })
  await inEveryMood(() => ask('POST', '/v1/connections/engine/refresh'))
  await inEveryMood(() => ask('POST', '/v1/connections/engine/authorize'))
  await use('engine')
  await afterwards('engine')
  // An existing grant that is brought along, its token in the query.
  const brought = { ...auth, parameterLocation: 'query', queryParameter: 'at' }
  await made('/v1/services', { name: 'Brought', stage: 'ready', auth: brought, ...api() })
  const grant = {
    accessToken: needles.plant('brought access token', (random) => `bat.${random}`),
    refreshToken: needles.plant('brought refresh token', (random) => `brt.${random}`),
  }
  await made('/v1/connections', { name: 'Brought', service: 'brought', credentials: grant })
  await use('brought')
  await afterwards('brought')
}

async function oauth1(): Promise<void> {
  types.add('oauth1')
  for (const parameterLocation of ['header', 'query', 'form']) {
    for (const signatureMethod of ['HMAC-SHA1', 'PLAINTEXT']) {
      const name = `one_${parameterLocation}_${signatureMethod.slice(0, 4).toLowerCase()}`
      const like = (random: string): string => `s47!${random}&${random}`
      const auth = {
        type: 'oauth1',
        consumerKey: needles.plant(`consumer key ${name}`, like),
        consumerSecret: needles.plant(`consumer secret ${name}`, like),
        requestTokenUrl: `${provider.url}/oauth1/request`,
        authorizationUrl: `${provider.url}/oauth1/authorize`,
        tokenUrl: `${provider.url}/oauth1/token`,
        revokeTokenUrl: `${provider.url}/oauth1/revoke`,
        signatureMethod,
        parameterLocation,
      }
      await made('/v1/services', { name, linkName: name, stage: 'ready', auth, ...api() })
      await made('/v1/connections', { name, linkName: name, service: name })
      await inEveryMood(() => leave(name, provider.mood))
      const verifier = (round: string): Record<string, string> => ({
        oauth_verifier: needles.plant(`verifier ${name} ${round}`, (random) => `v_${random}`),
      })
      await comeBack(name, 'no verifier', {})
      await comeBack(name, 'well', verifier('well'))
      expect((await ask('GET', `/v1/connections/${name}`)).body).toMatchObject({ status: 'active' })
      await use(name)
      await afterwards(name)
    }
  }
}

/** A type whose values are typed in: accepted, refused by a probe in every mood, and used. */
async function typedIn(
  name: string,
  auth: { type: string; [field: string]: unknown },
  credentials: object,
): Promise<void> {
  types.add(auth.type)
  await made('/v1/services', { name, linkName: name, stage: 'ready', auth, ...api() })
  await made('/v1/connections', { name, linkName: name, service: name })
  await inEveryMood(() => ask('POST', `/v1/connections/${name}/authorize`, { credentials }))
  expect((await ask('POST', `/v1/connections/${name}/authorize`, { credentials })).body).toMatchObject({ kind: 'done' })
  await use(name)
  await afterwards(name)
}

async function theOthers(): Promise<void> {
  for (const location of ['query', 'header', 'cookie', 'form']) {
    const key = needles.plant(`api key in ${location}`, (random) =>
      location === 'cookie' ? random : `s47+${random}/%&=`,
    )
    const auth = { type: 'api_key', parameters: [{ name: 'Key', key: 'the-key', location, prefix: 'p-' }] }
    await typedIn(`key_${location}`, auth, { 'the-key': key })
  }
  for (const delivery of ['header', 'query']) {
    const username = needles.plant(`user name in ${delivery}`)
    const password = needles.plant(`password in ${delivery}`, (random) => `pä55 ${random} wörd`)
    await typedIn(`basic_${delivery}`, { type: 'basic', delivery }, { username, password })
    const expected = {
      username: needles.plant(`expected user ${delivery}`),
      password: needles.plant(`expected ${delivery}`),
    }
    const strict = `strict_${delivery}`
    const auth = { type: 'basic', delivery, expected }
    await made('/v1/services', { name: strict, linkName: strict, stage: 'ready', auth, ...api() })
    await made('/v1/connections', { name: strict, linkName: strict, service: strict })
    await refused('POST', `/v1/connections/${strict}/authorize`, { credentials: { username, password } })
    await ask('POST', `/v1/connections/${strict}/authorize`, { credentials: expected })
    await use(strict)
    await ask('POST', `/v1/services/${strict}/clone?secrets=true`)
  }
  await typedIn('bearer', { type: 'bearer' }, { token: needles.plant('bearer token', (random) => `s47.${random}-ß`) })
  const keys = {
    accessKeyId: needles.plant('access key id', (random) => `AKIA${random.toUpperCase()}`),
    secretAccessKey: needles.plant('secret access key', (random) => `${random}+/${random}`),
    sessionToken: needles.plant('session token', (random) => `${random}==${random}`),
  }
  await typedIn('aws', { type: 'aws', service: 'execute-api', region: 'us-east-1' }, keys)
  const role = { roleArn: 'arn:aws:iam::123456789012:role/r', stsUrl: `${provider.url}/sts` }
  await typedIn('aws_role', { type: 'aws', service: 's3', region: 'us-east-1', ...role }, keys)
  const user = (kind: string): { username: string; password: string } => ({
    username: needles.plant(`user name of ${kind}`),
    password: needles.plant(`password of ${kind}`, (random) => `pä55 ${random} wörd`),
  })
  await typedIn('digest', { type: 'digest' }, user('digest'))
  for (const signInFormat of ['json', 'form', 'query', 'basic']) {
    const auth = { type: 'session', signInUrl: `${provider.url}/oauth2/token`, signInFormat, tokenPath: 'access_token' }
    await typedIn(`session_${signInFormat}`, auth, user(`session ${signInFormat}`))
  }
  await typedIn('hmac', { type: 'hmac' }, { keyId: 'k', secret: needles.plant('hmac secret') })
  await typedIn('jwt', { type: 'jwt', claims: { iss: 'me' } }, { key: needles.plant('jwt secret') })
  await typedIn('jwt_own', { type: 'jwt', keySource: 'service', key: needles.plant('jwt secret of a service') }, {})
  const passphrase = needles.plant('passphrase of a certificate', (random) => random)
  await typedIn('mtls', { type: 'mtls' }, certificate('typed in'))
  const file = pkcs12(certificate('in a file'), passphrase)
  await typedIn('mtls_file', { type: 'mtls', format: 'pkcs12' }, { pkcs12: file, passphrase })
}

/** A certificate, whose private key is looked for. */
function certificate(name: string): { cert: string; key: string } {
  const pair = selfSigned([name], new Date())
  needles.watch(`private key ${name}`, pair.key.split('\n')[1] ?? '')
  return pair
}

/** A sign-in that is asked about and answered either way; one waits, its grant sealed, while the files are looked at. */
async function otherAccounts(): Promise<void> {
  const clientSecret = needles.plant('asking client secret')
  const auth = {
    type: 'oauth2',
    clientId: 'a-client',
    clientSecret,
    ...oauth2Urls(),
    tokenResponse: { account: 'account' },
  }
  await made('/v1/services', { name: 'Asks', linkName: 'asks', stage: 'ready', auth, ...api() })
  await made('/v1/connections', { name: 'Asks', linkName: 'asks', service: 'asks' })
  const code = (round: string): Record<string, string> => ({
    code: needles.plant(`code asks ${round}`, (x) => `c_${x}`),
  })
  await comeBack('asks', 'first', code('first'))
  for (const [round, replace] of [
    ['replaced', true],
    ['kept', false],
    ['open', null],
  ] as const) {
    const asked = await comeBack('asks', round, code(round))
    const token = asked.location.split('/').at(-1) ?? ''
    needles.watch(`asking token ${round}`, token)
    const page = await fetch(`${server.url}/connect/${token}`, { headers: { cookie: asked.cookie } })
    replies.push({ what: `asks ${round}`, text: await page.text(), shows: [`asking token ${round}`] })
    const { body } = await ask('GET', '/v1/connections/asks/attempts?limit=1')
    const attempt = (body['items'] as { id: string; state: string }[])[0]
    expect([round, attempt?.state]).toEqual([round, 'waiting'])
    if (replace !== null) await ask('POST', `/v1/connections/asks/attempts/${attempt?.id}/answer`, { replace })
  }
}

/** A page for an end user, with values that are wrong and right, and a sign-in. */
async function connectLinks(): Promise<void> {
  for (const service of ['key_header', 'code_form'])
    await made('/v1/connections', {
      name: service,
      linkName: `each_${service}`,
      service,
      authorizationLevel: 'per_user',
    })
  const created = await server.call('POST', '/v1/connect-sessions', { user: { id: 'ada' } })
  const token = String(created.body['token'])
  needles.watch('connect link', token)
  replies.push({ what: 'connect session', text: created.text, shows: ['connect link'] })
  let cookie = ''
  const visit = async (path: string, form?: Record<string, string>): Promise<Response> => {
    const answer = await fetch(`${server.url}/connect/s/${token}${path}`, {
      redirect: 'manual',
      headers: { cookie, ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form).toString() }),
    })
    replies.push({ what: `connect link${path} ${answer.status}`, text: await answer.text(), shows: ['connect link'] })
    for (const line of answer.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? ''
      const binding = pair.split('=')[1]?.split('.')[0] ?? ''
      if (!needles.names().some((name) => needles.value(name) === binding))
        needles.watch(`binding cookie of the link ${needles.names().length}`, binding)
      cookie = [cookie, pair].filter((part) => part !== '').join('; ')
    }
    return answer
  }
  await visit('')
  await visit('/each_key_header')
  await visit('/each_key_header', { 'the-key': needles.plant('wrong by link', (random) => `${random}\u00e9`) })
  await inEveryMood(() => visit('/each_key_header', { 'the-key': needles.plant(`by link ${provider.mood}`) }))
  await visit('/each_key_header', { 'the-key': needles.plant('by link') })
  const left = await visit('/each_code_form', {})
  const state = new URL(left.headers.get('location') ?? 'http://none/').searchParams.get('state') ?? ''
  needles.watch('state by link', state)
  await visit('')
}

/** What is wrong is told without being repeated. */
async function wrongOnes(): Promise<void> {
  const wrong = (name: string): string => needles.plant(`wrong: ${name}`)
  const long = (name: string): string => wrong(name) + 'x'.repeat(9000)
  const auth = { type: 'oauth2', clientId: 'c', ...oauth2Urls() }
  for (const stage of ['draft', 'ready']) {
    for (const clientSecret of [
      long(`long secret ${stage}`),
      `${wrong(`line break ${stage}`)}\n`,
      { a: wrong(`object ${stage}`) },
      [wrong(`list ${stage}`)],
    ])
      await refused('POST', '/v1/services', { name: 'Wrong', stage, auth: { ...auth, clientSecret } })
    await refused('POST', '/v1/services', {
      name: 'Wrong',
      stage,
      auth: { ...auth, client_secret: wrong(`misspelt ${stage}`) },
    })
    await refused('POST', '/v1/services', { name: 'Wrong', stage, secret: wrong(`beside ${stage}`), auth })
    const consumer = {
      type: 'oauth1',
      consumerKey: `${wrong(`key ${stage}`)}\u00e9`,
      consumerSecret: long(`consumer ${stage}`),
    }
    await refused('POST', '/v1/services', { name: 'Wrong', stage, auth: consumer })
    const expected = { username: `${wrong(`expected ${stage}`)}\n`, passwort: wrong(`expected, misspelt ${stage}`) }
    await refused('POST', '/v1/services', { name: 'Wrong', stage, auth: { type: 'basic', expected } })
  }
  await refused('PUT', '/v1/services/code_form/secrets', { clientSecret: `${wrong('rotated')}\n` })
  await refused('PUT', '/v1/services/code_form/secrets', { nothing: wrong('rotated, misspelt') })
  await refused('PATCH', '/v1/services/code_form', { auth: { ...auth, clientSecret: wrong('frozen') } })
  const typed: [string, object][] = [
    ['bearer', { token: `${wrong('token')}\n` }],
    ['bearer', { token: long('token, long') }],
    ['bearer', { token: { deep: wrong('token, object') } }],
    ['bearer', { tokken: wrong('token, misspelt') }],
    ['aws', { accessKeyId: `${wrong('aws')}\n`, secretAccessKey: [wrong('aws list')] }],
    ['key_cookie', { 'the-key': `${wrong('cookie')};` }],
    ['basic_header', { username: `${wrong('colon')}:`, password: wrong('with it') }],
    ['digest', { username: `${wrong('digest')}\n`, password: [wrong('digest, list')] }],
    ['session_json', { username: { deep: wrong('session') }, passwort: wrong('session, misspelt') }],
    ['hmac', { keyId: 'k', secret: `${wrong('hmac')}\n` }],
    ['jwt', { key: { deep: wrong('jwt') }, kee: wrong('jwt, misspelt') }],
    ['mtls', { cert: wrong('certificate'), key: wrong('key of a certificate') }],
    ['mtls_file', { pkcs12: wrong('file'), passphrase: wrong('of a file') }],
    ['brought', { accessToken: `${wrong('brought')}\n`, refreshToken: 5, token: wrong('brought, misspelt') }],
    ['one_header_hmac', { token: `${wrong('one')}\n`, secret: wrong('one, misspelt') }],
  ]
  for (const [name, credentials] of typed) {
    await refused('POST', `/v1/connections/${name}/authorize`, { credentials })
    await refused('POST', '/v1/connections', { name: 'Wrong', service: name, credentials })
  }
  const json = { 'content-type': 'application/json' }
  await refused('POST', '/v1/services', `{"name": "X", "auth": {"clientSecret": "${wrong('broken JSON')}"`, json)
  await refused('POST', '/v1/services', `"${wrong('a text')}"`, json)
  await refused('POST', '/v1/services', wrong('no type'), { 'content-type': 'text/plain' })
  for (const name of ['Bearer', 'Basic', 'Token'])
    await refused('GET', '/v1/services', undefined, { authorization: `${name} ${wrong(`key as ${name}`)}` })
  await refused('GET', '/v1/services', undefined, { authorization: `Bearer mk_${wrong('unknown key')}` })
  await server.call('GET', `/v1/proxy/bearer/x`, undefined, { authorization: `Bearer mk_${wrong('at the proxy')}` })
  const provided = await fetch(`${server.url}/connect/${wrong('connect token')}`)
  replies.push({ what: 'connect', text: await provided.text(), shows: [] })
}

async function ourOwnKeys(): Promise<void> {
  const create = { name: 'Shown once', role: 'viewer' }
  const headers = { 'idempotency-key': needles.plant('idempotency key') }
  for (const [index, name] of ['first', 'again'].entries()) {
    const answer = await server.call('POST', '/v1/api-keys', create, headers)
    const key = String(answer.body['key'])
    if (index === 0) needles.watch('api key', key)
    replies.push({ what: `${name} reply of a new key`, text: answer.text, shows: ['api key'] })
    expect(key).toBe(needles.value('api key'))
    await ask('GET', '/v1/whoami', undefined, { headers: { authorization: `Bearer ${key}` } })
    await ask('GET', '/v1/services', undefined, { headers: { authorization: `Bearer ${key}` } })
  }
  // The same with a service: its first reply is kept as well.
  const clientSecret = needles.plant('kept with a reply')
  const service = { name: 'Repeated', auth: { type: 'oauth2', clientSecret } }
  for (let turn = 0; turn < 2; turn++)
    await ask('POST', '/v1/services', service, { headers: { 'idempotency-key': 'the same' } })
}

/** Ways in, right and wrong: passwords, one-time links, sessions and their CSRF tokens. */
async function people(): Promise<void> {
  const password = (name: string): string => needles.plant(`password: ${name}`, (random) => `pä55 ${random} wörd`)
  const link = (name: string, url: unknown): string => {
    needles.watch(`link: ${name}`, tokenOf(url))
    return needles.value(`link: ${name}`)
  }
  const enter = async (name: string, path: string, body: object, browser: Person): Promise<void> => {
    const answer = await browser.bare('POST', path, body)
    expect([answer.status, name]).toEqual([201, name])
    needles.watch(`session: ${name}`, browser.cookies.get('mooring_session') ?? '')
    needles.watch(`csrf: ${name}`, browser.csrfToken())
    const said = [...answer.headers, answer.text].join('\n')
    replies.push({ what: path, text: said, shows: [`session: ${name}`, `csrf: ${name}`] })
  }
  const look = async (what: string, answer: Promise<Answer>, shows: string[] = []): Promise<Answer> => {
    const { headers, text } = await answer
    replies.push({ what, text: [...headers, text].join('\n'), shows })
    return answer
  }
  const { store, workspaceId } = server.installation
  const setup = link('setup', await setupLink(store, workspaceId, Date.now(), server.url))
  const olga = { name: 'Olga', email: 'olga@example.com', password: password('olga') }
  const owner = browserAt(server.url)
  await enter('set up', '/v1/setup', { ...olga, token: setup }, owner)
  await look('used', owner.bare('POST', '/v1/setup', { ...olga, token: setup }))

  const invitation = await owner.call('POST', '/v1/invitations', { role: 'viewer' })
  const token = link('invitation', invitation.body['url'])
  await look('view', owner.bare('POST', '/v1/invitations/view', { token }))
  const bo = { token, name: 'Bo', email: 'bo@example.com' }
  const browser = browserAt(server.url)
  for (const wrong of [password('line break') + '\n', { deep: password('object') }])
    await look('wrong', browser.bare('POST', '/v1/invitations/accept', { ...bo, password: wrong }))
  await enter('joined', '/v1/invitations/accept', { ...bo, password: password('bo') }, browser)

  for (const email of ['bo@example.com', 'nobody@example.com'])
    await look('guess', owner.bare('POST', '/v1/session', { email, password: password(`guess ${email}`) }))
  await enter('again', '/v1/session', { email: 'bo@example.com', password: needles.value('password: bo') }, browser)
  const change = { password: password('changed'), currentPassword: needles.value('password: bo') }
  await look(
    'not the current one',
    browser.call('PATCH', '/v1/session/user', { ...change, currentPassword: password('not it') }),
  )
  await look('change', browser.call('PATCH', '/v1/session/user', change))
  await look(
    'no csrf',
    browser.bare('PATCH', '/v1/session/user', change, { 'x-csrf-token': needles.value('csrf: set up') }),
  )
  await look('session', browser.call('GET', '/v1/session'), ['csrf: again'])
  await look('sessions', browser.call('GET', '/v1/sessions'))
  await look(
    'unknown',
    fetchAnswer('/v1/session', { cookie: `mooring_session=${needles.plant('cookie', (x) => `c${x}`)}` }),
  )

  const repeated = { 'idempotency-key': 'a password link' }
  const reset = await owner.call('POST', `/v1/users/${browser.id()}/password-link`, undefined, repeated)
  const forgotten = { token: link('password', reset.body['url']), password: password('after') }
  await enter('reset', '/v1/password-reset', forgotten, browser)
  for (const path of ['/v1/users', '/v1/invitations']) await look(path, owner.call('GET', path))
}

async function fetchAnswer(path: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(server.url + path, { headers })
  return { status: response.status, headers: response.headers, body: {}, text: await response.text() }
}

/** Everything that can be read, page by page. */
async function readEverything(): Promise<void> {
  const list = async (path: string): Promise<Record<string, unknown>[]> => {
    const all: Record<string, unknown>[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await ask('GET', `${path}?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`)
      if (!Array.isArray(body['items'])) throw new Error(path)
      all.push(...body['items'])
      cursor = typeof body['nextCursor'] === 'string' ? body['nextCursor'] : null
    }
    return all
  }
  for (const { linkName } of await list('/v1/services')) {
    await ask('GET', `/v1/services/${String(linkName)}`)
    await ask('GET', `/v1/services/${String(linkName)}/scopes`)
  }
  for (const { linkName } of await list('/v1/connections')) {
    for (const what of ['', '/prompt']) await ask('GET', `/v1/connections/${String(linkName)}${what}`)
    for (const what of ['/authorizations', '/attempts', '/activity'])
      await list(`/v1/connections/${String(linkName)}${what}`)
  }
  await list('/v1/api-keys')
  await list('/v1/events')
  for (const path of ['/v1/system', '/v1/auth-types', '/v1/openapi.json', '/metrics']) await ask('GET', path)
}

function keepFiles(when: string): void {
  for (const name of readdirSync(server.dir, { recursive: true, encoding: 'utf8' })) {
    const path = join(server.dir, name)
    if (statSync(path).isFile() && name !== 'mooring.key')
      kept.push({ what: `${name} ${when}`, bytes: readFileSync(path) })
  }
}

beforeAll(async () => {
  provider = await startHostile(needles)
  const dir = mkdtempSync(join(tmpdir(), 'mooring-secrets-'))
  server = await startServer({ dir, environment: { MOORING_LOG_LEVEL: 'trace' } })
  needles.watch('owner key', ownerKey)
  needles.watch('root key', readFileSync(join(server.dir, 'mooring.key'), 'utf8').trim().split(':')[1] ?? '')
  await oauth2()
  await oauth1()
  await theOthers()
  await otherAccounts()
  await connectLinks()
  await wrongOnes()
  await ourOwnKeys()
  await people()
  await readEverything()
  keepFiles('while it ran')
}, 600_000)

afterAll(() => {
  provider.close()
  rmSync(server.dir, { recursive: true })
})

test('every kind of service was tried, its provider in every mood', () => {
  expect([...types].toSorted()).toEqual(schemes.map((scheme) => scheme.type).toSorted())
  for (const mood of moods) expect([mood, provider.met.get(mood) ?? 0]).toEqual([mood, expect.any(Number)])
  for (const mood of moods) expect(provider.met.get(mood), mood).toBeGreaterThan(20)
  expect(needles.names().length).toBeGreaterThan(150)
  for (const kind of [
    'code verifier',
    'refresh token',
    'request token secret',
    'token secret',
    'state',
    'binding cookie',
    'asking token',
    'connect link',
    'password',
    'link',
    'session',
    'csrf',
  ])
    expect(
      needles.names().filter((name) => name.startsWith(kind)),
      kind,
    ).not.toHaveLength(0)
})

test('the search finds a secret in whatever form it is hidden', () => {
  const secret = needles.value('oauth2 client secret')
  for (const hidden of [
    `x${secret}y`,
    `https://x/?y=${encodeURIComponent(secret)}`,
    Buffer.from(`id:${secret}:z`).toString('base64'),
    Buffer.from(`i:${secret}`).toString('base64url'),
    Buffer.from(secret).toString('hex'),
    secret.slice(0, 40),
  ])
    expect(needles.foundIn(hidden), hidden).not.toEqual([])
  expect(needles.foundIn('something else')).toEqual([])
})

describe('S-47 no planted secret is', () => {
  test('in a reply of a management route, but for the one that shows it once', () => {
    const found = replies.flatMap(({ what, text, shows }) =>
      needles.foundIn(text, shows).map((one) => `${what}: ${one}`),
    )
    expect(found).toEqual([])
    expect(replies.length).toBeGreaterThan(500)
  })

  test('in a log line at the finest level', () => {
    expect(needles.foundIn(server.logged())).toEqual([])
    expect(server.logged()).not.toBe('')
  })

  test('in any file of the data folder, the database’s journals included', async () => {
    // What PostgreSQL has written is looked through in postgres_secrets.test.ts.
    if (!onPostgres)
      expect(kept.map(({ what }) => what)).toEqual(
        expect.arrayContaining(['mooring.sqlite while it ran', 'mooring.sqlite-wal while it ran']),
      )
    await server.stop()
    keepFiles('after')
    expect(kept.flatMap(({ what, bytes }) => needles.foundIn(bytes).map((one) => `${what}: ${one}`))).toEqual([])
  })
})
