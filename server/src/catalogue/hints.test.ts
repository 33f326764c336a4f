import { expect, test } from 'vitest'
import { parseHostPattern } from '../egress/hosts.ts'
import { type Definition, emptyDefinition } from '../service/definition.ts'
import { facts, hintsFor } from './hints.ts'

function definitionFor(
  host: string,
  authorizationParams = {},
  scopes: Definition['document']['scopes'] = [],
): Definition {
  const urls = {
    authorizationUrl: `https://${host.replace(/^\*/, 'acme')}/oauth/authorize`,
    tokenUrl: 'https://login.example/oauth/token',
  }
  const auth = { type: 'oauth2', grantType: 'authorization_code', ...urls, authorizationParams }
  return { document: { ...emptyDefinition.document, auth, scopes }, secrets: {} }
}

test.each(facts().map((fact) => [fact.hosts[0] ?? '', fact] as const))(
  'the fact about %s is told where it is missing, and no longer once its fix is taken',
  (_, fact) => {
    for (const host of fact.hosts) {
      expect(parseHostPattern(host)).not.toHaveProperty('error')
      const told = hintsFor(definitionFor(host))
      expect(told.map(({ message }) => message)).toEqual([fact.message])
      const fix = told[0]?.fix ?? {}
      const parameters = Object.entries(fix).flatMap(([path, value]) =>
        path.startsWith('auth.authorizationParams.') ? [[path.split('.')[2], value]] : [],
      )
      const scopes = [{ id: 'a', name: 'Other', value: 'other' }]
      const added = hintsFor(definitionFor(host, {}, scopes))[0]?.fix['scopes']
      if (fact.scope) expect(added).toEqual([{ name: 'Other', value: 'other' }, fact.scope])
      const fixed = definitionFor(
        host,
        Object.fromEntries(parameters),
        fact.scope === undefined ? [] : [{ id: 'b', ...fact.scope }],
      )
      expect(hintsFor(fixed)).toEqual([])
    }
  },
)

test('only what is missing is added', () => {
  const { fix } = hintsFor(definitionFor('accounts.google.com', { access_type: 'offline' }))[0] ?? {}
  expect(fix).toEqual({ 'auth.authorizationParams.prompt': 'consent' })
})
