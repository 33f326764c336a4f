import './node_version.js'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { isTest } from './direction_rules.ts'
import { entriesOf, fieldOf } from './json.ts'

const maxFileBytes = 1_000_000

type TextRule = {
  applies: (path: string) => boolean
  /** Written so that it does not match its own source. */
  pattern: RegExp
  because: string
}

const everywhere = () => true

const textRules: TextRule[] = [
  {
    applies: (path) => path === 'package-lock.json',
    pattern: /"resolved":\s*"[a-z+]+:/,
    because: 'the lock file names no registry: everybody installs from their own',
  },
  {
    applies: everywhere,
    pattern: /(?<![\w.~)}-])\/(?:wor[k]|roo[t]|hom[e])\//,
    because: 'an absolute path is true on one machine only',
  },
  {
    applies: everywhere,
    pattern: /\b(?:TOD[O]|FIXM[E])\b/,
    because: 'what is left to do is decided, not noted in the source',
  },
  {
    applies: isTest,
    pattern: /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip)\b/,
    because: 'a test that is left out proves nothing',
  },
]

/** Violations among the tracked `files` below `root`, as `file:line what — why`. Files deleted on disk are passed over. */
export function checkRepository(root: string, files: string[]): string[] {
  const present = files.filter((path) => existsSync(join(root, path)))
  const locks = present.filter((path) => path === 'package-lock.json')
  return [
    ...present.flatMap((path) => checkFile(root, path)),
    ...locks.flatMap((path) => missingOptional(JSON.parse(readFileSync(join(root, path), 'utf8')))),
  ]
}

/**
 * npm leaves an optional package out of the lock file when it cannot find it, such as the binary for another platform.
 * `npm ci` then fails for everybody, though `npm install` went well for whoever wrote the file.
 */
function missingOptional(lock: unknown): string[] {
  const packages = entriesOf(fieldOf(lock, 'packages'))
  const locked = new Set(packages.map(([path]) => path.replace(/^.*node_modules\//, '')))
  return packages.flatMap(([path, entry]) =>
    entriesOf(fieldOf(entry, 'optionalDependencies'))
      .filter(([name]) => !locked.has(name))
      .map(([name]) => `package-lock.json:1 lacks ${name}, wanted by ${path} — npm ci would fail`),
  )
}

function checkFile(root: string, path: string): string[] {
  if (/(?:^|\/)node_modules\//.test(path)) return [`${path}:1 — installed packages are not tracked`]
  const file = join(root, path)
  const { size } = statSync(file)
  if (size > maxFileBytes) return [`${path}:1 is ${size} bytes — a clone stays small: at most ${maxFileBytes} a file`]
  const content = readFileSync(file)
  if (content.includes(0)) return []
  const lines = content.toString('utf8').split('\n')
  return textRules
    .filter((rule) => rule.applies(path))
    .flatMap((rule) =>
      lines.flatMap((line, index) => {
        const found = rule.pattern.exec(line)
        return found === null ? [] : [`${path}:${index + 1} has ${found[0]} — ${rule.because}`]
      }),
    )
}

function trackedFiles(root: string): string[] {
  // The checkout may belong to another user than the one who runs the tests; git would refuse to list it.
  const answer = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  return answer.split('\0').filter((path) => path !== '')
}

if (import.meta.main) {
  const violations = checkRepository(process.cwd(), trackedFiles(process.cwd()))
  for (const line of violations) console.error(line)
  process.exitCode = violations.length === 0 ? 0 : 1
}
