import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../command.ts'
import { counted } from '../definitions/words.ts'
import { Failure } from '../failure.ts'
import { reason } from '../profile.ts'

export const exportDefinitions = command({
  name: 'export',
  summary: 'Write services and connections as YAML files, without any secret',
  mayTake: ['dir or -'],
  options: {},
  notes: [
    'Without a folder, or with -, everything goes to stdout as one stream of documents. In the place of each secret stands a reference to the environment, such as ${env:BOOKS_CLIENT_SECRET}.',
  ],
  examples: [
    ['Into files, to keep under version control', 'mooring export definitions'],
    ['From one installation to another', 'mooring export --url https://test.example.com | mooring apply - --yes'],
  ],
  async run({ argument }, { client, output }) {
    // Loaded here alone, so that other commands start fast.
    const { typesFrom, writeAll } = await import('../definitions/index.ts')
    const place = argument('dir or -')
    const written = await writeAll(client, typesFrom((await client.authTypes()).items))
    if (output.json) {
      output.printJson({ items: written })
      return
    }
    if (place === '' || place === '-') {
      output.print(written.map(({ text }) => text.trimEnd()).join('\n---\n'))
      return
    }
    try {
      for (const { kind, linkName, text } of written) {
        mkdirSync(join(place, `${kind}s`), { recursive: true })
        writeFileSync(join(place, `${kind}s`, `${linkName}.yaml`), text)
      }
    } catch (cause) {
      throw new Failure(`Cannot write to ${place} (${reason(cause)}).`, { cause })
    }
    output.note(`${counted(written.length, 'file')} in ${place}.`)
  },
})
