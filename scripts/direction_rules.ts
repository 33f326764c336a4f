import type { Source, Use } from './directions.ts'

/** How far an import may go: `type` is `import type`, `dynamic` is `import()`, `value` is everything. */
type Reach = 'type' | 'dynamic' | 'value'

type Workspace = {
  /** Which of our own packages it may import, by public name. */
  imports: Record<string, Reach>
  /** What its tests may import besides. */
  tests?: Record<string, Reach>
  because: string
}

type ImportRule = { breaks: (use: Use) => boolean; because: string }

type CodeRule = {
  applies: (source: Source) => boolean
  find: (source: Source) => { index: number; what: string }[]
  because: string
}

/** Scripts count as a workspace here: they may know everybody, by public name. */
export const workspaces: Record<string, Workspace> = {
  contract: {
    imports: {},
    because: 'the contract is what all others agree on, so it depends on none of them',
  },
  sdk: {
    imports: { contract: 'type' },
    tests: { contract: 'value' },
    because: 'the SDK has no runtime dependencies: it takes only types, from the contract (`import type`)',
  },
  cli: {
    imports: { sdk: 'value', contract: 'value', server: 'value', sandbox: 'value' },
    because: 'the CLI is a user of the API, and starts the server and the sandbox through their public entries',
  },
  console: {
    imports: { sdk: 'value', contract: 'value' },
    tests: { sandbox: 'value' },
    because: 'the console is an ordinary user of the API: everything it does goes through the SDK',
  },
  server: {
    imports: { contract: 'value', sandbox: 'dynamic', console: 'dynamic' },
    tests: { sandbox: 'value', sdk: 'value' },
    because: 'the server stands on the contract alone and must start where sandbox and console are not installed',
  },
  sandbox: {
    imports: {},
    because: 'the sandbox plays somebody else’s API, so it knows nothing of ours',
  },
  bench: {
    imports: { contract: 'value', sdk: 'value', cli: 'value', server: 'value', sandbox: 'value' },
    because: 'benchmarks measure what is public',
  },
  scripts: {
    imports: { contract: 'value', sdk: 'value', cli: 'value', server: 'value', sandbox: 'value' },
    because: 'scripts read what is public',
  },
}

/** Entries besides a package's main one, as its `exports` name them. */
const publicEntries = new Set(['@mooring/sandbox/main', '@mooring/sandbox/testing'])

export const cycleReason = 'files that import each other can only be understood, tested and loaded together'

/** Tests, what stands in for the outside in them, and the suites that several of them run. */
export const isTest = (path: string) =>
  /(?:\.test|\.fixture|_suite)\.[cm]?[jt]sx?$/.test(path) ||
  /\/storage\/suite\//.test(path) ||
  /^[^/]+\/test\//.test(path)

/** What a file below server/src is. Every folder and file not named here is domain, so a new one starts guarded. */
type Area = 'wiring' | 'http' | 'storage' | 'schemes' | 'domain'

const areas: Record<string, Area> = {
  'main.ts': 'wiring',
  'index.ts': 'wiring',
  'mooring.ts': 'wiring',
  'start.ts': 'wiring',
  'move.ts': 'wiring',
  'sandbox.ts': 'wiring',
  'console.ts': 'wiring',
  'backup.ts': 'wiring',
  http: 'http',
  storage: 'storage',
  schemes: 'schemes',
}

function areaOf(path: string | undefined): Area | undefined {
  const [, first] = /^server\/src\/([^/]+)/.exec(path ?? '') ?? []
  return first === undefined ? undefined : (areas[first] ?? 'domain')
}

/** The area an import leaves. Tests are free: they put real parts together. */
const shipping = (use: Use) => (use.from.test ? undefined : areaOf(use.from.path))
const inServer = (source: Source) => areaOf(source.path) !== undefined
const inEgress = (source: Source) => source.path.startsWith('server/src/egress/')
const sendsOutsideEgress = (source: Source) => inServer(source) && !inEgress(source) && !source.test
const isFile = (use: Use, ...files: string[]) => files.some((file) => use.target === `server/src/${file}`)

