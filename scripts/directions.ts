import './node_version.js'
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import process from 'node:process'
import { blankLiterals, importsOf, lineAt } from './imports.ts'
import type { Import } from './imports.ts'
import { entriesOf, fieldOf } from './json.ts'
import { findCycles } from './cycles.ts'
import { codeRules, cycleReason, importRules, isTest, schemeUnit, workspaces } from './direction_rules.ts'

/** A source file of a workspace, or of scripts/. */
export type Source = {
  /** From the repository's root, with forward slashes: `server/src/store.ts`. */
  path: string
  /** First folder of the path. */
  workspace: string
  test: boolean
  /** The text with comments and literals blanked (see `blankLiterals`). */
  code: string
  imports: Import[]
}

/** One import in its place. Exactly one of `target` and `package` is set. */
export type Use = Import & {
  from: Source
  /** The file meant, from the repository's root. Undefined for packages, our own ones too. */
  target: string | undefined
  /** The specifier as written when it names a package or a node module. */
  package: string | undefined
  /** Whether this path is one of the schemes that the registry imports. */
  isScheme: (path: string) => boolean
}

/** Every violation below `root`, as `file:line imports X — why`, in the order of the files. */
export function checkDirections(root: string): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = entriesOf(fieldOf(manifest, 'workspaces')).map(([, name]) => String(name))
  const unknown = names.filter((name) => !Object.hasOwn(workspaces, name))
  const sources = [...names, 'scripts'].flatMap((name) => sourcesOf(root, name))
  const isScheme = registeredSchemes(sources)
  const uses = sources.flatMap((from) => from.imports.map((found) => useOf(from, found, isScheme)))

  return [
    ...unknown.map((name) => `package.json:1 lists ${name} — a workspace needs a row in scripts/direction_rules.ts`),
    ...uses.flatMap((use) =>
      importRules.filter((rule) => rule.breaks(use)).map((rule) => violation(use, use.specifier, rule.because)),
    ),
    ...sources.flatMap((source) =>
      codeRules
        .filter((rule) => rule.applies(source))
        .flatMap((rule) =>
          rule.find(source).map(({ index, what }) => {
            return `${source.path}:${lineAt(source.code, index)} uses ${what} — ${rule.because}`
          }),
        ),
    ),
    ...cycles(sources, uses),
  ]
}

const violation = (use: Use, what: string, why: string) => `${use.from.path}:${use.line} imports ${what} — ${why}`

function sourcesOf(root: string, workspace: string): Source[] {
  return filesBelow(join(root, workspace)).map((file) => {
    const path = relative(root, file).split(sep).join('/')
    const text = readFileSync(file, 'utf8')
    const code = blankLiterals(text)
    return { path, workspace, test: isTest(path), code, imports: importsOf(text, code) }
  })
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : filesBelow(path)
      return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : []
    })
}

function useOf(from: Source, found: Import, isScheme: Use['isScheme']): Use {
  const isPath = found.specifier.startsWith('.') || found.specifier.startsWith('/')
  const path = found.specifier.replace(/[?#].*$/, '')
  const target = isPath ? posix.normalize(posix.join(posix.dirname(from.path), path)) : undefined
  return { ...found, from, target, package: isPath ? undefined : found.specifier, isScheme }
}

function registeredSchemes(sources: Source[]): (path: string) => boolean {
  const registry = sources.find((source) => source.path === 'server/src/schemes/index.ts')
  const units = new Set(
    registry?.imports
      .filter((found) => found.specifier.startsWith('./') && found.specifier !== './scheme.ts')
      .map((found) => schemeUnit(`server/src/schemes/${found.specifier.slice(2)}`)),
  )
  return (path) => units.has(schemeUnit(path))
}

function cycles(sources: Source[], uses: Use[]): string[] {
  const paths = new Set(sources.map((source) => source.path))
  const edges = uses.flatMap((use) => {
    const to = use.target ?? use.package?.replace(/^@mooring\/(\w+)$/, '$1/src/index.ts')
    return use.typeOnly || to === undefined || !paths.has(to) ? [] : [{ from: use.from.path, to, use }]
  })
  return findCycles(edges).flatMap((cycle) => {
    const round = [...cycle, cycle[0]]
    return edges
      .filter(({ from, to }) => from === round[0] && to === round[1])
      .slice(0, 1)
      .map(({ use }) => violation(use, `${use.specifier} (${round.join(' → ')})`, cycleReason))
  })
}

if (import.meta.main) {
  const violations = checkDirections(process.cwd())
  for (const line of violations) console.error(line)
  process.exitCode = violations.length === 0 ? 0 : 1
}
