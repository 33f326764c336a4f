/** Building the console when its sources have changed, and saying where it is. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const here = import.meta.dirname
const folder = join(here, 'dist')
/** Holds the hash of the sources that the build was made of. */
const stamp = join(folder, '.sources')

/**
 * The folder of the built console, made anew where the sources have changed since; `progress` is told before and after.
 * In an installed package there are no sources and the folder is as it came. Throws where a build fails.
 */
export async function consoleFolder(progress: (line: string) => void): Promise<string> {
  if (!existsSync(join(here, 'vite.config.ts'))) return folder
  const sources = hashOfSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return folder
  progress('Building the console (once) …')
  const startedAt = performance.now()
  // Beside the old one until it is whole: a process that serves, or builds too, never sees half of it.
  const made = `${folder}-${process.pid}`
  try {
    await run([
      join(here, '..', 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--outDir',
      made,
      '--logLevel',
      'error',
    ])
    await compress(made)
    writeFileSync(join(made, '.sources'), sources)
    // Another process was faster with the same sources: a page that is being loaded from there goes on.
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return folder
    rmSync(folder, { recursive: true, force: true })
    renameSync(made, folder)
  } catch (error) {
    // The same, at the last moment.
    if (!(existsSync(stamp) && readFileSync(stamp, 'utf8') === sources)) throw error
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  progress(`Built the console in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
  return folder
}

/** Of everything the build reads that people change; libraries are told by the lock file. */
function hashOfSources(): string {
  const root = join(here, '..')
  const files = globSync(
    [
      'console/{src,public}/**/*.*',
      'console/{index.html,vite.config.ts,build.ts,package.json}',
      '{sdk,contract}/src/**/*.ts',
      'package-lock.json',
    ],
    { cwd: root },
  ).sort()
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

async function run(args: string[]): Promise<void> {
  // Whatever whoever builds it runs as: a test, or a server in development, would get React's slow, larger build.
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`the console could not be built:\n${output}`)
}

/** The server sends these as they are, at no cost a request. Fonts are compressed already. */
async function compress(made: string): Promise<void> {
  const files = (await readdir(made, { recursive: true, withFileTypes: true })).filter(
    (file) => file.isFile() && /\.(?:js|css|html|svg)$/.test(file.name),
  )
  await Promise.all(
    files.map(async (file) => {
      const path = join(file.parentPath, file.name)
      const bytes = await readFile(path)
      await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
      const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }
      await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, brotli))
    }),
  )
}

interface Chunk {
  file: string
  imports?: string[]
  css?: string[]
}

/** The scripts that an address needs besides the entry: the frame, where it has one, and each page around the inner one. */
export const firstViews: Record<string, readonly string[]> = {
  '/login': ['pages/account/login'],
  '/connections': ['layout/gate', 'pages/connections/list'],
  '/connections/new': ['layout/gate', 'pages/connections/pick_service'],
  '/connections/{link}': ['layout/gate', 'pages/connections/summary', 'pages/connections/overview'],
  '/services/{link}/security': ['layout/gate', 'pages/services/builder', 'pages/services/security'],
  '/activity': ['layout/gate', 'pages/activity/activity'],
  '/try': ['layout/gate', 'pages/try/try_request'],
}

/**
 * gzip bytes of script and style that a browser loads before it can show a page: what `index.html` names, these parts,
 * and all they import.
 */
export function firstViewBytes(built: string, parts: readonly string[]): number {
  const manifest = JSON.parse(readFileSync(join(built, '.vite', 'manifest.json'), 'utf8')) as Record<string, Chunk>
  const files = new Set<string>()
  const visit = (name: string): void => {
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`the build has no ${name}`)
    if (files.has(chunk.file)) return
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file)
    for (const other of chunk.imports ?? []) visit(other)
  }
  visit('index.html')
  for (const part of parts) visit(`src/${part}.tsx`)
  return [...files].reduce((sum, file) => sum + readFileSync(join(built, `${file}.gz`)).length, 0)
}

if (import.meta.main) {
  const built = await consoleFolder((line) => process.stdout.write(`${line}\n`))
  for (const [address, parts] of Object.entries(firstViews)) {
    const kibibytes = firstViewBytes(built, parts) / 1024
    process.stdout.write(`${address.padEnd(26)} ${kibibytes.toFixed(1)} KiB of script and style (gzip)\n`)
  }
}
