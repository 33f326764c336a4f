/** How requests are written down for the live preview: as they go out, with dots in the place of secrets. */
import { formType } from './request.ts'
import type { Description, Outlook } from './scheme.ts'

export const dots = '••••••'

/** What a credential adds to a request: `name=value` for the query and a form, `Name: value` for headers. */
export interface Parts {
  query?: string[]
  headers?: string[]
  form?: string[]
}

/** The calls that carry the credential. */
export function everyRequest({ call }: Outlook, parts: Parts): Description {
  return described('Every request', call, parts)
}

export function described(
  title: string,
  { method, url, headers: constants = {} }: { method: string; url: string; headers?: Record<string, string> },
  { query = [], headers = [], form = [] }: Parts,
): Description {
  const carried = form.length === 0 || !['GET', 'HEAD'].includes(method) ? method : 'POST'
  const whole = query.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`
  return {
    title,
    lines: [
      `${carried} ${whole}`,
      ...Object.entries(constants).map(([name, value]) => `${name}: ${value}`),
      ...headers,
      ...(form.length === 0 ? [] : [`Content-Type: ${formType}`, '', form.join('&')]),
    ],
  }
}
