import { command } from '../../command.ts'
import { plain } from '../../output.ts'
import { relativeTime } from '../../words.ts'
import { progressWords } from './job.ts'

export const encryptionStatus = command({
  name: 'encryption status',
  summary: 'Show the keys that seal what is stored, by fingerprint',
  options: {},
  notes: ['A root key comes from the keyring and seals data keys; a data key seals what is stored.'],
  examples: [
    ['Keys and the last rotation', 'mooring encryption status'],
    [
      'Root keys that can leave the keyring',
      "mooring encryption status --json | jq '.rootKeys[] | select(.removable).id'",
    ],
  ],
  async run(_, { client, output, now }) {
    const encryption = await client.encryption.get()
    if (output.json) {
      output.printJson(encryption)
      return
    }
    const { rootKeys, dataKeys, rotation, verification } = encryption
    output.table(
      ['root key', 'fingerprint', 'seals', ''],
      rootKeys.map((key) => [
        plain(key.id),
        key.fingerprint,
        key.dataKeys === 1 ? '1 data key' : `${key.dataKeys} data keys`,
        key.seals ? 'seals new data keys' : key.removable ? 'can leave the keyring' : '',
      ]),
    )
    output.print()
    output.table(
      ['data key', 'fingerprint', 'seals', 'made', ''],
      dataKeys.map((key) => [
        key.id,
        key.fingerprint ?? 'not open here',
        key.values === 1 ? '1 value' : `${key.values.toLocaleString('en')} values`,
        relativeTime(key.createdAt, now()),
        key.active ? 'active' : 'being replaced',
      ]),
    )
    output.print()
    output.details([
      [
        'Rotation',
        rotation === null
          ? 'never'
          : `${rotation.state}, ${progressWords(rotation)}, ${relativeTime(rotation.startedAt, now())}`,
      ],
      [
        'Verification',
        verification === null
          ? 'never'
          : `${verification.state}, ${progressWords(verification)}, ${relativeTime(verification.startedAt, now())}`,
      ],
    ])
  },
})
