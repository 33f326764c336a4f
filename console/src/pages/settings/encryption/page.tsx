import { useQuery } from '@tanstack/react-query'
import { RotateCwSquare, ShieldCheck } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { client } from '../../../data/client.ts'
import { encryption as encryptionFacts, encryptionChanged } from '../../../data/encryption.ts'
import { useAct } from '../../../forms/use_act.tsx'
import { useMay } from '../../../session.tsx'
import { Button } from '../../../ui/button.tsx'
import { Page, Section } from '../../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../../ui/states.tsx'
import { NotYours } from '../not_yours.tsx'
import { History } from './history.tsx'
import { ActiveKey, RootKeys } from './keys.tsx'
import { RotateDialog } from './rotate_dialog.tsx'
import { Rotation, Verification } from './jobs.tsx'

/** The keys at rest: what seals what is stored, rotating it, proving that everything opens. */
export function EncryptionPage() {
  return useMay('encryption') ? (
    <Keys />
  ) : (
    <NotYours title="Encryption">
      Everything secret is stored encrypted. Owners and admins change the key it is encrypted with.
    </NotYours>
  )
}

function Keys() {
  const encryption = useQuery(encryptionFacts)
  const [asking, setAsking] = useState(false)
  const { busy, run, refusal } = useAct()
  const { data } = encryption
  const open = data?.rotation?.state === 'running' || data?.rotation?.state === 'paused'
  const verify = async (): Promise<void> => {
    await client.encryption.verify()
    await encryptionChanged()
  }
  const actions: ReactNode = data !== undefined && (
    <>
      <Button busy={busy || data.verification?.state === 'running'} onClick={() => run(verify)}>
        <ShieldCheck aria-hidden className="size-4" />
        Verify
      </Button>
      {!open && (
        <Button look="primary" onClick={() => setAsking(true)}>
          <RotateCwSquare aria-hidden className="size-4" />
          Rotate
        </Button>
      )}
    </>
  )
  return (
    <Page title="Encryption" width="narrow" lead="Tokens, keys and passwords are stored encrypted." actions={actions}>
      {refusal}
      {encryption.error !== null && (
        <LoadError
          error={encryption.error}
          retrying={encryption.isFetching}
          onRetry={() => void encryption.refetch()}
        />
      )}
      {encryption.isPending && (
        <Section>
          <SkeletonRows rows={4} />
        </Section>
      )}
      {data !== undefined && (
        <>
          <Rotation job={data.rotation} />
          <Verification job={data.verification} />
          <ActiveKey encryption={data} />
          <RootKeys encryption={data} />
          <History newest={[data.rotation, data.verification]} />
          {asking && <RotateDialog values={data.values} onClose={() => setAsking(false)} />}
        </>
      )}
    </Page>
  )
}
