import { expect, test } from 'vitest'
import { type Entry, search } from './palette_entries.ts'

function entry(label: string, detail = 'Page'): Entry {
  return { key: label, label, detail, to: { to: '/connections' } }
}
const entries = [
  entry('Old CRM', 'old_crm'),
  entry('CRM production', 'crm_production'),
  entry('Calendar', 'calendar'),
  entry('Acrm', 'acrm'),
  entry('Audit log'),
]
const found = (query: string, recent: string[] = []): string[] =>
  search(entries, query, recent).map(({ label }) => label)

test('with nothing typed everything is there, what was chosen lately first', () => {
  expect(found('')).toEqual(['Old CRM', 'CRM production', 'Calendar', 'Acrm', 'Audit log'])
  expect(found('', ['Audit log', 'Gone', 'Calendar']).slice(0, 3)).toEqual(['Audit log', 'Calendar', 'Old CRM'])
})

test('names that begin with what was typed come first, then words that do, then the rest', () => {
  expect(found('crm')).toEqual(['CRM production', 'Old CRM', 'Acrm'])
  expect(found('CRM', ['Acrm'])).toEqual(['CRM production', 'Old CRM', 'Acrm'])
})

test('every word has to occur, in the name or in what stands beside it', () => {
  expect(found('prod crm_')).toEqual(['CRM production'])
  expect(found('log page')).toEqual(['Audit log'])
  expect(found('nothing like it')).toEqual([])
})

test('a long list is cut, not shown whole', () => {
  const many = Array.from({ length: 1000 }, (_, index) => entry(`Connection ${index}`))
  expect(search(many, 'connection', []).length).toBe(50)
})
