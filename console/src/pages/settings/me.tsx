import { useSession } from '../../session.tsx'
import { Page } from '../../ui/page.tsx'
import { PasswordForm } from './password_form.tsx'
import { Preferences } from './preferences.tsx'
import { ProfileForm } from './profile_form.tsx'
import { Sessions } from './sessions.tsx'

export function MePage() {
  const { user } = useSession()
  return (
    <Page title="Your account" width="narrow">
      <ProfileForm user={user} />
      <PasswordForm user={user} />
      <Sessions />
      <Preferences />
    </Page>
  )
}
