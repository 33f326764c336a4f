import { Page } from '../../ui/page.tsx'

export function CreateServicePage() {
  return <Page title="Create Service">{null}</Page>
}
