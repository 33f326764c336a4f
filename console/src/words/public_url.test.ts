import { expect, test } from 'vitest'
import { publicUrlSetting, publicUrlWarnings } from './public_url.ts'

const titles = (publicUrl: string, page: string): string[] =>
  publicUrlWarnings(publicUrl, page).map(({ title }) => title)

test('an https address that is the one in the browser is fine, and so is localhost on the machine itself', () => {
  expect(titles('https://mooring.example.com', 'https://mooring.example.com')).toEqual([])
  expect(titles('http://localhost:4280', 'http://localhost:4280')).toEqual([])
})

test('another address than the one in the browser is told with both', () => {
  expect(titles('https://mooring.example.com', 'https://m.example.com')).toEqual([
    'You are at https://m.example.com, but Mooring takes itself for https://mooring.example.com',
  ])
  expect(titles('http://localhost:4280', 'http://127.0.0.1:4280')).toHaveLength(1)
})

test('plain http is told unless the server is on this machine', () => {
  expect(titles('http://mooring.example.com', 'http://mooring.example.com')).toEqual(['The public URL is not https'])
  expect(titles('http://192.0.2.7:4280', 'http://mooring.example.com')).toHaveLength(2)
})

test('localhost while it is reached from elsewhere is one warning', () => {
  expect(titles('http://localhost:4280', 'https://mooring.example.com')).toEqual([
    'Mooring takes itself for http://localhost:4280, which is only right on the machine it runs on',
  ])
})

test('the setting to change is the address in the browser, with https where that is not this machine', () => {
  expect(publicUrlSetting('http://localhost:4280', 'http://mooring.example.com')).toBe(
    'MOORING_PUBLIC_URL=https://mooring.example.com',
  )
  expect(publicUrlSetting('http://mooring.example.com', 'http://localhost:4280')).toBe(
    'MOORING_PUBLIC_URL=https://mooring.example.com',
  )
})
