/** OpenAPI 3.0 and 3.1, and Swagger 2: what they say about servers and security (Security Scheme Object, section 4.8.27). */
import type { Found } from './draft.ts'
import { readDocument, wrong } from './document.ts'
import { waysOf } from './openapi_security.ts'
import { createResolver } from './refs.ts'
import { type Notes, quoted } from './notes.ts'
import { absolute, placesOf, type ServerUrl } from './places.ts'
import type { DocumentKind, Source } from './source.ts'
import { asOpenApi3 } from './swagger.ts'
import { type Fields, fieldsIn, listIn, textIn } from './values.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query']
/** Of one document; the largest public ones have some 10,000. */
const mostOperations = 30_000

export const openApiDocument: DocumentKind = {
  title: 'an OpenAPI document',
  recognises: (document) => 'openapi' in document || 'swagger' in document,

  async found(given, { from, path }, tools): Promise<Found> {
    const { notes } = tools
    const version = textIn(given['openapi']) ?? textIn(given['swagger']) ?? ''
    if (!/^3\.\d|^2\.0$/.test(version)) {
      const found = version === '' ? 'it names no version' : `it says version ${quoted(version)}`
      throw wrong(path, `This is not OpenAPI 3.0 or 3.1, nor Swagger 2.0: ${found} under openapi or swagger.`)
    }
    if (/^3\.[2-9]/.test(version)) notes.add(`OpenAPI ${quoted(version)} was read as 3.1.`)
    const resolve = createResolver(given, notes)
    const document = version === '2.0' ? asOpenApi3(given, from, resolve) : given
    const info = fieldsIn(document['info'])
    const operations = operationsOf(document, resolve, notes)
    const places = placesOf(serversOf(document, operations, from, notes), notes)
    if (places.baseUrl === undefined) notes.add('The document names no server with a whole URL; fill in the base URL.')
    const ways = await waysOf(document, operations, { from, baseUrl: places.baseUrl, resolve, tools })
    tellExtensions(document, notes)
    return {
      name: textIn(info['title']) ?? from?.hostname ?? 'Imported API',
      description: textIn(info['summary']) ?? textIn(info['description']),
      ...places,
      ways,
    }
  },
}

export const openapi: Source = {
  kind: 'openapi',
  async read({ openapi: given = '' }, tools) {
    const document = await readDocument(given, 'openapi')
    return openApiDocument.found(document, { path: 'openapi' }, tools)
  },
}

function operationsOf(document: Fields, resolve: (value: unknown) => Fields, notes: Notes): Fields[] {
  const operations: Fields[] = []
  for (const given of Object.values(fieldsIn(document['paths']))) {
    const item = resolve(given)
    if ('servers' in item) operations.push({ servers: item['servers'] })
    for (const method of methods) if (method in item) operations.push(fieldsIn(item[method]))
    if (operations.length > mostOperations) {
      notes.add(`Of the operations the first ${mostOperations} were looked at.`)
      break
    }
  }
  return operations
}

function serversOf(document: Fields, operations: Fields[], from: URL | undefined, notes: Notes): ServerUrl[] {
  const all = [document, ...operations].flatMap((holder) => listIn(holder['servers']))
  // Without any the default is /, where the document is (Server Object).
  const given = listIn(document['servers']).length === 0 ? [{ url: '/' }, ...all] : all
  const servers = new Map<string, ServerUrl>()
  for (const server of given) {
    const { url, variables } = fieldsIn(server)
    const text = textIn(url)
    if (text === undefined) continue
    const whole = absolute(text, from)
    if (whole !== undefined) servers.set(whole, servers.get(whole) ?? { url: whole, variables })
    else if (text !== '/') notes.add(`The server ${quoted(text)} is relative, and it is not known to what.`)
  }
  return [...servers.values()]
}

function tellExtensions(document: Fields, notes: Notes): void {
  const components = fieldsIn(document['components'])
  const holders = [document, fieldsIn(document['info']), components]
  for (const scheme of Object.values(fieldsIn(components['securitySchemes']))) {
    const flows = fieldsIn(fieldsIn(scheme)['flows'])
    holders.push(fieldsIn(scheme), flows, ...Object.values(flows).map(fieldsIn))
  }
  for (const server of listIn(document['servers'])) holders.push(fieldsIn(server))
  const names = new Set(holders.flatMap((holder) => Object.keys(holder)).filter((name) => name.startsWith('x-')))
  names.delete('x-amazon-apigateway-authtype')
  const shown = [...names].slice(0, 10).map(quoted).join(', ')
  if (names.size > 0) notes.add(`Extensions were not read: ${shown}${names.size > 10 ? ' …' : ''}.`)
}
