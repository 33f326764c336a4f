export function ConnectionSettings() {
  return <p>Connection Settings</p>
}
