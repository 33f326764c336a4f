/**
 * An MCP server, asked as a client without a token: its 401 names its metadata (RFC 9728), that names the authorization
 * server, and that server's metadata says the rest (MCP specification, "Authorization").
 */
import { MooringError } from '../errors.ts'
import { readDocument } from './document.ts'
import type { Found, Way } from './draft.ts'
import { discover, waysOfMetadata } from './metadata.ts'
import { quoted } from './notes.ts'
import { hostOf } from './places.ts'
import { addressIn, type Fetched } from './reader.ts'
import { register } from './registration.ts'
import type { Source, Tools } from './source.ts'
import { type Fields, fieldsIn, textIn, textsIn } from './values.ts'

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'Mooring', version: '1' } },
}
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

export const mcp: Source = {
  kind: 'mcp',
  async read({ mcp: given = '', register: asked }, tools): Promise<Found> {
    const { notes, reader } = tools
    const url = addressIn(given, 'mcp')
    const body = JSON.stringify(initialize)
    const answer = await reader.fetch(url, { method: 'POST', headers, body })
    const base = {
      name: url.hostname,
      baseUrl: url.href.replace(/[?].*$/, '').replace(/\/+$/, ''),
      hosts: [hostOf(url.href)],
      probe: { method: 'POST' as const, url: url.href, headers, body },
    }
    if (answer.status !== 401) return { ...base, ways: unprotected(answer, url, tools) }

    const challenge = answer.headers.get('www-authenticate') ?? ''
    const resource = await resourceMetadata(challenge, url, tools)
    const servers = textsIn(resource?.['authorization_servers'])
    const [issuer = url.origin] = servers
    if (servers.length === 0) notes.add(`${url.host} names no authorization server, so it was asked itself.`)
    if (servers.length > 1)
      notes.add(`Of its authorization servers the first was taken: ${servers.map(quoted).join(', ')}.`)
    const metadata = await discover(issuer, tools, 'mcp')
    const scopes = scopesOf(challenge, resource)
    const identifier = textIn(resource?.['resource']) ?? url.href
    const ways = waysOfMetadata(metadata, 'OAuth 2', notes, {
      resource: identifier,
      personOnly: true,
      ...(scopes === undefined ? {} : { scopes }),
    })
    return {
      ...base,
      name: textIn(resource?.['resource_name']) ?? base.name,
      ways: await client(ways, metadata, asked === true, tools),
    }
  },
}

function unprotected({ status }: Fetched, url: URL, { notes }: Tools): Way[] {
  if (status >= 200 && status < 300) {
    notes.add(`${url.host} answers without any authorization, so there is nothing to connect.`)
    return []
  }
  throw new MooringError('provider_error', {
    detail: `${url.host} answered ${status} to a first request, where an MCP server that wants authorization answers 401.`,
    hint: 'Is this the URL of its MCP endpoint, such as https://mcp.example.com/mcp?',
  })
}

/** RFC 9728, sections 3.1 and 5.1. Undefined where there is none. Throws provider_error for another's. */
async function resourceMetadata(challenge: string, url: URL, { notes, reader }: Tools): Promise<Fields | undefined> {
  const named = URL.parse(parameterOf(challenge, 'resource_metadata') ?? '', url.href)
  const path = url.pathname.replace(/\/+$/, '')
  const places = [`/.well-known/oauth-protected-resource${path}`, '/.well-known/oauth-protected-resource']
  const told = parameterOf(challenge, 'resource_metadata') !== undefined && named !== null
  for (const place of told ? [named] : places.map((each) => new URL(each, url.origin))) {
    const { status, text } = await reader.fetch(place, { headers: { accept: 'application/json' } })
    if (status !== 200) continue
    const metadata = await readDocument(text, 'mcp')
    const resource = textIn(metadata['resource'])
    // Section 3.3: metadata of another resource would send our tokens, and the person, somewhere else.
    if (resource === undefined || !covers(resource, url)) {
      throw new MooringError('provider_error', {
        detail: `The metadata of ${url.host} is about another resource (${quoted(resource ?? 'none')}).`,
        hint: 'Ask for the MCP server under the URL that its metadata names.',
      })
    }
    return metadata
  }
  notes.add(`${url.host} has no metadata of a protected resource (RFC 9728).`)
  return undefined
}

/** The resource itself, or one it stands below on the same origin, as MCP servers commonly name it. */
function covers(resource: string, url: URL): boolean {
  const named = URL.parse(resource)
  if (named === null || named.origin !== url.origin) return false
  const path = named.pathname.replace(/\/+$/, '')
  return url.pathname === path || url.pathname.startsWith(`${path}/`)
}

/** What the challenge asks for goes before all that there is (RFC 6750, section 3). */
function scopesOf(challenge: string, resource: Fields | undefined): string[] | undefined {
  const asked = parameterOf(challenge, 'scope')?.split(' ').filter(Boolean)
  return (
    asked ??
    (resource !== undefined && 'scopes_supported' in resource ? textsIn(resource['scopes_supported']) : undefined)
  )
}

function parameterOf(challenge: string, name: string): string | undefined {
  const [, text, token] = new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s,"]+))`, 'i').exec(challenge) ?? []
  return text ?? token
}

async function client(ways: Way[], metadata: Fields, asked: boolean, tools: Tools): Promise<Way[]> {
  const { notes } = tools
  const endpoint = textIn(metadata['registration_endpoint'])
  if (metadata['client_id_metadata_document_supported'] === true) {
    notes.add(
      'Its Client ID may be the URL of a client ID metadata document that you publish, without a client secret.',
    )
  }
  if (asked && endpoint === undefined) {
    throw new MooringError('provider_error', {
      detail: 'The authorization server takes no registrations (it names no registration endpoint).',
      hint: 'Leave register out, and register an app with the provider by hand.',
    })
  }
  if (endpoint === undefined) return ways
  if (!asked) {
    notes.add(
      'A client can be registered by itself (RFC 7591): import again with register: true, and id and secret come in the draft.',
    )
    return ways
  }
  const [way, ...rest] = ways
  return way === undefined ? [] : [await register(way, endpoint, fieldsIn(metadata), tools), ...rest]
}
