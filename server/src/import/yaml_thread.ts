/**
 * YAML, read in a thread of its own: a document that is made to be slow, deep or large to read stops that thread and
 * nobody's calls. The same file is both sides.
 */
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { parseDocument } from 'yaml'
import { MooringError } from '../errors.ts'

export type ReadYaml = { value: unknown } | { error: string }

const here = fileURLToPath(import.meta.url)
/** For one document, in milliseconds: several times what the longest one takes. */
const patience = 30_000
const memory = { maxOldGenerationSizeMb: 512, stackSizeMb: 4 }
/** An alias that is repeated more often, counted with all it holds, is no abbreviation. */
const mostAliases = 1000

/** One at a time, so that documents take one core at most; this many more may wait. */
const mostWaiting = 20
let before: Promise<unknown> = Promise.resolve()
let waiting = 0

/** The error is a sentence for whoever brought the document; it quotes nothing of it. Throws unavailable. */
export async function readYaml(text: string): Promise<ReadYaml> {
  if (waiting > mostWaiting) {
    throw new MooringError('unavailable', {
      detail: 'Too many YAML documents are being read at once.',
      hint: 'Try again in a moment, or send JSON.',
      retryAfterSeconds: 5,
    })
  }
  waiting++
  const reading = before.then(() => readAlone(text))
  before = reading.finally(() => waiting--)
  return reading
}

function readAlone(text: string): Promise<ReadYaml> {
  const { promise, resolve } = Promise.withResolvers<ReadYaml>()
  const worker = new Worker(here, { workerData: { yaml: text }, resourceLimits: memory, env: {} })
  const giveUp = (error: string): void => resolve({ error })
  const timer = setTimeout(() => giveUp('The document takes too long to read.'), patience)
  worker.once('message', (read: ReadYaml) => resolve(read))
  worker.once('error', () => giveUp('The document takes more memory than there is for it.'))
  worker.once('exit', () => giveUp('The document could not be read.'))
  return promise.finally(() => {
    clearTimeout(timer)
    void worker.terminate()
  })
}

function parse(text: string): ReadYaml {
  try {
    // Keys that occur twice are not looked for: comparing each with all takes minutes for a long document.
    const document = parseDocument(text, { uniqueKeys: false, prettyErrors: true, logLevel: 'silent' })
    const [error] = document.errors
    if (error !== undefined) {
      const line = error.linePos?.[0].line
      return { error: `The document is neither JSON nor YAML${line === undefined ? '' : ` (line ${line})`}.` }
    }
    return { value: document.toJS({ maxAliasCount: mostAliases }) }
  } catch (error) {
    if (error instanceof ReferenceError) return { error: 'The document repeats its aliases without measure.' }
    if (error instanceof RangeError) return { error: 'The document is nested too deep to be read.' }
    return { error: 'The document is neither JSON nor YAML.' }
  }
}

const brought: unknown = workerData
if (!isMainThread && typeof brought === 'object' && brought !== null && 'yaml' in brought) {
  // A thread has no origin to name.
  // eslint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(parse(String(brought.yaml)))
}
