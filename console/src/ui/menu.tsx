/** Menus. What they are made of is loaded behind the first view. */
import type { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import {
  cloneElement,
  createContext,
  type ReactElement,
  type ReactNode,
  use,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { cn } from './class_names.ts'
import { later, notLoaded } from './later.ts'
import { tellProblem } from './toast.ts'

const parts = later(async () => (await import('@base-ui/react/menu')).Menu, { soon: true })
const Parts = createContext<typeof Base | undefined>(undefined)

interface MenuProps {
  /** A button. */
  trigger: ReactElement<{ onClick?: () => void; 'aria-haspopup'?: 'menu' }>
  children: ReactNode
  align?: 'start' | 'end'
  side?: 'bottom' | 'top'
  /** In rows of long lists: only the button, until the pointer or the keyboard comes to it. */
  lazy?: boolean
}

export function Menu({ trigger, children, align = 'end', side = 'bottom', lazy = false }: MenuProps) {
  // Asked for before it was there, it opens as soon as it is.
  const [open, setOpen] = useState(false)
  const loaded = parts.usePart(open, () => {
    setOpen(false)
    tellProblem(...notLoaded)
  })
  const [near, setNear] = useState(!lazy)
  const ready = near ? loaded : undefined
  const place = useRef<HTMLSpanElement>(null)
  const focused = useRef(false)
  useLayoutEffect(() => {
    // The button is made anew then, and keeps the focus that it had.
    if (ready !== undefined && focused.current) place.current?.querySelector('button')?.focus()
  }, [ready])
  return (
    <span
      ref={place}
      className="contents"
      onPointerEnter={({ pointerType }) => {
        // A finger has touched it already: a button made anew would lose the touch.
        if (pointerType === 'mouse') setNear(true)
      }}
      onFocus={({ target }) => {
        focused.current = true
        if (target.matches(':focus-visible')) setNear(true)
      }}
      onBlur={() => (focused.current = false)}
    >
      {ready === undefined ? (
        cloneElement(trigger, {
          'aria-haspopup': 'menu',
          onClick: () => {
            setNear(true)
            setOpen(true)
          },
        })
      ) : (
        <Parts value={ready}>
          <ready.Root open={open} onOpenChange={setOpen}>
            <ready.Trigger render={trigger} />
            <ready.Portal>
              <ready.Positioner align={align} side={side} sideOffset={4} className="z-50">
                <ready.Popup className="min-w-44 rounded-md border border-line bg-raised p-1 shadow-float outline-none">
                  {children}
                </ready.Popup>
              </ready.Positioner>
            </ready.Portal>
          </ready.Root>
        </Parts>
      )}
    </span>
  )
}

/** Inside a menu that is open, so they are there. */
function useParts(): typeof Base {
  const loaded = use(Parts)
  if (loaded === undefined) throw new Error('A menu item belongs inside a menu.')
  return loaded
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
  const { Item } = useParts()
  return (
    <Item
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
    </Item>
  )
}

export function MenuLine() {
  const { Separator } = useParts()
  return <Separator className="my-1 h-px bg-line" />
}
