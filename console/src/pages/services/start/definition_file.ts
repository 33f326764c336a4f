/** A definition as somebody has it in a file: read, and refused in one sentence where it is none. */
import type { ServiceFile as File } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { fieldErrors, ServiceFile } from '../../../forms/rules.ts'
import { isRecord } from '../../../forms/values.ts'

export type Definition = File

/** Throws MooringError (validation_failed) with what to mend. */
export async function readDefinition(text: string): Promise<Definition> {
  const value = await parsed(text)
  if (!isRecord(value)) throw wrong('This is no definition: give the YAML or JSON of one service, as it was exported.')
  if (value['kind'] === 'connection')
    throw wrong('This is the file of a connection. Apply it with the command line: mooring apply.')
  if (value['kind'] !== 'service') throw wrong('This is no definition of a service: it lacks the line “kind: service”.')
  if (/\$\{\w+:/.test(JSON.stringify(withoutAuth(value))))
    throw wrong(
      'References such as ${env:NAME} are filled in by the command line only. Write the value, or use mooring apply.',
    )
  const read = ServiceFile.safeParse(value, { reportInput: true })
  if (read.success) return read.data
  const [first] = fieldErrors(read.error.issues, [], value)
  throw wrong(first === undefined ? 'This is no definition of a service.' : told(first))
}

function told({ path, message }: { path: string; message: string }): string {
  return path === '' ? message : `${path}: ${message}`
}

async function parsed(text: string): Promise<unknown> {
  // JSON is YAML too, but whoever gave JSON wants to hear of its mistakes in its words.
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw wrong(`This is not JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const { parseAllDocuments } = await import('yaml')
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return undefined
  const [first] = documents
  if (documents.length > 1) throw wrong(`These are ${documents.length} documents. Give the file of one service.`)
  const [error] = first?.errors ?? []
  if (error !== undefined) throw wrong(`This is not YAML: ${error.message.split('\n', 1)[0] ?? ''}`)
  return first?.toJS({ maxAliasCount: 100 })
}

/** In secrets references are as good as nothing: they are asked for in the draft. */
function withoutAuth(value: object): object {
  return { ...value, auth: undefined }
}

function wrong(message: string): MooringError {
  return new MooringError({
    code: 'validation_failed',
    status: 422,
    title: 'No definition',
    detail: message,
    errors: [{ path: 'given', code: 'invalid_value', message }],
  })
}
