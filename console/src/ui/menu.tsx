import { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { cn } from './class_names.ts'

interface MenuProps {
  /** A button. */
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'end'
  side?: 'bottom' | 'top'
}

export function Menu({ trigger, children, align = 'end', side = 'bottom' }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={4} className="z-50">
          <Base.Popup className="min-w-44 rounded-md border border-line bg-raised p-1 shadow-float outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

interface MenuItemProps {
  icon?: LucideIcon
  danger?: boolean
  disabled?: boolean
  /** Where it is a link: an anchor or a router link. */
  render?: ReactElement
  onClick?: () => void
  children: ReactNode
}

export function MenuItem({ icon: Icon, danger = false, disabled = false, render, onClick, children }: MenuItemProps) {
  return (
    <Base.Item
      disabled={disabled}
      {...(render === undefined ? {} : { render })}
      {...(onClick === undefined ? {} : { onClick })}
      className={cn(
        'flex h-8 cursor-pointer items-center gap-2 rounded-sm px-2 outline-none select-none data-disabled:cursor-default data-disabled:opacity-50 data-highlighted:bg-hover',
        danger ? 'text-bad' : 'text-ink',
      )}
    >
      {Icon !== undefined && <Icon aria-hidden className="size-4" />}
      {children}
    </Base.Item>
  )
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />
}
