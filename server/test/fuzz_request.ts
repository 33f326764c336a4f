/** Requests made up from an operation of the OpenAPI document, and what no answer to them may be. */
import { type Agent, request as send } from 'node:http'
import { errorStatus, Problem, type Route, routes } from '@mooring/contract'
import * as fc from 'fast-check'
import type { Operation } from '../src/http/openapi.ts'
import type { Parameter } from '../src/http/operations.ts'
import { following, hostileJson, hostileText, type JsonSchema, mutated } from './fuzz_values.ts'
import type { Principal, World } from './fuzz_world.ts'

export interface Asked {
  principal: string
  method: string
  /** As it goes on the wire. */
  path: string
  headers: Record<string, string>
  body: string | undefined
}

export interface Answered {
  status: number
  headers: NodeJS.Dict<string | string[]>
  text: string
}

export interface Described {
  path: string
  method: string
  operation: Operation
}

/** Requests to one operation, most of them nearly right; few with another method. */
export function requestsTo(
  { path, method, operation }: Described,
  components: Record<string, JsonSchema>,
  world: World,
): fc.Arbitrary<Asked> {
  const hints = hintsOf(world)
  const segments = operation.parameters
    .filter((one) => one.in === 'path')
    .map(({ name }): [string, fc.Arbitrary<string>] => [name, segment(world.known(path, name), name === 'target')])
  const query = queryOf(operation.parameters, components, hints)
  const content = Object.entries(operation.requestBody?.content ?? {})
  return fc
    .record({
      principal: principals(world.principals()),
      method: fc.oneof(
        { weight: 15, arbitrary: fc.constant(method) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'propfind'),
        },
      ),
      values: fc.record(Object.fromEntries(segments)),
      query,
      headers: headersOf(operation.parameters),
      body: bodyOf(content, components, hints),
    })
    .map(({ principal, method: verb, values, query: asked, headers, body }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'x')
      const all = { ...principal.headers, ...headers, ...(body === undefined ? {} : { 'content-type': body.type }) }
      return {
        principal: principal.name,
        method: verb.toUpperCase(),
        path: filled + asked,
        headers: all,
        body: body?.text,
      }
    })
}

/** Half of the requests come from somebody who may do everything, so that most code is reached. */
function principals([nobody, ...others]: Principal[]): fc.Arbitrary<Principal> {
  const all = [nobody, ...others].filter((one) => one !== undefined)
  const owners = all.filter(({ name }) => name === 'owner key' || name === 'session 0')
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...owners) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  )
}

function hintsOf(world: World): (name: string) => fc.Arbitrary<unknown> | undefined {
  const urls = fc.constantFrom(
    `${world.upstream}/base/x`,
    '/me',
    `${world.upstream}/oauth/token`,
    'http://10.0.0.1/',
    'http://[::1]:1/',
  )
  return (name) => {
    if (/url$/i.test(name)) return urls
    if (name === 'service') return fc.constantFrom(...world.known('', 'service'))
    if (name === 'connections') return fc.subarray(world.known('', 'connection'), { minLength: 1 })
    if (name === 'hosts') return fc.constantFrom(['127.0.0.1'], ['*.example.com'], [])
    // Only what leads to an answer soon.
    if (name === 'timeoutMs') return fc.constantFrom(1000, 2000)
    if (name === 'user') return fc.constantFrom('u1', 'u2')
    if (name === 'name' || name === 'label') return fc.constantFrom('A name', 'Another', 'Ž 7')
    if (name === 'auth') return fc.constantFrom<object>({ type: 'bearer' }, { type: 'basic' })
    if (name === 'stage') return fc.constantFrom('draft', 'ready')
    if (name === 'baseUrl') return fc.constant(`${world.upstream}/base`)
    if (name === 'credentials')
      return fc.constantFrom<object>(
        { appid: 'x' },
        { token: 'x' },
        { username: 'a', password: 'b' },
        { accessToken: 'x' },
      )
    if (name === 'role') return fc.constantFrom('admin', 'developer', 'viewer', 'invoke')
    return undefined
  }
}

