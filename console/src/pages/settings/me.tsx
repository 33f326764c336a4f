import { Page } from '../../ui/page.tsx'

export function MePage() {
  return <Page title="Me">{null}</Page>
}
