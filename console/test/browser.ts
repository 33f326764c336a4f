/** A real browser: one that is there, else one that can be installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** What a browser needs in a container, and what keeps it from calling home. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser to drive. Throws with what was tried where there is none and none can be installed. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: flags })
}

/** The path of Chromium or Chrome. */
export function findBrowser(): string {
  const present = presentBrowser()
  if (present !== undefined) return present
  const tried = [installByPlaywright(), installByApt()]
  const installed = presentBrowser()
  if (installed !== undefined) return installed
  throw new Error(
    `The browser tests need Chromium or Chrome: install one, or name it in MOORING_TEST_BROWSER. Tried: ${tried.join('; ')}`,
  )
}

function presentBrowser(): string | undefined {
  const named = process.env['MOORING_TEST_BROWSER']
  if (named !== undefined && named !== '') return named
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) =>
    // The first is the same browser without its own windows: half the work.
    ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map((name) =>
      join(folder, name),
    ),
  )
  const elsewhere = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    chromium.executablePath(),
  ]
  return [...onPath, ...elsewhere].find((path) => path !== '' && existsSync(path))
}

/** Playwright's own build, for everybody whose network reaches it. */
function installByPlaywright(): string {
  const program = join(createRequire(import.meta.url).resolve('playwright-core/package.json'), '..', 'cli.js')
  const { status } = spawnSync(process.execPath, [program, 'install', 'chromium'], {
    timeout: 300_000,
    stdio: 'ignore',
  })
  return `playwright install chromium (${status === 0 ? 'done' : 'failed'})`
}

/** Debian's and Ubuntu's, where we may. */
function installByApt(): string {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return 'apt-get (not root, or not there)'
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args: string[]): number | null =>
    spawnSync('apt-get', args, { env: environment, timeout: 300_000, stdio: 'ignore' }).status
  run('update')
  const installs = (name: string): boolean => run('install', '-y', '--no-install-recommends', name) === 0
  const done = ['chromium-headless-shell', 'chromium'].find(installs)
  return `apt-get install ${done ?? 'chromium'} (${done === undefined ? 'failed' : 'done'})`
}
