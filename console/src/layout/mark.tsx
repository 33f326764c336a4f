import { cn } from '../ui/class_names.ts'

/** The mooring buoy. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={cn('size-7', className)}>
      <rect width="32" height="32" rx="7" fill="#0d2a3f" />
      <circle cx="16" cy="7.6" r="2.6" fill="none" stroke="#f4f7fa" strokeWidth="1.8" />
      <circle cx="16" cy="18.6" r="8.4" fill="#f2703d" />
      {/* The band; drawn to the circle's edge, since a clip path needs an id that no hidden copy of the mark shares. */}
      <path d="M7.89 16.4h16.22A8.4 8.4 0 0 1 24.05 21H7.95a8.4 8.4 0 0 1-.06-4.6z" fill="#f4f7fa" />
    </svg>
  )
}
