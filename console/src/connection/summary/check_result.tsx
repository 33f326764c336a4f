import { X } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ErrorDetails } from '../error_details.tsx'
import type { CheckResult as Result } from './use_check.ts'

export function CheckResult({ result, onDismiss }: { result: Result; onDismiss: () => void }) {
  const { ok, title, detail, hint, requestId } = result
  return (
    <Notice
      tone={ok ? 'ok' : 'bad'}
      live
      title={title}
      action={
        <IconButton label="Dismiss" onClick={onDismiss} className="-my-1">
          <X aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <p>{detail}</p>
      {hint !== undefined && <p>{hint}</p>}
      {requestId !== undefined && <ErrorDetails facts={[]} id={requestId} />}
    </Notice>
  )
}
