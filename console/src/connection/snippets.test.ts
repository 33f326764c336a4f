import { expect, test } from 'vitest'
import { clientSnippets, proxySnippets } from './snippets.ts'

const facts = { url: 'https://mooring.example.com', linkName: 'crm', target: '/me', method: 'GET', perUser: false }
const all = (more: Partial<typeof facts> = {}): string[] =>
  [...proxySnippets({ ...facts, ...more }), ...clientSnippets({ ...facts, ...more })].map(({ code }) => code)

test('every snippet names the address and the connection, and takes the key from the environment', () => {
  for (const code of all()) {
    expect(code).toContain('https://mooring.example.com')
    expect(code).toContain('crm')
    expect(code).toContain('MOORING_API_KEY')
    expect(code).not.toMatch(/mk_/)
  }
})

test('of a connection that each user authorizes, every snippet names a user', () => {
  for (const code of all({ perUser: true })) expect(code).toContain('user-id')
  for (const code of all()) expect(code).not.toContain('user-id')
})

test('another method than GET is in every snippet', () => {
  for (const code of all({ method: 'POST' })) expect(code).toContain('POST')
})

test.each([
  ["/it's", 'typescript', '"https://mooring.example.com/v1/proxy/crm/it\'s"'],
  ["/it's", 'curl', String.raw`'https://mooring.example.com/v1/proxy/crm/it'\''s'`],
  ["/it's", 'curl_invoke', String.raw`-d '{"url":"/it'\''s"}'`],
  ['https://api.example.com/me', 'curl', 'https://mooring.example.com/v1/proxy/crm/https://api.example.com/me'],
])('%s is written so that %s reads it as it is', (target, value, expected) => {
  const snippets = [...proxySnippets({ ...facts, target }), ...clientSnippets({ ...facts, target })]
  expect(snippets.find((one) => one.value === value)?.code).toContain(expected)
})
