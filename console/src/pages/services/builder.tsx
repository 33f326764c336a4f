import { Outlet } from '@tanstack/react-router'
import { Page } from '../../ui/page.tsx'

export function BuilderPage() {
  return (
    <Page title="Builder">
      <Outlet />
    </Page>
  )
}
