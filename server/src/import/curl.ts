/** A curl command. What it carries as credential is recognised by its place, asked for by the draft, and kept nowhere. */
import type { Auth, Probe } from '@mooring/contract'
import { wrong } from './document.ts'
import type { Found } from './draft.ts'
import { curlCall, type CurlCall } from './curl_options.ts'
import { parameterNameFrom } from './names.ts'
import type { Notes } from './notes.ts'
import { hostOf } from './places.ts'
import { looksSecret, namesCredential } from './secret_looks.ts'
import { shellWords } from './shell.ts'
import type { Source } from './source.ts'
import { type KeyParameter, targets } from './targets.ts'

/** A part of a call that proves who calls. */
type Credential = { key: KeyParameter; auth?: Auth } | { key?: undefined; auth: Auth }

export const curl: Source = {
  kind: 'curl',
  async read({ curl: given = '' }, { notes }): Promise<Found> {
    const { words, more, expansions, error } = shellWords(given)
    if (error !== undefined) throw wrong('curl', error)
    const start = words.findIndex((word) => !/^(?:\$|[A-Za-z_]\w*=.*)$/s.test(word))
    if (!/(?:^|[\\/])curl(?:\.exe)?$/i.test(words[start] ?? ''))
      throw wrong('curl', 'This is no command that starts with curl.')
    if (more) notes.add('What follows the first command was not looked at.')
    if (expansions) notes.add('Variables and commands of the shell stand as they were written; nothing was run.')

    const call = curlCall(words.slice(start + 1), notes)
    const url = urlOf(call.urls, notes)
    const credentials = [
      ...ofOptions(call, url, notes),
      ...ofHeaders(call, notes),
      ...ofCookies(call, notes),
      ...ofQuery(call, url),
    ]
    if (call.certificate && credentials.length === 0) credentials.push({ auth: targets.certificate() })
    else if (call.certificate) notes.add('The call also carries a client certificate, which was left out.')
    if (credentials.length === 0) notes.add('There is no credential in this call.')
    const auth = authOf(credentials, url, notes)
    const probe = probeOf(call, url, notes)
    return {
      name: url.hostname,
      baseUrl: url.origin,
      hosts: [hostOf(url.origin)],
      headers: constantsOf(call, notes),
      ...(probe === undefined ? {} : { probe }),
      ways: auth === undefined ? [] : [{ label: 'The call', auth }],
    }
  },
}

/** Throws validation_failed. Nothing of the URL goes into an error: any part of it may be secret. */
function urlOf(urls: string[], notes: Notes): URL {
  const [first] = urls.filter((each) => /^https?:\/\/|^[\w-]+(?:\.[\w-]+)+(?:[:/?]|$)|^localhost\b/i.test(each))
  if (first === undefined) throw wrong('curl', 'The command has no URL of http or https.')
  if (urls.length > 1) notes.add('The command has several URLs or words that are none; the first URL was taken.')
  const whole = /^https?:\/\//i.test(first) ? first : `https://${first}`
  const url = URL.parse(whole)
  if (url === null || url.hostname === '') throw wrong('curl', 'The URL of the command cannot be read.')
  if (whole !== first) notes.add('The URL names no protocol; https was taken.')
  return url
}

function ofOptions(call: CurlCall, url: URL, notes: Notes): Credential[] {
  const found: Credential[] = []
  const user = call.user !== undefined || url.username !== '' || url.password !== ''
  if (call.aws !== undefined) found.push({ auth: targets.aws(awsOf(call.aws, url)) })
  else if (call.scheme === 'digest' && user) found.push({ auth: targets.digest() })
  else if (call.scheme === 'ntlm' && user) found.push({ auth: targets.ntlm() })
  else if (user) found.push({ auth: targets.password() })
  if (call.user?.endsWith(':') === true)
    notes.add('The password is empty in this call: leave it empty when connecting, too.')
  if (call.bearer !== undefined) found.push(token('Bearer'))
  return found
}

/** `provider1[:provider2[:region[:service]]]`; what is left out is in the host, as in `sqs.eu-west-1.amazonaws.com`. */
function awsOf(option: string, url: URL): { service?: string; region?: string } {
  const [, , region, service] = option.split(':')
  const [inHost, second] = url.hostname.split('.')
  const regional = second !== undefined && /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(second) ? second : undefined
  return {
    ...defined('service', service || inHost),
    ...defined('region', region || regional || (url.hostname.endsWith('.amazonaws.com') ? 'us-east-1' : undefined)),
  }
}

function defined<N extends string>(name: N, value: string | undefined): { [K in N]?: string } {
  const entry: { [K in N]?: string } = {}
  if (value !== undefined) entry[name] = value
  return entry
}

function token(prefix: string): Credential {
  const key: KeyParameter = {
    name: 'Token',
    key: 'Authorization',
    location: 'header',
    prefix: prefix === '' ? '' : `${prefix} `,
  }
  return { key, auth: targets.token(prefix) }
}

function ofHeaders(call: CurlCall, notes: Notes): Credential[] {
  return call.headers.flatMap(([name, value]): Credential[] => {
    const lower = name.toLowerCase()
    if (lower === 'authorization') return [ofAuthorization(value)]
    if (lower === 'proxy-authorization') notes.add('The credential of a proxy was left out.')
    if (lower === 'cookie') call.cookies.push(value)
    if (kindOf(name, value) !== 'credential') return []
    return [{ key: { name: parameterNameFrom(name, 'Key'), key: name, location: 'header' } }]
  })
}

