/** The audit log's actions in words that fit what was done and what was refused. */

export const actWords: Readonly<Record<string, string>> = {
  'service.create': 'Create a service',
  'service.update': 'Change a service',
  'service.delete': 'Delete a service',
  'service.ready': 'Mark a service as ready',
  'service.clone': 'Copy a service',
  'service.import': 'Read definitions of services',
  'service.roll_keys': 'Make a new key of a service',
  'service.replace_secrets': "Replace a service's secrets",
  'service.set_logo': "Set a service's logo",
  'scope.create': 'Add a scope',
  'scope.update': 'Change a scope',
  'scope.delete': 'Delete scopes',
  'connection.create': 'Create a connection',
  'connection.update': 'Change a connection',
  'connection.delete': 'Delete a connection',
  'connection.authorize': 'Authorize a connection',
  'connection.refresh': 'Renew a token',
  'connection.revoke': 'Revoke a connection',
  'connection.read_credentials': 'Read a raw credential',
  'attempt.answer': 'Answer a sign-in at a provider',
  'attempt.cancel': 'Cancel a sign-in at a provider',
  'connect_session.create': 'Make a connect page',
  'workspace.set_up': 'Set up Mooring',
  'session.create': 'Sign in',
  'session.delete': 'Sign out',
  'profile.update': "Change one's own account",
  'user.update': "Change somebody's role or access",
  'user.delete': 'Remove somebody',
  'password_link.create': 'Make a password link',
  'password.reset': 'Choose a new password',
  'invitation.create': 'Invite somebody',
  'invitation.delete': 'Withdraw an invitation',
  'invitation.accept': 'Accept an invitation',
  'api_key.create': 'Create an API key',
  'api_key.delete': 'Delete an API key',
  'api_key.roll': 'Roll an API key',
  'encryption.rotate': 'Rotate the encryption key',
  'encryption.verify': 'Verify what is encrypted',
  'job.pause': 'Pause a job',
  'job.resume': 'Resume a job',
}

/** An action that this console does not know yet is told by its name. */
export function actionWords(action: string): string {
  return actWords[action] ?? action
}