/** `contract` for `@mooring/contract` and for `@mooring/contract/src/x.ts`. */
const ownPackage = (use: Use) => /^@mooring\/([^/]+)/.exec(use.package ?? '')?.[1]

function reaches(use: Use, allowed: Reach | undefined): boolean {
  if (allowed === 'type') return use.typeOnly
  if (allowed === 'dynamic') return use.kind === 'dynamic'
  return allowed === 'value'
}

/** Names that open a connection, by the module that has them. */
const senders: Record<string, string[]> = {
  http: ['request', 'get', 'ClientRequest', 'Agent', 'globalAgent'],
  https: ['request', 'get', 'Agent', 'globalAgent'],
  http2: ['connect'],
  net: ['connect', 'createConnection', 'Socket'],
  tls: ['connect', 'TLSSocket'],
}

const sendersOf = (specifier = '') => senders[specifier.replace(/^node:/, '')] ?? []

/** The names taken by `{ a, b as c }`, before renaming. */
const namesTaken = (clause: string) =>
  (/\{(.*)\}/s.exec(clause)?.[1] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !name.startsWith('type '))
    .map((name) => name.split(/\s/)[0] ?? '')

/** The one name of `import a` and `import * as a`. */
const wholeModule = (clause: string) => /^(?:\*\s*as\s+)?([\w$]+)/.exec(clause)?.[1]

/**
 * The PostgreSQL servers that come with `npm ci`, and ports for servers: tests of other workspaces and benchmarks may
 * stand on them as well.
 */
const testServers = ['server/test/postgres_cluster.ts', 'server/test/engine.ts', 'server/test/free_port.ts']
const standsOnTestServer = ({ from, target }: Use): boolean =>
  target !== undefined && testServers.includes(target) && (from.test || from.workspace === 'bench')

export const importRules: ImportRule[] = [
  {
    breaks: (use) =>
      use.target !== undefined && use.target.split('/')[0] !== use.from.workspace && !standsOnTestServer(use),
    because: 'nothing imports another workspace’s inside: use its package name',
  },
  {
    breaks: (use) => /^@mooring\/[^/]+\//.test(use.package ?? '') && !publicEntries.has(use.package ?? ''),
    because: 'nothing imports another workspace’s inside: only its public entry',
  },
  ...Object.entries(workspaces).map(([name, { imports, tests, because }]) => ({
    breaks: (use: Use) => {
      const meant = ownPackage(use)
      if (use.from.workspace !== name || meant === undefined || meant === name) return false
      return !reaches(use, imports[meant]) && !(use.from.test && reaches(use, tests?.[meant]))
    },
    because,
  })),
  {
    breaks: (use) => !use.from.test && use.target !== undefined && isTest(use.target) && !standsOnTestServer(use),
    because: 'what ships does not depend on tests',
  },
  {
    breaks: (use) => shipping(use) === 'domain' && areaOf(use.target) === 'http',
    because: 'the domain does not know how it is reached',
  },
  {
    breaks: (use) => ['domain', 'http'].includes(shipping(use) ?? '') && areaOf(use.target) === 'storage',
    because: 'the domain and its routes ask store.ts; only the wiring knows which storage answers',
  },
  {
    breaks: (use) => {
      if (shipping(use) !== 'storage') return false
      if (ownPackage(use) !== undefined) return !use.typeOnly
      const meant = areaOf(use.target)
      // gather.ts knows nothing of anything: it puts writes together.
      if (meant === undefined || meant === 'storage' || isFile(use, 'store.ts', 'gather.ts')) return false
      return !(meant === 'domain' && use.typeOnly)
    },
    because: 'storage holds sealed bytes: it knows store.ts and the types of the domain, nothing that acts',
  },
  {
    breaks: (use) => {
      const meant = areaOf(use.target)
      return shipping(use) === 'schemes' && meant !== undefined && meant !== 'schemes' && !isFile(use, 'errors.ts')
    },
    because:
      'a scheme imports only scheme.ts, errors.ts, the contract and its protocol files: what it needs is passed in',
  },
  {
    breaks: (use) =>
      shipping(use) === 'schemes' &&
      areaOf(use.target) === 'schemes' &&
      !isFile({ ...use, target: use.from.path }, 'schemes/index.ts') &&
      schemeUnit(use.target) !== schemeUnit(use.from.path) &&
      (isFile(use, 'schemes/index.ts') || use.isScheme(use.target ?? '')),
    because: 'a scheme knows no other scheme: a new one is one file, and one line in the registry',
  },
  {
    breaks: (use) => {
      const from = shipping(use)
      if (from === undefined || from === 'schemes' || areaOf(use.target) !== 'schemes') return false
      return !isFile(use, 'schemes/index.ts', 'schemes/scheme.ts', 'schemes/request.ts', 'schemes/placeholders.ts')
    },
    because: 'only the registry, schemes/index.ts, knows which schemes there are',
  },
  {
    breaks: (use) => sendsOutsideEgress(use.from) && /^undici(?:\/|$)/.test(use.package ?? '') && !use.typeOnly,
    because: 'S-30: only egress/ sends, so every request passes its rules',
  },
  {
    breaks: (use) =>
      sendsOutsideEgress(use.from) &&
      !use.typeOnly &&
      namesTaken(use.clause).some((name) => sendersOf(use.package).includes(name)),
    because: 'S-30: only egress/ opens connections, so every request passes its rules',
  },
  {
    breaks: (use) =>
      areaOf(use.from.path) !== undefined &&
      !readsEnvironment(use.from) &&
      /^(?:node:)?process$/.test(use.package ?? '') &&
      namesTaken(use.clause).includes('env'),
    because: 'only config.ts reads the environment, so every setting is declared, checked and documented',
  },
]

