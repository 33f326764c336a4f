import { Page } from '../../ui/page.tsx'

export function ConnectionDetailsPage() {
  return <Page title="Connection Details">{null}</Page>
}
