/** Swagger 2.0 in the words of OpenAPI 3, as far as servers and security go. */
import { type Fields, fieldsIn, textIn, textsIn } from './values.ts'

const flows: Record<string, string> = {
  accessCode: 'authorizationCode',
  application: 'clientCredentials',
  implicit: 'implicit',
  password: 'password',
}

export function asOpenApi3(document: Fields, from: URL | undefined, resolve: (value: unknown) => Fields): Fields {
  const schemes = Object.entries(fieldsIn(document['securityDefinitions'])).map(([name, given]): [string, Fields] => [
    name,
    schemeOf(resolve(given)),
  ])
  return {
    ...document,
    servers: serversOf(document, from),
    components: { securitySchemes: Object.fromEntries(schemes) },
  }
}

function serversOf(document: Fields, from: URL | undefined): Fields[] {
  const host = textIn(document['host']) ?? from?.host
  if (host === undefined) return []
  const base = textIn(document['basePath']) ?? ''
  const schemes = textsIn(document['schemes']).filter((scheme) => /^https?$/.test(scheme))
  const own = from?.protocol.replace(':', '') ?? 'https'
  return (schemes.length === 0 ? [own] : schemes.includes('https') ? ['https'] : schemes).map((scheme) => ({
    url: `${scheme}://${host}${base === '' || base.startsWith('/') ? base : `/${base}`}`,
  }))
}

function schemeOf(given: Fields): Fields {
  if (given['type'] === 'basic') return { ...given, type: 'http', scheme: 'basic' }
  if (given['type'] !== 'oauth2') return given
  const { flow, authorizationUrl, tokenUrl, scopes, ...rest } = given
  const name = flows[textIn(flow) ?? ''] ?? textIn(flow) ?? 'unnamed'
  return { ...rest, type: 'oauth2', flows: { [name]: { authorizationUrl, tokenUrl, scopes } } }
}
