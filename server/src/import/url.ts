/** A document by its URL, whichever of the known kinds it is. */
import { readDocument, wrong } from './document.ts'
import type { Found } from './draft.ts'
import { metadataDocument } from './issuer.ts'
import { openApiDocument } from './openapi.ts'
import { postmanCollection } from './postman.ts'
import { MooringError } from '../errors.ts'
import { addressIn } from './reader.ts'
import type { DocumentKind, Source } from './source.ts'

const kinds: readonly DocumentKind[] = [openApiDocument, postmanCollection, metadataDocument]

export const url: Source = {
  kind: 'url',
  async read({ url: given = '' }, tools): Promise<Found> {
    const accept = 'application/json, application/yaml, text/yaml, text/plain;q=0.8, */*;q=0.5'
    const answer = await tools.reader.fetch(addressIn(given, 'url'), { headers: { accept } })
    if (answer.status !== 200) {
      throw new MooringError('provider_error', {
        detail: `${answer.url.host} answered ${answer.status} where a document was expected.`,
        hint: 'Open the URL in a browser: it must show the document itself, without signing in.',
      })
    }
    const titles = kinds.map(({ title }) => title).join(', ')
    if (/^\s*<(?:!doctype|html|head|body)/i.test(answer.text.slice(0, 1000)))
      throw wrong('url', 'This is a web page. Give the URL of the document itself, as JSON or YAML.')
    const document = await readDocument(answer.text, 'url')
    const kind = kinds.find((each) => each.recognises(document))
    if (kind === undefined) throw wrong('url', `What is there is none of: ${titles}.`)
    return kind.found(document, { from: answer.url, path: 'url' }, tools)
  },
}
