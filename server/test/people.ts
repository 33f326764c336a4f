/** People for journeys: browsers that hold cookies, and the ways in. */
import { setupLink } from '../src/access/one_time.ts'
import { type Answer, type TestServer } from './harness.ts'

export const goodPassword = 'a quiet harbour 7'

export interface Person {
  /** As a page of the console calls: with the cookies, and on writes with the CSRF token. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  /** Without the CSRF token, and with whatever else. */
  bare: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  cookies: Map<string, string>
  csrfToken: () => string
  id: () => string
}

/** A browser at a server; more of them may share its cookies. */
export function browserAt(url: string, cookies = new Map<string, string>()): Person {
  let csrfToken = ''
  let id = ''
  const bare: Person['bare'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookies.size === 0 ? {} : { cookie: Array.from(cookies, (pair) => pair.join('=')).join('; ') }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const line of response.headers.getSetCookie()) keep(cookies, line)
    const text = await response.text()
    const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {}
    const known: Record<string, unknown> = { ...(parsed as object) }
    if (typeof known['csrfToken'] === 'string') {
      csrfToken = known['csrfToken']
      id = (known['user'] as { id: string }).id
    }
    return { status: response.status, headers: response.headers, body: known, text }
  }
  return {
    bare,
    cookies,
    csrfToken: () => csrfToken,
    id: () => id,
    call: (method, path, body, headers) =>
      bare(method, path, body, { ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }), ...headers }),
  }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const equals = pair.indexOf('=')
  const ended = attributes.some((one) => /^expires=thu, 01 jan 1970/i.test(one) || one === 'Max-Age=0')
  if (ended) cookies.delete(pair.slice(0, equals))
  else cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
}

export function tokenOf(url: unknown): string {
  return new URL(String(url)).hash.replace('#token=', '')
}

/** The first owner, signed in. */
export async function setUpOwner({ url, installation }: TestServer, name = 'Olga'): Promise<Person> {
  const link = await setupLink(installation.store, installation.workspaceId, Date.now(), url)
  const owner = browserAt(url)
  await demand(owner.bare('POST', '/v1/setup', { ...about(name), token: tokenOf(link) }), 201)
  return owner
}

/** Somebody whom this person invites with a role, signed in. */
export async function invited(server: TestServer, by: Person, name: string, role: string): Promise<Person> {
  const made = await demand(by.call('POST', '/v1/invitations', { role }), 201)
  const person = browserAt(server.url)
  const token = tokenOf(made.body['url'])
  await demand(person.bare('POST', '/v1/invitations/accept', { ...about(name), token }), 201)
  return person
}

export function emailOf(name: string): string {
  return `${name.toLowerCase()}@example.com`
}

function about(name: string): { name: string; email: string; password: string } {
  return { name, email: emailOf(name), password: goodPassword }
}

async function demand(answer: Promise<Answer>, status: number): Promise<Answer> {
  const got = await answer
  if (got.status !== status) throw new Error(`${got.status}: ${got.text}`)
  return got
}
