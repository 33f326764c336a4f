/**
 * Dynamic client registration (RFC 7591). Done only where it was asked for: it makes something at the provider. What it
 * brings goes into the draft and nowhere else; whoever asked stores it, or it is lost.
 */
import { MooringError } from '../errors.ts'
import { readDocument } from './document.ts'
import type { Way } from './draft.ts'
import { quoted } from './notes.ts'
import { addressIn } from './reader.ts'
import type { Tools } from './source.ts'
import { type Fields, textIn, textsIn } from './values.ts'

const ours: Record<string, string> = { client_secret_basic: 'header', client_secret_post: 'form', none: 'none' }

/** Throws provider_error, and what fetching throws. */
export async function register(way: Way, endpoint: string, metadata: Fields, tools: Tools): Promise<Way> {
  const { notes, publicUrl, random, reader } = tools
  const url = addressIn(endpoint, 'mcp')
  const callbackId = random(24)
  const offered = textsIn(metadata['token_endpoint_auth_methods_supported'])
  const method = ['client_secret_basic', 'client_secret_post', 'none'].find((each) => offered.includes(each))
  const answer = await reader.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      client_name: 'Mooring',
      redirect_uris: [`${publicUrl()}/oauth/callback/${callbackId}`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: method ?? 'client_secret_basic',
      ...(way.scopes === undefined || way.scopes.length === 0
        ? {}
        : { scope: way.scopes.map(({ value }) => value).join(' ') }),
    }),
  })
  const client = await readDocument(answer.text, 'mcp').catch((): Fields => ({}))
  const clientId = textIn(client['client_id'])
  if (answer.status < 200 || answer.status > 299 || clientId === undefined) {
    const error = textIn(client['error'])
    throw new MooringError('provider_error', {
      detail: `${url.host} did not register a client: it answered ${answer.status}${error === undefined ? '' : ` ${quoted(error)}`}.`,
      hint: 'Leave register out, and register an app with the provider by hand.',
    })
  }
  notes.add(
    'A client was registered at the authorization server for this draft. Store the draft: its client secret is shown this once, and an unused client stays registered there.',
  )
  if (client['registration_access_token'] !== undefined)
    notes.add('The token for changing the registration later was dropped.')
  const secret = textIn(client['client_secret'])
  const said = textIn(client['token_endpoint_auth_method']) ?? method ?? 'client_secret_basic'
  const clientAuthentication = secret === undefined ? 'none' : (ours[said] ?? 'header')
  return {
    ...way,
    callbackId,
    auth: {
      ...way.auth,
      ...(secret === undefined ? { grantType: 'authorization_code_pkce' } : { grantType: 'authorization_code' }),
      clientId,
      clientSecret: secret,
      clientAuthentication,
    },
  }
}
