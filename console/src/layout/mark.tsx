import { cn } from '../ui/class_names.ts'

/** The mooring buoy. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={cn('size-7', className)}>
      <rect width="32" height="32" rx="7" fill="#0d2a3f" />
      <circle cx="16" cy="7.6" r="2.6" fill="none" stroke="#f4f7fa" strokeWidth="1.8" />
      <clipPath id="buoy">
        <circle cx="16" cy="18.6" r="8.4" />
      </clipPath>
      <g clipPath="url(#buoy)">
        <rect width="32" height="32" fill="#f2703d" />
        <rect y="16.4" width="32" height="4.6" fill="#f4f7fa" />
      </g>
    </svg>
  )
}
