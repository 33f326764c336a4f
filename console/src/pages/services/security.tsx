export function BuilderSecurity() {
  return <p>Builder Security</p>
}