/** What node and HTTP let into a request line, percent-encoded or not. */
function segment(known: string[], slashes: boolean): fc.Arbitrary<string> {
  const hostile = fc.oneof(
    hostileText.map((text) => encodeURIComponent(text.toWellFormed())),
    hostileText.map((text) => text.replaceAll(slashes ? /[^!-~]/g : /[^!-~]|[/?#]/g, '')),
  )
  return known.length === 0
    ? hostile
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: hostile })
}

function queryOf(
  parameters: Parameter[],
  components: Record<string, JsonSchema>,
  hints: (name: string) => fc.Arbitrary<unknown> | undefined,
): fc.Arbitrary<string> {
  const text = (value: unknown): string => encodeURIComponent(String(value).toWellFormed())
  const pairs = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) =>
      fc
        .oneof(
          { weight: 3, arbitrary: hints(name) ?? following(schema as JsonSchema, components, hints) },
          { weight: 1, arbitrary: hostileText },
        )
        .map((value) => `${name}=${text(value)}`),
    )
  const odd = fc.oneof(
    fc.constantFrom(
      '',
      '&&',
      '=',
      '=x',
      '__proto__=1',
      'constructor[prototype][x]=1',
      'limit[]=1',
      'limit=1&limit=2',
      'after=1&after=2',
      'a=%zz',
      '%00=1',
      'query',
      'user=u1&user=u2',
    ),
    hostileText.map((value) => `limit=${text(value)}`),
  )
  const most: fc.Arbitrary<string[]> =
    pairs.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...pairs), { maxLength: 3 })
  return fc.tuple(most, fc.option(odd, { freq: 4, nil: undefined })).map(([some, other]) => {
    const all = other === undefined ? some : [...some, other]
    return all.length === 0 ? '' : `?${all.join('&')}`
  })
}

const oddHeaders: [name: string, values: readonly string[]][] = [
  ['accept', ['*/*', 'application/yaml', 'text/html', 'text/event-stream', '', ',,;q=x', 'a/b'.repeat(100)]],
  ['accept-encoding', ['gzip, br, zstd', '*;q=0', 'x']],
  ['content-encoding', ['gzip', 'br', 'identity', 'x']],
  [
    'cookie',
    [
      '',
      ';;;=',
      'mooring_session',
      'mooring_session=',
      'mooring_session=x; mooring_session=y',
      'mooring_session="x"',
      `mooring_session=${'x'.repeat(3000)}`,
      'mooring_bind_x=y',
      '__proto__=x',
      '%zz=%zz',
    ],
  ],
  ['expect', ['x']],
  ['forwarded', ['for=unknown']],
  ['host', ['localhost', 'evil.example.com', '169.254.169.254', '[::1', 'a b', '']],
  ['idempotency-key', ['', 'a', 'same', 'x'.repeat(300), '\xe9\xff', '../..']],
  ['if-none-match', ['*', '"x"', 'W/']],
  ['last-event-id', ['-1', '1e9', 'x', '99999999999999999999']],
  ['mooring-retry', ['0', '-1', '1e2', '99', '0x1', 'NaN', '']],
  ['mooring-timeout', ['2', '0', '-1', 'Infinity', '']],
  ['mooring-user', ['u1', '', '__proto__', '\xff', 'x'.repeat(500)]],
  ['origin', ['null', 'https://evil.example.com', 'x']],
  ['range', ['bytes=0-0', 'bytes=-99999999999999999999', 'x']],
  ['referer', ['https://evil.example.com/', 'x']],
  ['sec-fetch-site', ['cross-site', 'same-origin', 'x']],
  ['transfer-encoding', ['chunked']],
  ['x-csrf-token', ['', 'x', '\xff']],
  ['x-forwarded-for', ['127.0.0.1', 'x, y', '::', ',']],
  ['x-forwarded-host', ['evil.example.com']],
  ['x-forwarded-proto', ['https', 'x']],
  ['x-http-method-override', ['DELETE']],
  ['x-original-url', ['/v1/system']],
  ['x-request-id', ['x', '<script>']],
]

