/** Long lists: what is far from the screen is only a gap of its height. */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Items drawn or left out together: whole lines of a grid of two, three or four columns. */
const size = 24
/** How far outside the screen they are drawn already. */
const margin = '1000px 0px'

interface WindowedProps<Item> {
  items: readonly Item[]
  keyOf: (item: Item) => string
  /** A first guess in pixels; measured once it was drawn. */
  itemHeight: number
  /** `tbody`: rows of a table. */
  as: 'tbody' | 'ul'
  className?: string
  children: (item: Item) => ReactNode
}

export function Windowed<Item>({ items, keyOf, itemHeight, as, className, children }: WindowedProps<Item>) {
  const parts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
  return parts.map((part, index) => (
    <Part
      key={index}
      as={as}
      className={className}
      drawnAtFirst={index === 0}
      guess={part.length * itemHeight}
      draw={() => part.map((item) => <Item key={keyOf(item)}>{children(item)}</Item>)}
    />
  ))
}

function Item({ children }: { children: ReactNode }) {
  return children
}

interface PartProps {
  as: 'tbody' | 'ul'
  className: string | undefined
  drawnAtFirst: boolean
  guess: number
  draw: () => ReactNode
}

function Part({ as: Tag, className, drawnAtFirst, guess, draw }: PartProps) {
  const box = useRef<HTMLElement>(null)
  const [near, setNear] = useState(drawnAtFirst)
  const [measured, setMeasured] = useState<{ guess: number; height: number }>()
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        // What has the focus stays, wherever it is scrolled to.
        setNear(entry?.isIntersecting === true || element.contains(document.activeElement))
      },
      { rootMargin: margin },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const height = near ? box.current?.offsetHeight : undefined
    if (height !== undefined && height > 0 && (measured?.height !== height || measured.guess !== guess))
      setMeasured({ guess, height })
  }, [near, guess, measured])
  // Another number of items is another height.
  const height = measured?.guess === guess ? measured.height : guess
  const reference = (element: HTMLElement | null): void => {
    box.current = element
  }
  if (near)
    return (
      <Tag ref={reference} className={className}>
        {draw()}
      </Tag>
    )
  return Tag === 'tbody' ? (
    <tbody ref={reference} aria-hidden>
      <tr>
        <td style={{ height, padding: 0 }}>{'\u00a0'}</td>
      </tr>
    </tbody>
  ) : (
    <ul ref={reference} aria-hidden style={{ height }} />
  )
}
