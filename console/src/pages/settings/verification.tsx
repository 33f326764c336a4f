import type { AuditVerification } from '@mooring/sdk'
import { ShieldCheck } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { client } from '../../data/client.ts'
import { useAct } from '../../forms/use_act.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Notice } from '../../ui/notice.tsx'

/** Whether the log is as it was written: a button, and what came of it. */
export function useVerification(): { button: ReactNode; result: ReactNode } {
  const [verified, setVerified] = useState<AuditVerification>()
  const { busy, run, refusal } = useAct()
  return {
    button: (
      <Button busy={busy} onClick={() => run(async () => setVerified(await client.audit.verify()))}>
        <ShieldCheck aria-hidden className="size-4" />
        Verify
      </Button>
    ),
    result: refusal ?? (verified === undefined ? null : <Result {...verified} />),
  }
}

function Result({ ok, entries, head, brokenAt, detail }: AuditVerification) {
  if (!ok) {
    return (
      <Notice
        tone="bad"
        live
        title={brokenAt === null ? 'The log was changed' : `The log is broken at entry ${brokenAt}`}
      >
        {detail} What follows proves nothing. Look who can write to the database, and compare with a copy.
      </Notice>
    )
  }
  return (
    <Notice tone="ok" live title={entries === 1 ? 'The one entry fits' : `All ${entries} entries fit`}>
      <p className="mb-2">
        Nothing was changed or taken out. Keep the newest hash somewhere else: later, entry {entries} must still have
        it.
      </p>
      <CopyField label="newest hash" value={head} />
    </Notice>
  )
}
