import './node_version.js'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

// `npm run pack`: what people install. Node runs no TypeScript below node_modules, so it is compiled, and the workspaces
// that are no packages of their own go along inside.

type Manifest = {
  name: string
  version: string
  description: string
  dependencies?: Record<string, string>
}

/** A workspace as it lies in a package: its compiled sources, and what it reads at run time. */
type Part = { workspace: string; exports: Record<string, string>; files: [from: string, to: string][] }

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist-packages')
const compiled = join(out, 'compiled')

const contract: Part = { workspace: 'contract', exports: { '.': './src/index.js' }, files: [] }
const sdk: Part = { workspace: 'sdk', exports: { '.': './src/index.js' }, files: [] }
const sandbox: Part = {
  workspace: 'sandbox',
  exports: { '.': './src/index.js', './main': './src/main.js' },
  files: [],
}
const webConsole: Part = {
  workspace: 'console',
  exports: { '.': './build.js' },
  files: [['console/dist', 'dist']],
}
const server: Part = {
  workspace: 'server',
  exports: { '.': './src/index.js' },
  files: [
    ['server/catalogue', 'catalogue'],
    ['server/bin', 'bin'],
  ],
}
const cli: Part = { workspace: 'cli', exports: {}, files: [['cli/bin', 'bin']] }

/** Makes the packages in `dist-packages` and gives the paths of their archives. Throws where something fails to build. */
export function pack(): string[] {
  rmSync(out, { recursive: true, force: true })
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  execFileSync(tsc, ['-p', join(root, 'tsconfig.package.json'), '--outDir', compiled], { stdio: 'inherit' })
  execFileSync(process.execPath, [join(root, 'console', 'build.ts')], { stdio: ['ignore', 2, 'inherit'] })
  const archives = [
    archive(server, [contract, sandbox, webConsole], { 'mooring-server': './bin/mooring-server.js' }),
    archive(cli, [contract, sdk], { mooring: './bin/mooring.js' }),
  ]
  rmSync(compiled, { recursive: true })
  return archives
}

function archive(part: Part, inside: Part[], bin: Record<string, string>): string {
  const folder = join(out, part.workspace)
  const own = place(part, folder)
  const dependencies: Record<string, string> = { ...own.dependencies }
  const bundled: string[] = []
  for (const other of inside) {
    // The console is built already: what it was built from is not needed.
    const { name, version, dependencies: theirs = {} } = manifestOf(other)
    place(other, join(folder, 'node_modules', name))
    if (other !== webConsole) Object.assign(dependencies, theirs)
    dependencies[name] = version
    bundled.push(name)
  }
  const { version, description, name } = own
  write(folder, {
    name,
    version,
    description,
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=24' },
    bin,
    ...(Object.keys(part.exports).length === 0 ? {} : { exports: part.exports }),
    files: ['bin', 'src', 'catalogue', 'LICENSE', 'NOTICE'],
    dependencies,
    bundleDependencies: bundled,
  })
  for (const file of ['LICENSE', 'NOTICE']) cpSync(join(root, file), join(folder, file))
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
    // Its own Node, not the one this script runs on.
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm pack failed for ${name}:\n${stderr}`)
  return join(out, fileNameIn(stdout))
}

/** Puts a workspace there, compiled. */
function place(part: Part, folder: string): Manifest {
  mkdirSync(folder, { recursive: true })
  const manifest = manifestOf(part)
  cpSync(join(compiled, part.workspace), folder, { recursive: true })
  for (const [from, to] of part.files) cpSync(join(root, from), join(folder, to), { recursive: true })
  const programs = join(folder, 'bin')
  for (const name of existsSync(programs) ? readdirSync(programs) : []) {
    const program = join(programs, name)
    writeFileSync(program, readFileSync(program, 'utf8').replaceAll(".ts')", ".js')"))
  }
  write(folder, {
    name: manifest.name,
    version: manifest.version,
    license: 'Apache-2.0',
    type: 'module',
    exports: part.exports,
  })
  return manifest
}

function manifestOf(part: Part): Manifest {
  return JSON.parse(readFileSync(join(root, part.workspace, 'package.json'), 'utf8')) as Manifest
}

function write(folder: string, manifest: object): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** npm tells a list, and newer ones an object by name. */
function fileNameIn(stdout: string): string {
  const told = JSON.parse(stdout) as unknown
  const [first] = Object.values(told as Record<string, unknown>)
  if (typeof first === 'object' && first !== null && 'filename' in first) return String(first.filename)
  throw new Error(`npm pack told no file name: ${stdout}`)
}

if (import.meta.main) for (const path of pack()) process.stdout.write(`${path}\n`)
