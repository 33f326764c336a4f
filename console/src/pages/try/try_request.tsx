import { Page } from '../../ui/page.tsx'

export function TryRequestPage() {
  return <Page title="Try Request">{null}</Page>
}
