/** How programs call through a connection; the key is always a variable, never a key. */

import { curlFor } from './curl.ts'

export interface SnippetFacts {
  /** Of this server, as programs reach it. */
  url: string
  linkName: string
  /** A path under the base URL, or a whole URL where the service has none. */
  target: string
  method: string
  /** Each user authorizes for themself, so a call names the user. */
  perUser: boolean
}

export interface Snippet {
  value: string
  label: string
  code: string
}

/** A made-up user, for whoever copies it to replace. */
const someUser = 'user-id'

/** A call through the proxy in the languages people use most. */
export function proxySnippets({ url, linkName, target, method, perUser }: SnippetFacts): Snippet[] {
  const address = text(`${url}/v1/proxy/${linkName}/${target.replace(/^\//, '')}`)
  const user = perUser ? someUser : undefined
  return [
    { value: 'curl', label: 'curl', code: curlFor({ origin: url, connection: linkName, method, target, user }) },
    {
      value: 'typescript',
      label: 'TypeScript',
      code: lines(
        `const response = await fetch(${address}, {`,
        method !== 'GET' && `  method: '${method}',`,
        '  headers: {',
        '    Authorization: `Bearer ${process.env.MOORING_API_KEY}`,',
        perUser && `    'Mooring-User': '${someUser}',`,
        '  },',
        '})',
        'console.log(response.status, await response.text())',
      ),
    },
    {
      value: 'python',
      label: 'Python',
      code: lines(
        'import os',
        'import requests',
        '',
        `response = requests.request('${method}', ${address}, headers={`,
        `    'Authorization': 'Bearer ' + os.environ['MOORING_API_KEY'],`,
        perUser && `    'Mooring-User': '${someUser}',`,
        '})',
        'print(response.status_code, response.text)',
      ),
    },
  ]
}

/** The same with the SDK, and with `invoke`, which answers with the call as data. */
export function clientSnippets({ url, linkName, target, method, perUser }: SnippetFacts): Snippet[] {
  // In single quotes on a command line.
  const body = JSON.stringify({
    url: target,
    ...(method === 'GET' ? {} : { method }),
    ...(perUser ? { user: someUser } : {}),
  }).replaceAll("'", String.raw`'\''`)
  const options = [method === 'GET' ? '' : `method: '${method}'`, perUser ? `user: '${someUser}'` : ''].filter(Boolean)
  const made = [
    "import { createClient } from '@mooring/sdk'",
    '',
    '// Takes the key from MOORING_API_KEY.',
    `const mooring = createClient({ url: '${url}' })`,
  ]
  return [
    {
      value: 'sdk',
      label: 'SDK',
      code: lines(
        ...made,
        `const response = await mooring.connections.fetch('${linkName}', ${text(target)}${options.length === 0 ? '' : `, { ${options.join(', ')} }`})`,
        'console.log(response.status, await response.text())',
      ),
    },
    {
      value: 'sdk_invoke',
      label: 'SDK, invoke',
      code: lines(
        ...made,
        `const { status, body } = await mooring.connections.invoke('${linkName}', { ${[`url: ${text(target)}`, ...options].join(', ')} })`,
        'console.log(status, body)',
      ),
    },
    {
      value: 'curl_invoke',
      label: 'curl, invoke',
      code: lines(
        `curl "${url}/v1/connections/${linkName}/invoke" \\`,
        '  -H "Authorization: Bearer $MOORING_API_KEY" \\',
        '  -H "Content-Type: application/json" \\',
        `  -d '${body}'`,
      ),
    },
  ]
}

/** As a string of TypeScript or Python. */
function text(value: string): string {
  return /['\\\n]/.test(value) ? JSON.stringify(value) : `'${value}'`
}

function lines(...all: (string | false)[]): string {
  return all.filter((line) => line !== false).join('\n')
}
