/** Small pages that work without the console and without script, styled by one file, under a strict policy. */
import type { FastifyReply } from 'fastify'
import { errorTitle, type MooringError } from '../errors.ts'
import { mark } from './page_style.ts'

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  // No form-action: browsers apply it to the redirects after a form too, and ours lead to the provider.
  "frame-ancestors 'none'",
]

export const pageHeaders: Record<string, string> = {
  'Content-Security-Policy': policy.join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin-allow-popups',
}

/** Of a page that tells its opener something: with a policy of its own it would lose it on the way back from the provider. */
const tellingHeaders: Record<string, string> = {
  ...pageHeaders,
  'Content-Security-Policy': [...policy, "script-src 'self'", "require-trusted-types-for 'script'"].join('; '),
  'Cross-Origin-Opener-Policy': 'unsafe-none',
}

export interface PageOptions {
  /** `wide`: for tables to read. */
  width?: 'narrow' | 'medium' | 'wide'
  /** What the script of the page is told, as `data-` attributes. Without it the page has no script. */
  told?: Record<string, string>
}

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** `body` is HTML; everything in it that came from elsewhere is escaped by the caller. */
export function page(title: string, body: string, { width = 'narrow', told }: PageOptions = {}): string {
  const data = Object.entries(told ?? {}).map(([name, value]) => ` data-${name}="${escape(value)}"`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · Mooring</title>
<link rel="stylesheet" href="/assets/page.css">${told === undefined ? '' : '\n<script src="/assets/connect.js" defer></script>'}
</head>
<body>
<main${width === 'narrow' ? '' : ` class="${width}"`}${data.join('')}>
<p class="brand">${mark} Mooring</p>
${body}
</main>
</body>
</html>
`
}

export async function sendPage(
  reply: FastifyReply,
  status: number,
  title: string,
  body: string,
  options: PageOptions = {},
): Promise<FastifyReply> {
  return reply
    .code(status)
    .headers(options.told === undefined ? pageHeaders : tellingHeaders)
    .type('text/html; charset=utf-8')
    .send(page(title, body, options))
}

/** An error as a page, for people. */
export async function sendFault(reply: FastifyReply, error: MooringError, requestId: string): Promise<FastifyReply> {
  if (error.retryAfterSeconds !== undefined) void reply.header('Retry-After', Math.ceil(error.retryAfterSeconds))
  return sendPage(
    reply,
    error.status,
    errorTitle[error.code],
    `<h1>${escape(errorTitle[error.code])}</h1><p>${escape(error.message)}</p>${error.hint === undefined ? '' : `<p>${escape(error.hint)}</p>`}<p class="soft small">Request <code>${escape(requestId)}</code></p>`,
  )
}
