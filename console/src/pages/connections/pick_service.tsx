import { Page } from '../../ui/page.tsx'

export function PickServicePage() {
  return <Page title="Pick Service">{null}</Page>
}