function headersOf(parameters: Parameter[]): fc.Arbitrary<Record<string, string>> {
  const own = parameters.filter((one) => one.in === 'header').map(({ name }) => name.toLowerCase())
  const pair = ([name, values]: (typeof oddHeaders)[number]): fc.Arbitrary<[string, string]> =>
    fc.constantFrom(...values).map((value) => [name, value])
  const often = oddHeaders.filter(([name]) => own.includes(name)).map(pair)
  const any = fc.oneof(...oddHeaders.map(pair))
  const one = often.length === 0 ? any : fc.oneof(...often, any)
  const some = fc.array(one, { minLength: 1, maxLength: 3 }).map((pairs) => Object.fromEntries(pairs))
  return fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: some })
}

function bodyOf(
  content: [type: string, { schema: unknown }][],
  components: Record<string, JsonSchema>,
  hints: (name: string) => fc.Arbitrary<unknown> | undefined,
): fc.Arbitrary<{ type: string; text: string } | undefined> {
  const types = fc.oneof(
    { weight: 8, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'application/json; charset=utf-16',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/problem+json',
        'image/png',
        '',
        'x',
        'application/json, text/html',
      ),
    },
  )
  const raw = fc.constantFrom(
    '',
    '{',
    '[',
    'null',
    '""',
    '0',
    '{"a":1}{"b":2}',
    '{"__proto__":{"x":1}}',
    '{"\\u005f_proto__":{"x":1}}',
    '[['.repeat(50),
    '\uFEFF{}',
    '{"a":"\\ud800"}',
    '\0',
    '-',
    '1e999',
    '{"name":1e999}',
  )
  const [declared] = content
  const json = declared === undefined ? hostileJson : following(declared[1].schema as JsonSchema, components, hints)
  const form = (value: unknown): string =>
    new URLSearchParams(
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([key, one]): [string, string] => [
            key,
            typeof one === 'string' ? one : (JSON.stringify(one) ?? ''),
          ])
        : [],
    ).toString()
  const isForm = declared?.[0] === 'application/x-www-form-urlencoded'
  const written = (values: fc.Arbitrary<unknown>): fc.Arbitrary<{ type: string; text: string }> =>
    isForm
      ? values.map((value) => ({ type: declared[0], text: form(value) }))
      : fc.tuple(types, values).map(([type, value]) => ({ type, text: JSON.stringify(value) ?? '' }))
  const others = { weight: 2, arbitrary: fc.record({ type: types, text: fc.oneof(raw, hostileText) }) }
  const none = fc.constant(undefined)
  if (declared === undefined) return fc.oneof({ weight: 6, arbitrary: none }, others)
  return fc.oneof(
    { weight: 5, arbitrary: written(json) },
    { weight: 6, arbitrary: written(mutated(json)) },
    { weight: 1, arbitrary: written(hostileJson) },
    others,
    { weight: 1, arbitrary: none },
  )
}

/** Undefined: it cannot be said in HTTP by node, so no server hears it from this client. */
export async function ask(url: string, asked: Asked, agent: Agent): Promise<Answered | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const { method, path, body } = asked
    // For GET and DELETE node says no length by itself.
    const framed = body === undefined || 'transfer-encoding' in asked.headers
    const headers = framed ? asked.headers : { ...asked.headers, 'content-length': Buffer.byteLength(body) }
    let sent: ReturnType<typeof send>
    try {
      sent = send({ hostname, port, method, path, headers, agent, timeout: 60_000 })
    } catch (error) {
      if (error instanceof TypeError) resolve(undefined)
      else reject(error instanceof Error ? error : new Error('send'))
      return
    }
    sent.on('timeout', () => sent.destroy(new Error('no answer within a minute')))
    sent.on('error', reject)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      const done = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        })
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', done)
      response.on('error', reject)
      // It would never end.
      if (String(response.headers['content-type']).startsWith('text/event-stream')) {
        sent.destroy()
        done()
      }
    })
    sent.end(body)
  })
}

