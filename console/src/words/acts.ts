/** The audit log's actions in words; what follows tells what it was done to. */

export const actWords: Readonly<Record<string, string>> = {
  'service.create': 'Created a service',
  'service.update': 'Changed a service',
  'service.delete': 'Deleted a service',
  'service.ready': 'Marked a service as ready',
  'service.clone': 'Copied a service',
  'service.replace_secrets': "Replaced a service's secrets",
  'service.set_logo': "Set a service's logo",
  'scope.create': 'Added a scope',
  'scope.update': 'Changed a scope',
  'scope.delete': 'Deleted scopes',
  'connection.create': 'Created a connection',
  'connection.update': 'Changed a connection',
  'connection.delete': 'Deleted a connection',
  'connection.authorize': 'Authorized a connection',
  'connection.refresh': 'Renewed a token',
  'connection.revoke': 'Revoked a connection',
  'connection.read_credentials': 'Read a raw credential',
  'attempt.answer': 'Answered a sign-in',
  'attempt.cancel': 'Cancelled a sign-in',
  'connect_session.create': 'Made a connect page',
  'workspace.set_up': 'Set up Mooring',
  'session.create': 'Signed in',
  'session.delete': 'Signed out',
  'profile.update': 'Changed their account',
  'user.update': "Changed somebody's role or access",
  'user.delete': 'Removed somebody',
  'password_link.create': 'Made a password link',
  'password.reset': 'Chose a new password',
  'invitation.create': 'Invited somebody',
  'invitation.delete': 'Withdrew an invitation',
  'invitation.accept': 'Accepted an invitation',
  'api_key.create': 'Created an API key',
  'api_key.delete': 'Deleted an API key',
  'api_key.roll': 'Rolled an API key',
}

/** An action that this console does not know yet is told by its name. */
export function actionWords(action: string): string {
  return actWords[action] ?? action
}
