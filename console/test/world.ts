/** A whole installation as people start it, a provider whose faults can be switched, and browsers to look with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Sandbox, startSandbox } from '@mooring/sandbox'
import { type Client, createClient } from '@mooring/sdk'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { freePort } from '../../server/test/free_port.ts'
import { launchBrowser } from './browser.ts'
import { createNeedles, type Needles } from './needles.ts'
import { watchPage } from './watch.ts'

const program = fileURLToPath(new URL('../../cli/bin/mooring.js', import.meta.url))
const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))

export interface World {
  url: string
  /** Where the server's own sandbox is; its services are the default ones. */
  sandboxUrl: string
  /** A second provider, in this process: its faults, lifetimes and counts are in our hand. */
  provider: Sandbox
  /** Calls the API as the owner, for what a journey does not click. */
  client: Client
  needles: Needles
  /** Everything the server wrote so far. */
  output(): string
  /** The one-time link that creates the owner, as it was printed. */
  setupLink(): string
  /** A browser of its own: cookies, storage, theme. `phone`: fingers, no pointer that hovers. */
  context(options?: {
    colorScheme?: 'light' | 'dark'
    width?: number
    height?: number
    phone?: boolean
  }): Promise<BrowserContext>
  /** A page that is watched for errors, policy reports and planted secrets. */
  page(context: BrowserContext): Promise<Page>
  /** What the pages showed so far that they must not; empty is good. */
  faults(): string[]
  /** Stops the server and starts it again; pages lose it for a while. */
  restart(): Promise<void>
  close(): Promise<void>
}

export interface WorldOptions {
  accessTokenLifeSeconds?: number
  /** More settings of the server; they may need to name the provider. */
  environment?: (provider: Sandbox) => Record<string, string>
}

/** Open now; a failed test is looked at through them. */
export const openBrowsers = new Set<Browser>()

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-console-'))
  const [port, sandboxPort] = [await freePort(), await freePort()]
  const provider = await startSandbox({ port: 0, accessTokenLifeSeconds: options.accessTokenLifeSeconds ?? 60 })
  const browser: Browser = await launchBrowser()
  openBrowsers.add(browser)
  const url = `http://localhost:${port}`
  const data = await dataSettings(folder)
  const needles = createNeedles()
  const apiKey = `mk_${crypto.randomUUID().replaceAll('-', '')}${crypto.randomUUID().replaceAll('-', '')}`
  needles.watch('the bootstrap API key', apiKey)
  const faults: string[] = []
  const searched = new Set<string>()
  const fault = (line: string): void => void faults.push(line)
  let output = ''
  let child: ChildProcess
  let restarted = false

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [program, 'start'], {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        // What node makes of the TypeScript is the same for all of them.
        XDG_CACHE_HOME: cache,
        MOORING_PORT: String(port),
        MOORING_DATA_DIR: folder,
        MOORING_SANDBOX: 'on',
        MOORING_SANDBOX_PORT: String(sandboxPort),
        MOORING_BOOTSTRAP_API_KEY: apiKey,
        MOORING_EGRESS_ALLOW: `localhost:${provider.port},127.0.0.1:${provider.port}`,
        MOORING_LOG_LEVEL: 'debug',
        ...data.settings,
        ...options.environment?.(provider),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const from = output.length
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
    // Printed last, when the sandbox's services are there too.
    while (!output.slice(from).includes('A sandbox provider')) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${output}`)
      await wait(50)
    }
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }
  await start()

  return {
    url,
    sandboxUrl: `http://localhost:${sandboxPort}`,
    provider,
    client: createClient({ url, apiKey }),
    needles,
    output: () => output,
    setupLink: () => /http\S+\/setup#\S+/.exec(output)?.[0] ?? '',
    async context({ colorScheme = 'light', width = 1440, height = 900, phone = false } = {}) {
      return browser.newContext({
        colorScheme,
        viewport: { width, height },
        isMobile: phone,
        hasTouch: phone,
        reducedMotion: 'reduce',
        permissions: ['clipboard-read', 'clipboard-write'],
      })
    },
    async page(context) {
      const page = await context.newPage()
      watchPage(page, { origin: url, needles, searched, fault, restarted: () => restarted })
      context.on('page', (popup) =>
        watchPage(popup, { origin: url, needles, searched, fault, restarted: () => restarted }),
      )
      return page
    },
    faults: () => faults,
    async restart() {
      restarted = true
      await stop()
      await start()
    },
    async close() {
      openBrowsers.delete(browser)
      await browser.close()
      await stop()
      await provider.close()
      await data.forget()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Where the server keeps its data: in its folder, or on the PostgreSQL server of the tests (MOORING_TEST_ENGINE). */
async function dataSettings(
  folder: string,
): Promise<{ settings: Record<string, string>; forget: () => Promise<void> }> {
  if (process.env['MOORING_TEST_ENGINE'] !== 'postgres') return { settings: {}, forget: () => Promise.resolve() }
  // Only there: screenshots are taken without the test runner that this belongs to.
  const { engineSettings, forget } = await import('../../server/test/engine.ts')
  const settings = await engineSettings(folder)
  return { settings, forget: () => forget(settings) }
}
