/** The dialogs themselves; `dialog.tsx` loads them. */
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { Button, IconButton } from './button.tsx'
import { cn } from './class_names.ts'
import type { ConfirmProps, DialogProps, SheetProps } from './dialog.tsx'

const backdrop =
  'fixed inset-0 z-40 bg-black/45 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0'
const popup =
  'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-float transition-[opacity,scale] duration-150 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0'

/** A dialog with a title. The focus is kept inside and goes back to where it came from. */
export function Dialog(props: DialogProps) {
  const {
    open,
    onClose,
    title,
    description,
    children,
    footer,
    size = 'normal',
    dismissible = true,
    initialFocus,
  } = props
  return (
    <Base.Root
      open={open}
      disablePointerDismissal={!dismissible}
      onOpenChange={(next, details) => {
        if (next) return
        if (!dismissible && details.reason === 'escape-key') return
        onClose()
      }}
    >
      <Base.Portal>
        <Base.Backdrop className={backdrop} />
        <Base.Popup
          className={cn(popup, size === 'wide' ? 'max-w-3xl' : 'max-w-lg')}
          {...(initialFocus === undefined ? {} : { initialFocus })}
        >
          <div className="flex items-start justify-between gap-3 px-5 pt-4">
            <Base.Title className="text-base font-semibold">{title}</Base.Title>
            {dismissible && (
              <IconButton label="Close" onClick={onClose} className="-mt-1 -mr-2">
                <X aria-hidden className="size-4" />
              </IconButton>
            )}
          </div>
          <div className="min-h-0 overflow-y-auto px-5 pt-1 pb-5">
            {description !== undefined && (
              <Base.Description render={<div />} className="text-ink-2">
                {description}
              </Base.Description>
            )}
            {children !== undefined && <div className="mt-3">{children}</div>}
          </div>
          {footer !== undefined && (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line bg-ground px-5 py-3">{footer}</div>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** Asks before something that cannot be undone. */
export function Confirm({
  open,
  title,
  children,
  keep,
  confirm,
  busy,
  danger = true,
  finalFocus,
  onKeep,
  onConfirm,
}: ConfirmProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onKeep()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdrop} />
        <AlertDialog.Popup
          className={cn(popup, 'max-w-md')}
          {...(finalFocus === undefined ? {} : { finalFocus: () => finalFocus() })}
        >
          <div className="min-h-0 overflow-y-auto px-5 pt-4 pb-5">
            <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="mt-1 text-ink-2">
              {children}
            </AlertDialog.Description>
          </div>
          <div className="flex flex-wrap justify-end gap-2 border-t border-line bg-ground px-5 py-3">
            <Button onClick={onKeep}>{keep}</Button>
            <Button look={danger ? 'danger' : 'primary'} busy={busy ?? false} onClick={onConfirm}>
              {confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

/** A panel at the side of the page. */
export function Sheet({ open, onClose, title, children, side = 'right' }: SheetProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={backdrop} />
        <Base.Popup
          className={cn(
            'fixed inset-y-0 z-50 flex w-full flex-col overflow-y-auto border-line bg-raised shadow-float transition-transform duration-200',
            side === 'right'
              ? 'right-0 max-w-xl border-l data-ending-style:translate-x-full data-starting-style:translate-x-full'
              : 'left-0 max-w-72 border-r data-ending-style:-translate-x-full data-starting-style:-translate-x-full',
          )}
        >
          <div className="sticky top-0 z-10 flex items-center justify-between gap-3 border-b border-line bg-raised px-5 py-3">
            <Base.Title className="min-w-0 text-base font-semibold break-words">{title}</Base.Title>
            <IconButton label="Close" onClick={onClose}>
              <X aria-hidden className="size-4" />
            </IconButton>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
