/** The contract's rules, for checking before anything is sent. Pages load them with their forms, not before. */
import './jitless.ts'

export {
  ApiKeyInput,
  fieldErrors,
  fields,
  InvitationInput,
  linkNameFrom,
  PasswordResetInput,
  ProfilePatch,
  scopeNameFrom,
  SetupInput,
} from '@mooring/contract'
