import { later } from './later.ts'
import { useNews } from './toast.ts'

// There before the news: a live region that comes with its text is not read.
const toaster = later(async () => import('./toaster.tsx'), { soon: true })

export function Toasts() {
  const loaded = toaster.usePart(useNews().length > 0)
  return loaded === undefined ? null : <loaded.Toaster />
}
