import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Time } from '../../ui/time.tsx'
import { tellProblem } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'
import { useBuilder } from './builder_context.tsx'
import { copyOf } from './copies.ts'
import { listed } from './saving_status.tsx'
import { SaidAtStart } from './start/said.tsx'

/** What stands between the form and the stored service. */
export function BuilderNotices() {
  const { saving, service, may } = useBuilder()
  const { conflict } = saving
  if (saving.gone) {
    return (
      <Notice
        tone="bad"
        live
        title="This service was deleted elsewhere"
        action={<SaveAsNew label="Save as a new draft" />}
      >
        What you see and typed is still here. Secrets that were stored are not.
      </Notice>
    )
  }
  if (conflict !== null) {
    const becameReady = conflict.theirs.stage === 'ready' && service.stage === 'draft'
    return (
      <Notice
        tone="warn"
        live
        title={
          <>
            Changed elsewhere <Time at={conflict.theirs.updatedAt} />
          </>
        }
        action={
          <>
            {becameReady ? (
              <SaveAsNew label="Keep mine as a new draft" />
            ) : (
              <Button size="small" onClick={saving.keepMine}>
                Keep mine
              </Button>
            )}
            <Button size="small" onClick={saving.loadTheirs}>
              Load theirs
            </Button>
          </>
        }
      >
        You both changed {listed(saving.titles(conflict.parts))}.{' '}
        {becameReady
          ? 'It was marked as Ready since, so its authentication is locked.'
          : 'Keep mine saves what you typed over it; load theirs shows what is stored now.'}
      </Notice>
    )
  }
  if (!may) {
    return (
      <Notice tone="info">
        You may look at services but not change them. Ask an owner or an admin for another role.
      </Notice>
    )
  }
  return <SaidAtStart service={service.id} />
}

function SaveAsNew({ label }: { label: string }) {
  const { definition } = useBuilder()
  const [busy, setBusy] = useState(false)
  const navigate = useNavigate()
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const made = await copyOf(definition)
      await navigate({ to: '/services/$link/general', params: { link: made.linkName }, ignoreBlocker: true })
    } catch (error) {
      const { title, detail } = wordsFor(error)
      tellProblem(title, detail)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button size="small" busy={busy} onClick={() => void save()}>
      {label}
    </Button>
  )
}