function ofAuthorization(value: string): Credential {
  const [, word = '', rest] = /^([A-Za-z][A-Za-z0-9-]{0,39})(?:\s+(.*))?$/s.exec(value) ?? []
  if (/^basic$/i.test(word)) return { auth: targets.password() }
  if (/^digest$/i.test(word)) return { auth: targets.digest() }
  if (/^oauth$/i.test(word) && /oauth_/.test(rest ?? '')) return { auth: targets.oauth1() }
  if (/^hawk$/i.test(word)) return { auth: targets.hawk() }
  const [, region, service] =
    /Credential=[^/,\s]+\/\d+\/([\w-]+)\/([\w-]+)\/aws4_request/.exec(rest?.slice(0, 2000) ?? '') ?? []
  if (region !== undefined && service !== undefined) return { auth: targets.aws({ region, service }) }
  // One word alone is the token itself; so is a first word that might be a part of it.
  if (rest === undefined || looksSecret(word) || /\d/.test(word)) return token('')
  const [inside] = /^[a-z_]{1,20}="?(?=\S)/i.exec(rest) ?? []
  if (inside === undefined) return token(/^bearer$/i.test(word) ? 'Bearer' : word)
  const key: KeyParameter = {
    name: 'Token',
    key: 'Authorization',
    location: 'header',
    prefix: `${word} ${inside.replace('"', '')}`,
  }
  return { key }
}

function ofCookies(call: CurlCall, notes: Notes): Credential[] {
  return call.cookies.flatMap((text) => {
    if (!text.includes('=')) notes.add('Cookies in a file were not read.')
    return text.split(';').flatMap((pair): Credential[] => {
      const [, name, value = ''] = /^\s*([^=\s]+)=(.*)$/s.exec(pair) ?? []
      if (name === undefined) return []
      if (!namesCredential(name) && !looksSecret(value)) {
        notes.add('Cookies that look like no credential were left out.')
        return []
      }
      return [{ key: { name: parameterNameFrom(name, 'Cookie'), key: name, location: 'cookie' } }]
    })
  })
}

function isCredential([name, value]: [string, string]): boolean {
  return namesCredential(name) || looksSecret(value)
}

/** Fields of the query, and of a form. */
function ofQuery(call: CurlCall, url: URL): Credential[] {
  const form = [...new URLSearchParams(call.data.filter((each) => /^[\w.[\]-]+=/.test(each)).join('&'))]
  const fields: [KeyParameter['location'], [string, string][]][] = [
    ['query', [...url.searchParams, ...(call.get ? form : [])]],
    ['form', call.get ? [] : form],
  ]
  return fields.flatMap(([location, pairs]) =>
    pairs
      .filter((pair) => (location === 'query' ? isCredential(pair) : namesCredential(pair[0])))
      .map(([key]): Credential => ({ key: { name: parameterNameFrom(key, 'Key'), key, location } })),
  )
}

/** What browsers and libraries add to each call by themselves, or what belongs to one call alone. */
const incidental =
  /^(?:accept(?:-(?:language|encoding|charset))?|user-agent|referer|origin|host|connection|content-.*|transfer-encoding|cache-control|pragma|dnt|te|priority|expect|date|upgrade.*|sec-.*|if-.*|idempotency-key|x-request(?:ed)?-.*|trace(?:parent|state)|cookie|proxy-.*|authorization|x-amz-.*|mooring-.*)$/i

function kindOf(name: string, value: string): 'credential' | 'constant' | 'incidental' {
  if (/^accept$/i.test(name) && /^application\/vnd\.[\w.+-]{1,60}$/.test(value)) return 'constant'
  if (incidental.test(name)) return 'incidental'
  return namesCredential(name) || looksSecret(value) ? 'credential' : 'constant'
}

function constantsOf({ headers }: CurlCall, notes: Notes): Record<string, string> {
  const constants = headers.filter(([name, value]) => value !== '' && kindOf(name, value) === 'constant').slice(0, 20)
  if (constants.length > 0) notes.add(`Sent with every call: ${constants.map(([name]) => name).join(', ')}.`)
  return Object.fromEntries(constants)
}

function authOf(credentials: Credential[], url: URL, notes: Notes): Auth | undefined {
  const [first] = credentials
  if (first === undefined) return undefined
  if (credentials.length === 1 && first.auth !== undefined) return first.auth
  const keys = credentials.flatMap(({ key }) => key ?? [])
  const whole = credentials.filter(({ key }) => key === undefined)
  if (whole.length === 0) return targets.keys(unique(keys))
  const names = keys.map(({ key }) => key).join(', ')
  if (keys.length > 0)
    notes.add(`Besides, the call carries ${names}. A service sends one of them; callers add the other to each call.`)
  if (whole.length > 1) notes.add(`The call to ${url.host} carries several credentials; the first was taken.`)
  return whole[0]?.auth
}

function unique(keys: KeyParameter[]): KeyParameter[] {
  const places = keys.map(({ key, location }) => `${location} ${location === 'header' ? key.toLowerCase() : key}`)
  return keys.filter((_, index) => places.indexOf(places[index] ?? '') === index)
}

/** The call itself where it only reads, without what looks like a secret. */
function probeOf(call: CurlCall, url: URL, notes: Notes): Probe | undefined {
  const method = call.method ?? (call.otherBody || (call.data.length > 0 && !call.get) ? 'POST' : 'GET')
  if (method !== 'GET') {
    notes.add(
      `The call is a ${/^[A-Z]{1,10}$/.test(method) ? method : 'write'}, so it is no test of the connection; give the draft a probe that only reads.`,
    )
    return undefined
  }
  if (decodedPath(url).split('/').some(looksSecret)) {
    notes.add('A part of the path looks like a secret or an id, so the call was not taken as a test of the connection.')
    return undefined
  }
  const query = new URLSearchParams([...url.searchParams].filter((pair) => !isCredential(pair))).toString()
  return { method: 'GET', path: `${url.pathname}${query === '' ? '' : `?${query}`}` }
}

function decodedPath({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