const readsEnvironment = (source: Source) => ['server/src/config.ts', 'server/src/main.ts'].includes(source.path)

export const codeRules: CodeRule[] = [
  {
    applies: (source) => inServer(source) && !readsEnvironment(source),
    find: matches(/(?<![.\w$])process\s*(?:\??\.\s*env\b|(?:\?\.)?\[)|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/g),
    because: 'only config.ts reads the environment (main.ts hands it over): settings are declared in one place',
  },
  {
    applies: sendsOutsideEgress,
    find: (source) =>
      matches(/(?:(?<![.\w$])|\bglobalThis\s*\.\s*)(?:fetch|WebSocket|EventSource)\s*\(|\bglobalThis\s*\.\s*fetch\b/g)(
        source,
      ).filter(({ index, what }) => !declaresMethod(source.code, index, what)),
    because: 'S-30: the global clients know no egress rules',
  },
  {
    applies: sendsOutsideEgress,
    find: (source) =>
      source.imports.flatMap(({ specifier, clause, typeOnly }) => {
        const local = typeOnly ? undefined : wholeModule(clause)
        const names = sendersOf(specifier).join('|')
        if (local === undefined || names === '') return []
        return matches(new RegExp(`(?<![.\\w$])${RegExp.escape(local)}\\s*\\.\\s*(?:${names})\\b`, 'g'))(source)
      }),
    because: 'S-30: only egress/ opens connections, so every request passes its rules',
  },
]

function matches(pattern: RegExp): CodeRule['find'] {
  return (source) => [...source.code.matchAll(pattern)].map((match) => ({ index: match.index, what: match[0].trim() }))
}

/** `fetch(url): Reply` and `fetch(url) { … }` in a type or an object declare a method; they send nothing. */
function declaresMethod(code: string, index: number, what: string): boolean {
  let depth = 0
  let end = index + what.length - 1
  for (; end < code.length; end++) {
    if (code[end] === '(') depth++
    if (code[end] === ')' && --depth === 0) break
  }
  const before = code.slice(0, index)
  const opensMember = /[{,;}]\s*$|\n[ \t]*$|\b(?:async|function)\s+$/.test(before) && !/\?\s*$/.test(before)
  return opensMember && /^\s*[:{]/.test(code.slice(end + 1))
}

/** `oauth2` for `server/src/schemes/oauth2.ts` and for everything in `server/src/schemes/oauth2/`. */
export const schemeUnit = (path: string | undefined) => path?.split('/')[3]?.replace(/\.ts$/, '')
