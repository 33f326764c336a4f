import type { RouteBodyInput, Routes, Service } from '@mooring/sdk'
import { command } from '../../command.ts'
import { Failure, UsageError } from '../../failure.ts'
import { readText } from '../../input.ts'
import { plain } from '../../output.ts'

type Source = RouteBodyInput<Routes['importServices']>
const kinds = ['openapi', 'url', 'issuer', 'curl', 'mcp', 'postman'] as const
type Kind = (typeof kinds)[number]

export const importService = command({
  name: 'services import',
  summary: 'Make drafts from a document, a curl command, an issuer or an MCP server',
  takes: ['source'],
  options: {
    as: { type: 'string', value: 'kind', help: `What it is, where that cannot be told: ${kinds.join(', ')}` },
    register: { type: 'boolean', help: 'For an MCP server: register a client there; needs --create or --json' },
    create: { type: 'boolean', help: 'Store the drafts' },
    only: { type: 'string', value: 'number', multiple: true, help: 'Only this draft, counted from 1' },
  },
  notes: [
    [
      'The source is a file, a URL, or - for stdin. A file may hold OpenAPI or Swagger (JSON or YAML), a Postman collection, or a curl command.',
      'A URL is fetched by the server. Without --create nothing is stored; credentials are never taken over.',
    ].join('\n'),
  ],
  examples: [
    ['See what a document becomes', 'mooring services import openapi.yaml'],
    ['Store the second of its drafts', 'mooring services import openapi.yaml --create --only 2'],
    ['From the clipboard', 'pbpaste | mooring services import -'],
    ['What an authorization server tells', 'mooring services import https://login.example.com --as issuer'],
  ],
  async run({ argument, values }, { client, output, stdin }) {
    const source = await sourceOf(argument('source'), values.as, stdin)
    if (values.register === true) {
      if (!('mcp' in source)) throw new UsageError('--register is for an MCP server: --as mcp.')
      if (values.create !== true && !output.json)
        throw new UsageError('--register needs --create or --json, or the registered client would be lost.')
      source.register = true
    }
    const { services, notes, missing } = await client.services.import(source)
    const chosen = choose(services.length, values.only)
    const made: Service[] = []
    if (values.create === true) {
      for (const index of chosen) {
        const draft = services[index]
        if (draft !== undefined) made.push(await client.services.create(draft))
      }
    }
    if (output.json) {
      output.printJson(values.create === true ? { services: made, notes } : { services, notes, missing })
      return
    }
    output.table(
      ['', 'name', 'type', 'base url', 'still to fill in'],
      chosen.flatMap((index) => {
        const draft = services[index]
        if (draft === undefined) return []
        const lacks = missing.filter(({ service }) => service === index).map(({ path }) => path)
        const cells = [draft.name, draft.auth?.type ?? '–', draft.baseUrl ?? '–', lacks.join(' ') || 'nothing']
        return [[String(index + 1), ...cells.map(plain)]]
      }),
    )
    for (const note of notes) output.note(`- ${plain(note)}`)
    if (services.length === 0) throw new Failure('There is nothing here that a draft could be made of.')
    for (const { linkName } of made) output.note(`Stored as a draft: mooring services show ${linkName}`)
    if (values.create !== true) output.note('Nothing was stored. Store the drafts with --create.')
  },
})

function choose(count: number, only: string[] | undefined): number[] {
  const all = Array.from({ length: count }, (_, index) => index)
  if (only === undefined) return all
  for (const number of only) {
    if (!all.includes(Number(number) - 1))
      throw new UsageError(`--only takes a number from 1 to ${count}, not ${number}.`)
  }
  return all.filter((index) => only.some((number) => Number(number) - 1 === index))
}

async function sourceOf(given: string, as: string | undefined, stdin: NodeJS.ReadableStream): Promise<Source> {
  const kind = kinds.find((each) => each === as)
  if (as !== undefined && kind === undefined) throw new UsageError(`--as takes one of: ${kinds.join(', ')}.`)
  if (/^https?:\/\//i.test(given)) return sourceAt(kind ?? kindOfUrl(given), given)
  const text = await readText(given, stdin)
  const told = kind ?? kindOfText(text)
  return sourceAt(told, told === 'openapi' || told === 'postman' || told === 'curl' ? text : text.trim())
}

function sourceAt(kind: Kind, value: string): Source {
  return { [kind]: value }
}

/** The server tells documents apart by what is in them; metadata has its own places (RFC 8414). */
function kindOfUrl(url: string): Kind {
  return url.includes('/.well-known/') ? 'issuer' : 'url'
}

function kindOfText(text: string): Kind {
  if (/^\s*(?:\$\s+)?(?:[\w./\\-]*[\\/])?curl(?:\.exe)?\s/i.test(text)) return 'curl'
  if (/^\s*https?:\/\/\S+\s*$/i.test(text)) return kindOfUrl(text.trim())
  return /getpostman\.com\/json\/collection|"_postman_id"/.test(text.slice(0, 20_000)) ? 'postman' : 'openapi'
}
