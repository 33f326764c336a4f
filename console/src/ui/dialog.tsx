/** Dialogs and side panels. What they are made of is loaded behind the first view. */
import type { ReactNode, RefObject } from 'react'
import type * as Parts from './dialog_parts.tsx'
import { later, notLoaded } from './later.ts'
import { tellProblem } from './toast.ts'

export interface DialogProps {
  open: boolean
  onClose: () => void
  title: string
  description?: ReactNode
  children?: ReactNode
  /** Buttons, the main one last. */
  footer?: ReactNode
  size?: 'normal' | 'wide'
  /** False where a stray click would lose something that is shown once. */
  dismissible?: boolean
  /** Default: the first control. False where what is inside sets it. */
  initialFocus?: RefObject<HTMLElement | null> | false
}

export interface ConfirmProps {
  open: boolean
  title: string
  children: ReactNode
  /** What keeps things as they are: has the focus first. */
  keep: string
  confirm: string
  busy?: boolean
  danger?: boolean
  /** Where the focus goes at the end; null: back to where it came from. */
  finalFocus?: () => HTMLElement | null
  onKeep: () => void
  onConfirm: () => void
}

export interface SheetProps {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  side?: 'right' | 'left'
}

const parts = later(async () => import('./dialog_parts.tsx'), { soon: true })

/** Undefined until it is there; where it cannot be loaded, nothing opens, and whoever wanted it is told. */
function useParts(open: boolean, giveUp: () => void): typeof Parts | undefined {
  return parts.usePart(open, () => {
    giveUp()
    tellProblem(...notLoaded)
  })
}

/** A dialog with a title. The focus is kept inside and goes back to where it came from. */
export function Dialog(props: DialogProps): ReactNode {
  const loaded = useParts(props.open, props.onClose)
  return loaded && <loaded.Dialog {...props} />
}

/** Asks before something that cannot be undone. */
export function Confirm(props: ConfirmProps): ReactNode {
  const loaded = useParts(props.open, props.onKeep)
  return loaded && <loaded.Confirm {...props} />
}

/** A panel at the side of the page. */
export function Sheet(props: SheetProps): ReactNode {
  const loaded = useParts(props.open, props.onClose)
  return loaded && <loaded.Sheet {...props} />
}
