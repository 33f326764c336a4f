/** The contract as documents: OpenAPI 3.1 at `/v1/openapi.json`, and pages to read under `/docs`. */
import type { FastifyInstance } from 'fastify'
import type { Door } from '../access/door.ts'
import { settings } from '../config.ts'
import { documentedErrors } from './error_help.ts'
import { type OpenApi, openApi } from './openapi.ts'
import { page, pageHeaders } from './pages.ts'
import { prose, reference, table } from './reference.ts'

export function documentRoutes(
  app: FastifyInstance,
  { door, version, publicUrl }: { door: Door; version: string; publicUrl: () => string },
): void {
  // The public URL is known once the server listens, so nothing is made before the first request.
  let written: OpenApi | undefined
  const document = (): OpenApi => (written ??= openApi({ version, publicUrl: publicUrl() }))
  const texts = new Map<string, string>()
  const once = (name: string, make: () => string): string => {
    const text = texts.get(name) ?? make()
    texts.set(name, text)
    return text
  }
  app.get('/v1/openapi.json', async (request, reply) => {
    await door.authenticate(request)
    const text = once('openapi', () => JSON.stringify(document()))
    return reply.type('application/json; charset=utf-8').send(text)
  })
  const serve = (path: string, title: string, body: () => string): void => {
    app.get(path, async (_request, reply) => {
      const text = once(path, () => page(title, `${links(path)}\n${body()}`, { width: 'wide' }))
      return reply.headers(pageHeaders).type('text/html; charset=utf-8').send(text)
    })
  }
  serve('/docs', 'API reference', () => reference(document()))
  serve('/docs/errors', 'Errors', errorsPage)
  serve('/docs/settings', 'Settings', settingsPage)
}

const pages = [
  ['/docs', 'API'],
  ['/docs/errors', 'Errors'],
  ['/docs/settings', 'Settings'],
] as const

function links(current: string): string {
  const items = pages.map(
    ([path, label]) => `<li><a href="${path}"${path === current ? ' aria-current="page"' : ''}>${label}</a></li>`,
  )
  return `<nav class="pages" aria-label="Documents"><ul>${items.join('')}</ul></nav>`
}

/** Every setting of the environment, in the order of its table. */
export const documentedSettings = Object.entries(settings).map(([name, setting]) => ({
  name,
  doc: setting.doc,
  takes: setting.takes,
  /** As the page and the guide write it. */
  default: setting.default === null ? 'unset' : setting.default === '' ? 'empty' : `\`${setting.default}\``,
  secret: 'secret' in setting,
}))

function errorsPage(): string {
  return `<h1>Errors</h1>
<p>Errors are problem documents (RFC 9457, <code>application/problem+json</code>): <code>code</code> is one of these words and stays the same,
<code>detail</code> says what happened this time, <code>hint</code> names the fix where one is known, <code>errors</code> lists wrong fields.
Through the proxy, an answer of Mooring's own carries the header <code>Mooring-Error</code> with the code; without it the answer is the API's.</p>
${documentedErrors
  .map(
    ({ code, status, title, meaning, remedy }) => `<section class="operation" aria-labelledby="${code}">
<h2 id="${code}"><code>${code}</code></h2>
<p class="soft">${status} · ${prose(title)}</p>
<p>${prose(meaning)}</p>
<p><strong>What to do:</strong> ${prose(remedy)}</p>
</section>`,
  )
  .join('\n')}`
}

function settingsPage(): string {
  return `<h1>Settings</h1>
<p>Everything is set through the environment, and nothing has to be. A wrong value ends the start with one line that names the setting.
A secret may also be given as a file: <code>MOORING_KEYS_FILE=/run/secrets/keys</code> in place of <code>MOORING_KEYS</code>.</p>
${table(
  'Settings of the server',
  ['Name', 'What it is for', 'Takes', 'Default'],
  documentedSettings.map(({ name, doc, takes, default: preset, secret }) => [
    `<code>${name}</code>${secret ? `<br><span class="soft">secret; or <code>${name}_FILE</code></span>` : ''}`,
    prose(doc),
    prose(takes),
    prose(preset),
  ]),
)}`
}
