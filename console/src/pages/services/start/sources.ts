/** What a service can be started from, and how each is asked for. */
import type { ImportInput } from '@mooring/sdk'

/** The one field that asks for it. */
export interface Asked {
  /** Its label. */
  field: string
  help: string
  example: string
  /** A document may be a file too, and is pasted over many lines; others are one line or a command. */
  kind: 'document' | 'command' | 'address'
  /** Whether a client can be registered there in the same step. */
  registers?: true
}

export interface StartSource extends Asked {
  id: string
  label: string
  /** One line on its card. */
  says: string
  /** The request for what was given. */
  input: (given: string) => ImportInput
}

export const startSources: readonly StartSource[] = [
  {
    id: 'openapi',
    label: 'API description',
    says: 'OpenAPI 3 or Swagger 2, as JSON or YAML',
    field: 'The document, or its URL',
    help: 'Most providers publish one in their developer documentation, often as openapi.json or swagger.yaml.',
    example: 'https://api.example.com/openapi.json',
    kind: 'document',
    input: (given) => (isAddress(given) ? { url: given } : { openapi: given }),
  },
  {
    id: 'curl',
    label: 'curl command',
    says: 'A call that works, such as one from the documentation',
    field: 'The command',
    help: 'It is read, not run. How the credential is sent is taken over; the credential itself is never kept.',
    example: "curl https://api.example.com/v1/me -H 'Authorization: Bearer …'",
    kind: 'command',
    input: (given) => ({ curl: given }),
  },
  {
    id: 'issuer',
    label: 'Sign-in server',
    says: 'An OpenID Connect or OAuth 2 issuer that describes itself',
    field: 'Issuer or metadata URL',
    help: 'Its own description says where people sign in and where tokens come from.',
    example: 'https://login.example.com',
    kind: 'address',
    input: (given) => ({ issuer: given }),
  },
  {
    id: 'postman',
    label: 'Postman collection',
    says: 'An exported collection, version 2.0 or 2.1',
    field: 'The collection, or its URL',
    help: 'In Postman: the collection’s menu, Export. Values of variables that look like secrets are not taken over.',
    example: 'https://example.com/collection.json',
    kind: 'document',
    input: (given) => (isAddress(given) ? { url: given } : { postman: given }),
  },
  {
    id: 'mcp',
    label: 'MCP server',
    says: 'Its URL is enough: it says how to sign in',
    field: 'URL of the MCP server',
    help: 'It is asked once, without a credential, where its authorization server is.',
    example: 'https://mcp.example.com/mcp',
    kind: 'address',
    registers: true,
    input: (given) => ({ mcp: given }),
  },
]

/** Not a draft of something foreign but a whole definition: it may stand for a service that is there already. */
export const definitionSource: Omit<StartSource, 'input'> = {
  id: 'file',
  label: 'Definition file',
  says: 'A service exported from Mooring, as YAML or JSON',
  field: 'The definition',
  help: 'Where a service of its link name is there already, you see first what the file would change.',
  example: 'kind: service\nversion: 1\nlinkName: …',
  kind: 'document',
}

/** One line that is a URL: the document is there. */
function isAddress(given: string): boolean {
  return /^https?:\/\/\S+$/i.test(given)
}
