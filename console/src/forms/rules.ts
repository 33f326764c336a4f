/** The contract's rules, for checking before anything is sent. Pages load them with their forms, not before. */
import './jitless.ts'

export {
  fieldErrors,
  fields,
  linkNameFrom,
  maxScopes,
  scopeNameFrom,
  ScopeInput,
  ServiceInput,
  ServicePatch,
} from '@mooring/contract'
