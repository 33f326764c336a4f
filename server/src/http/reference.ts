/** `/docs`: the OpenAPI document as a page to read, made from the same object. */
import type { OpenApi, Operation } from './openapi.ts'
import type { Parameter, Schema } from './operations.ts'
import { escape } from './pages.ts'

/** Code in backticks and line ends of plain text, as HTML. */
export function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

/**
 * A table in a box of its own, which scrolls where the page is narrower. Heads are text, cells are HTML. Columns in which
 * no row says anything are left out.
 */
export function table(caption: string, allHeads: string[], allRows: string[][]): string {
  if (allRows.length === 0) return ''
  const filled = allHeads.map((_, column) => allRows.some((row) => row[column] !== ''))
  const heads = allHeads.filter((_, column) => filled[column])
  const rows = allRows.map((row) => row.filter((_, column) => filled[column]))
  const head = heads.map((each) => `<th scope="col">${escape(each)}</th>`).join('')
  const body = rows
    .map(
      ([first = '', ...cells]) =>
        `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<div class="scroll" role="group" aria-label="${escape(caption)}" tabindex="0"><table><caption>${escape(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>`
}

/** One route; several where methods share everything, as in the proxy. */
interface Entry {
  methods: string[]
  path: string
  operation: Operation
}

export function reference(document: OpenApi): string {
  const entries = entriesOf(document)
  const byTag = document.tags.map((tag) => ({
    ...tag,
    slug: `tag-${tag.name.toLowerCase().replaceAll(' ', '-')}`,
    entries: entries.filter(({ operation }) => operation.tags[0] === tag.name),
  }))
  const objects = Object.entries(document.components.schemas)
  return `<h1>API reference</h1>
<p>${prose(document.info.description)} Base URL: <code>${escape(document.servers[0]?.url ?? '')}</code>. Callers send
<code>Authorization: Bearer mk_…</code>; every reply carries <code>X-Request-Id</code>. Programs read the same contract at <code>/v1/openapi.json</code>.</p>
<nav class="contents" aria-label="Contents">
${byTag.map(contents).join('\n')}
<div><p><a href="#objects">Objects</a></p><ul>${objects.map(([name]) => `<li><a href="#object-${name}">${name}</a></li>`).join('')}</ul></div>
</nav>
${byTag
  .map(
    ({ name, slug, description, entries: its }) =>
      `<section aria-labelledby="${slug}"><h2 id="${slug}">${escape(name)}</h2><p class="soft">${prose(description)}</p>
${its.map((entry) => entryHtml(entry, document)).join('\n')}</section>`,
  )
  .join('\n')}
<section aria-labelledby="objects"><h2 id="objects">Objects</h2>
${objects.map(objectHtml).join('\n')}</section>`
}

function entriesOf({ paths }: OpenApi): Entry[] {
  return Object.entries(paths).flatMap(([path, operations]) => {
    const entries: Entry[] = []
    for (const [method, operation] of Object.entries(operations)) {
      const same = entries.find((entry) => entry.operation.summary === operation.summary)
      if (same === undefined) entries.push({ methods: [method], path, operation })
      else same.methods.push(method)
    }
    return entries
  })
}

function contents({ name, slug, entries }: { name: string; slug: string; entries: Entry[] }): string {
  const links = entries.map(
    ({ operation }) => `<li><a href="#${operation.operationId}">${escape(operation.summary)}</a></li>`,
  )
  return `<div><p><a href="#${slug}">${escape(name)}</a></p><ul>${links.join('')}</ul></div>`
}

function entryHtml({ methods, path, operation }: Entry, document: OpenApi): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const [[status, reply] = ['', undefined], ...others] = Object.entries(responses).filter(
    ([, each]) => each.content?.['application/problem+json'] === undefined,
  )
  const codes = operation['x-error-codes'].map((code) => `<a href="/docs/errors#${code}"><code>${code}</code></a>`)
  return `<article class="operation">
<h3 id="${operationId}">${escape(summary)}</h3>
<p class="route">${methods.map((method) => `<strong>${method.toUpperCase()}</strong>`).join(' ')} <code>${breakable(path)}</code></p>
${description === undefined ? '' : `<p>${prose(description)}</p>`}
${operation.security === undefined ? '' : '<p class="soft">No API key is needed.</p>'}
${table('Parameters', ['Name', 'In', 'Type', 'Limits', 'Required', 'Meaning'], parameters.map(parameterRow))}
${bodyHtml(requestBody, document.components.schemas)}
${reply === undefined ? '' : replyHtml(status, reply.content, reply.description === summary ? '' : reply.description)}
${others.map(([code, other]) => `<p><strong>${escape(code)}</strong> ${prose(other.description)}</p>`).join('\n')}
${codes.length === 0 ? '' : `<p>Errors: ${codes.join(', ')}</p>`}
</article>`
}

function parameterRow({ name, in: place, required, schema, description = '' }: Parameter): string[] {
  return [
    `<code>${escape(name)}</code>`,
    place,
    typeOf(schema),
    limits(schema),
    required ? 'yes' : 'no',
    prose(description),
  ]
}

/** A body is looked up to be written, so its fields stand here even where they are an object's. */
function bodyHtml(body: Operation['requestBody'], objects: Record<string, Schema>): string {
  if (body === undefined) return ''
  const named = objects[body.content['application/json']?.schema.$ref?.split('/').at(-1) ?? '']
  return `${contentHtml('Body', body.content, body.required ? '' : 'It may be left out.')}
${named === undefined ? '' : fieldTables('Body fields', named)}`
}

