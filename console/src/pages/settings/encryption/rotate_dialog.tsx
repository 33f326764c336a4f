import { client } from '../../../data/client.ts'
import { encryptionChanged } from '../../../data/encryption.ts'
import { useAct } from '../../../forms/use_act.tsx'
import { announce } from '../../../ui/announce.tsx'
import { Confirm } from '../../../ui/dialog.tsx'
import { counted } from '../../../words/jobs.ts'

/** Says what will happen before it begins. */
export function RotateDialog({ values, onClose }: { values: number; onClose: () => void }) {
  const { busy, run, refusal } = useAct()
  const rotate = async (): Promise<void> => {
    await client.encryption.rotate()
    announce('The rotation has begun')
    await encryptionChanged()
    onClose()
  }
  return (
    <Confirm
      open
      title="Rotate the encryption key?"
      keep="Keep this key"
      confirm="Rotate key"
      danger={false}
      busy={busy}
      onKeep={onClose}
      onConfirm={() => run(rotate)}
    >
      <ul className="list-disc space-y-1 pl-5">
        <li>A new key encrypts everything that is stored from now on.</li>
        <li>
          {values === 1 ? 'The one value' : `The ${counted(values)} values`} stored already{' '}
          {values === 1 ? 'is' : 'are'} re-encrypted in the background, a few at a time.
        </li>
        <li>Connections and calls go on working. You can pause, and a restart of the server changes nothing.</li>
        <li>When nothing is left under the old key, the old key is deleted.</li>
      </ul>
      <p className="mt-2">Your root key stays as it is, and so does what it opens: older back-ups too.</p>
      {refusal}
    </Confirm>
  )
}
