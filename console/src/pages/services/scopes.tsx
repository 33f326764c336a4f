export function BuilderScopes() {
  return <p>Builder Scopes</p>
}
