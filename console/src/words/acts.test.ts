import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actWords } from './acts.ts'

test('every action that the server records has words, and there are words for no other', () => {
  const server = readFileSync(join(import.meta.dirname, '../../../server/src/http/acts.ts'), 'utf8')
  const recorded = [...server.matchAll(/action: '([a-z_.]+)'/g)].map(([, action = '']) => action)
  expect(Object.keys(actWords).toSorted()).toEqual([...new Set(recorded)].toSorted())
})
