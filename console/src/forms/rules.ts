/** The contract's rules, for checking before anything is sent. Pages load them with their forms, not before. */
import './jitless.ts'

export {
  ApiKeyInput,
  ConnectionPatch,
  ConnectSessionInput,
  fieldErrors,
  fields,
  InvitationInput,
  linkNameFrom,
  maxScopes,
  PasswordResetInput,
  ProfilePatch,
  same,
  ScopeInput,
  scopeNameFrom,
  ServiceFile,
  ServiceInput,
  ServicePatch,
  SetupInput,
  withoutPresets,
} from '@mooring/contract'
