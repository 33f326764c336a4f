import { Outlet } from '@tanstack/react-router'
import { Page } from '../../ui/page.tsx'

export function ConnectionSummaryPage() {
  return (
    <Page title="Connection Summary">
      <Outlet />
    </Page>
  )
}
