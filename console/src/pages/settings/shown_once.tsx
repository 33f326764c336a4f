import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'

interface ShownOnceProps {
  title: string
  /** What it is, beside its Copy button. */
  label: string
  value: string
  /** What to do with it. */
  children?: ReactNode
  /** What somebody says who has it. Nothing else closes the dialog: no click outside, no Esc. */
  confirm: string
  onConfirm: () => void
}

/** A secret in the only moment in which it can be seen. */
export function ShownOnce({ title, label, value, children, confirm, onConfirm }: ShownOnceProps) {
  return (
    <Dialog
      open
      dismissible={false}
      onClose={() => undefined}
      title={title}
      footer={
        <Button look="primary" onClick={onConfirm}>
          {confirm}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <CopyField label={label} value={value} />
        <Notice tone="warn" title="It is shown only now">
          Mooring keeps no copy that could be read again.
        </Notice>
        {children}
      </div>
    </Dialog>
  )
}
