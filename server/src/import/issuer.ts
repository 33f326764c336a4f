/** An issuer, or the URL of its metadata. */
import type { Found } from './draft.ts'
import { demandIssuer, discover, issuerOf, metadataFrom, waysOfMetadata } from './metadata.ts'
import { addressIn } from './reader.ts'
import type { DocumentKind, Source, Tools } from './source.ts'
import { type Fields, textIn } from './values.ts'

export const issuer: Source = {
  kind: 'issuer',
  async read({ issuer: given = '' }, tools) {
    const url = addressIn(given, 'issuer')
    const metadata =
      issuerOf(url) === undefined ? await discover(given.trim(), tools, 'issuer') : await metadataFrom(url, tools)
    return foundIn(metadata, url, tools)
  },
}

/** Metadata that was found by its URL; believed where that is the place for it. */
export const metadataDocument: DocumentKind = {
  title: 'metadata of an authorization server',
  recognises: (document) =>
    textIn(document['issuer']) !== undefined && ('authorization_endpoint' in document || 'token_endpoint' in document),
  async found(document, { from }, tools) {
    const url = from ?? new URL('http://localhost')
    return foundIn(demandIssuer(document, issuerOf(url), url), url, tools)
  },
}

function foundIn(metadata: Fields, url: URL, { notes }: Tools): Found {
  notes.add('An authorization server does not say which API its tokens are for: fill in the base URL or the hosts.')
  return { name: url.hostname, ways: waysOfMetadata(metadata, 'OAuth 2', notes) }
}