const contractRoutes = new Map<string, Route>(Object.entries(routes))
/** What is said of the other side: its fault, or that it cannot be reached. */
const ofOthers = new Set(['provider_error', 'upstream_unreachable', 'upstream_timeout', 'provider_timeout'])
/** Statuses of what is wrong before there is a request to route. */
const ofWire = new Set([408, 417, 431])
/** Any route may say so. */
const ofAnyRoute = new Set([
  'unauthenticated',
  'forbidden',
  'not_found',
  'rate_limited',
  'malformed_request',
  'too_large',
  'unsupported_media_type',
])

/** Everything that is wrong with an answer. `principals`: with what they call. */
export function wrongWith(
  { path, method, operation }: Described,
  asked: Asked,
  answer: Answered,
  world: World,
): string[] {
  const wrong: string[] = []
  const { status, headers, text } = answer
  const type = String(headers['content-type'] ?? '')
  const said = `${JSON.stringify(headers)}\n${text}`
  const proxied = asked.path.startsWith('/v1/proxy/')
  const ours = !proxied || headers['mooring-error'] !== undefined
  if (headers['x-request-id'] === undefined) wrong.push('it has no X-Request-Id')
  if (headers['x-injected'] !== undefined) wrong.push('a header was injected')
  if (/node_modules|\/server\/src\/|\n\s+at .+:\d+:\d+/.test(said)) wrong.push('it shows a stack')
  if (type.includes('html') && text.includes('<script>alert(1)')) wrong.push('it repeats a script')
  if (!path.endsWith('/credentials'))
    wrong.push(
      ...world.needles.foundIn(said, path.startsWith('/v1/api-keys') ? [] : []).map((name) => `it shows ${name}`),
    )
  if (!ours) return wrong
  if (status >= 400 && asked.method !== 'HEAD') {
    if (type.includes('html')) {
      if (status >= 500 && ![502, 504].includes(status)) wrong.push(`a page answers ${status}`)
    } else wrong.push(...wrongProblem(answer, operation, asked.method.toLowerCase() === method))
  } else if (status >= 500) wrong.push(`it answers ${status}`)
  const route = contractRoutes.get(operation.operationId)
  if (status < 300 && route?.method === asked.method && route.reply !== null && type.includes('application/json')) {
    const parsed = route.reply.safeParse(JSON.parse(text))
    if (!parsed.success) wrong.push(`its reply is not what is documented: ${parsed.error.message.slice(0, 300)}`)
  }
  return wrong
}

function wrongProblem({ status, headers, text }: Answered, operation: Operation, asDocumented: boolean): string[] {
  if (!headers['content-type']?.includes('application/problem+json')) {
    return [`${status} comes as ${String(headers['content-type'])}`]
  }
  const parsed = Problem.strict().safeParse(JSON.parse(text))
  if (!parsed.success) return [`it is no problem document: ${parsed.error.message.slice(0, 300)}`]
  const { code, requestId, errors } = parsed.data
  const known = Object.entries(errorStatus).find(([name]) => name === code)
  const wrong: string[] = []
  const fits = known?.[1] === status || (code === 'malformed_request' && ofWire.has(status))
  if (!fits || parsed.data.status !== status) wrong.push(`${code} comes with ${status}`)
  if (requestId !== headers['x-request-id']) wrong.push('its request id is not the header’s')
  if (status === 401 && headers['www-authenticate'] === undefined) wrong.push('401 without WWW-Authenticate')
  if (status === 429 && headers['retry-after'] === undefined) wrong.push('429 without Retry-After')
  if (code === 'validation_failed' && !(errors && errors.length > 0)) wrong.push('validation_failed names no field')
  if (status >= 500 && !ofOthers.has(code)) wrong.push(`it answers ${status} ${code}: ${parsed.data.detail}`)
  const documented: readonly string[] = operation['x-error-codes']
  if (asDocumented && !documented.includes(code) && !ofAnyRoute.has(code)) wrong.push(`${code} is not documented`)
  return wrong
}
