import { expect, test } from 'vitest'
import { openBrowser, opener } from './browser.ts'

test.each<[NodeJS.Platform, Record<string, string>, string | undefined]>([
  ['darwin', {}, 'open'],
  ['win32', {}, 'rundll32'],
  ['linux', { DISPLAY: ':0' }, 'xdg-open'],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
  ['linux', {}, undefined],
  ['linux', { BROWSER: 'firefox' }, 'firefox'],
  ['darwin', { CI: 'true' }, undefined],
])('on %s with %j the browser is opened by %s', (platform, env, program) => {
  expect(opener({ platform, env })?.[0]).toBe(program)
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', '-e', ''])('%j is not handed to any program', async (url) => {
  expect(await openBrowser(url, { platform: 'linux', env: { BROWSER: 'true' } })).toBe(false)
})

test('a program that is not there has opened nothing', async () => {
  const env = { BROWSER: '/nowhere/browser' }
  expect(await openBrowser('http://localhost/', { platform: 'linux', env })).toBe(false)
})
