/** A service, for people. */
import type { Service } from '@mooring/sdk'
import { type Output, plain } from '../../output.ts'
import { relativeTime, stageWords } from '../../words.ts'

export function printService(output: Output, service: Service, now: Date): void {
  if (output.json) {
    output.printJson(service)
    return
  }
  const { auth, hosts, scopes } = service
  output.details([
    ['Service', `${service.linkName} (${plain(service.name)})`],
    ['Stage', stageWords(service.stage, output.style)],
    ['Description', service.description === '' ? undefined : plain(service.description)],
    ['Base URL', service.baseUrl === null ? undefined : plain(service.baseUrl)],
    ['Hosts', service.anyHost ? 'any' : hosts.length === 0 ? 'none yet' : plain(hosts.join(', '))],
    ['Callback URL', service.callbackUrl],
    ['Connections', String(service.connectionCount)],
    ['Changed', relativeTime(service.updatedAt, now)],
    ['Scopes', scopes.length === 0 ? undefined : plain(scopes.map(({ value }) => value).join(' '))],
    ['Authentication', auth === null ? 'not chosen yet' : auth.type],
    ...Object.entries(auth ?? {})
      .filter(([name, value]) => name !== 'type' && saysSomething(value))
      .map(([name, value]): [string, string] => [`  ${name}`, settingWords(value)]),
  ])
  for (const { path, message } of service.warnings) output.note(`! ${plain(path)}: ${plain(message)}`, 'yellow')
}

/** Most settings of a type are left as they are; `--json` has them all. */
function saysSomething(value: unknown): boolean {
  if (value === null || value === false || value === '') return false
  return typeof value !== 'object' || Object.values(value).some(saysSomething)
}

/** A setting on one line; secrets never come back, only that they are set. */
function settingWords(value: unknown): string {
  if (typeof value === 'string') return plain(value)
  if (typeof value === 'object' && value !== null && 'set' in value && value.set === true) return '(set)'
  return plain(JSON.stringify(value))
}