function replyHtml(status: string, content: Content, description: string): string {
  const label = status === 'default' ? 'Reply' : `Reply ${status}`
  return (
    contentHtml(label, content, description) ||
    `<p><strong>${escape(label)}</strong> ${prose(description) || 'No body.'}</p>`
  )
}

type Content = Record<string, { schema: Schema }> | undefined

/** What travels, and its fields in a table where they are this route's own. */
function contentHtml(label: string, content: Content, description: string): string {
  if (content === undefined) return ''
  const kinds = Object.entries(content).map(([type, { schema }]) =>
    type === 'application/json'
      ? schema.properties === undefined
        ? typeOf(schema)
        : 'JSON'
      : `<code>${escape(type)}</code>`,
  )
  const fields = content['application/json']?.schema ?? {}
  return `<p><strong>${escape(label)}</strong> ${kinds.join(' or ')}${description === '' ? '' : `. ${prose(description)}`}</p>
${fieldTables(`${label} fields`, fields)}`
}

function objectHtml([name, schema]: [string, Schema]): string {
  const { title, description } = schema
  return `<article class="operation"><h3 id="object-${name}">${name}</h3>
${title === undefined && description === undefined ? '' : `<p>${title === undefined ? '' : `${escape(title)}. `}${prose(description ?? '')}</p>`}
${fieldTables(`Fields of ${name}`, schema) || `<p>${typeOf(schema)}</p>`}</article>`
}

/** One table; one an alternative where the object has several. */
function fieldTables(caption: string, schema: Schema): string {
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []).filter((each) => each.properties !== undefined)
  const described = alternatives.length > 0 ? alternatives : [schema]
  return described
    .map((each, index) =>
      table(
        described.length === 1 ? caption : `${caption}, ${index === 0 ? 'either' : 'or'}`,
        ['Field', 'Type', 'Limits', 'Required', 'Meaning'],
        fieldRows(each, ''),
      ),
    )
    .join('\n')
}

/** Fields with those of objects inside them: `steps[].at`. */
function fieldRows(schema: Schema, under: string): string[][] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const field = typeof value === 'boolean' ? {} : value
    const { schema: inner, suffix } = objectInside(field)
    const path = under + name
    return [
      [
        `<code>${breakable(path)}</code>`,
        typeOf(field),
        limits(field),
        required.has(name) ? 'yes' : 'no',
        [field.title, field.description]
          .filter((text) => text !== undefined)
          .map(prose)
          .join(': '),
      ],
      ...(inner === undefined ? [] : fieldRows(inner, `${path}${suffix}.`)),
    ]
  })
}

/** An object written in place: the field itself, an item of it, or one alternative. */
function objectInside(schema: Schema, suffix = ''): { schema: Schema | undefined; suffix: string } {
  if (schema.properties !== undefined) return { schema, suffix }
  const { items } = schema
  if (items !== undefined && !Array.isArray(items) && typeof items !== 'boolean')
    return objectInside(items, `${suffix}[]`)
  for (const each of schema.anyOf ?? []) {
    const found = objectInside(each, suffix)
    if (found.schema !== undefined) return found
  }
  return { schema: undefined, suffix }
}

function typeOf(schema: Schema): string {
  const name = schema.$ref?.split('/').at(-1)
  if (name !== undefined) return `<a href="#object-${escape(name)}">${escape(name)}</a>`
  if (schema.const !== undefined) return `<code>${escape(String(schema.const))}</code>`
  if (schema.enum !== undefined) return schema.enum.map((value) => `<code>${escape(String(value))}</code>`).join(' ')
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(' or ')
  if (Array.isArray(schema.type)) return schema.type.join(' or ')
  const { items, additionalProperties: values } = schema
  if (schema.type === 'array')
    return `list of ${typeof items === 'object' && !Array.isArray(items) ? typeOf(items) : 'anything'}`
  if (schema.type === 'object' && schema.properties === undefined && typeof values === 'object')
    return Object.keys(values).length === 0 ? 'object' : `object of ${typeOf(values)}`
  return schema.type ?? 'anything'
}

function limits(schema: Schema): string {
  const range = (min: number | undefined, max: number | undefined, unit: string): string[] => {
    const least = min === undefined || min === 0 ? undefined : min
    const most = max === undefined || max >= Number.MAX_SAFE_INTEGER ? undefined : max
    if (least !== undefined && most !== undefined) return [`${least} to ${most}${unit}`]
    if (most !== undefined) return [`at most ${most}${unit}`]
    return least === undefined || least <= Number.MIN_SAFE_INTEGER ? [] : [`at least ${least}${unit}`]
  }
  const only = (schema.anyOf ?? []).filter((each) => each.type !== 'null')
  const own = only.length === 1 && only[0] !== undefined ? { ...only[0], ...schema } : schema
  return [
    ...range(own.minLength, own.maxLength, ' characters').map(escape),
    ...range(own.minimum, own.maximum, '').map(escape),
    ...range(own.minItems, own.maxItems, ' items').map(escape),
    ...(own.pattern === undefined ? [] : [`matches <code>${escape(own.pattern)}</code>`]),
    ...(own.writeOnly === true ? ['secret'] : []),
    ...(own.default === undefined || own.default === null
      ? []
      : [`default <code>${escape(JSON.stringify(own.default))}</code>`]),
  ].join('; ')
}

/** Long paths may break at their slashes and dots. */
function breakable(path: string): string {
  return escape(path).replaceAll(/([/.])/g, '$1<wbr>')
}
