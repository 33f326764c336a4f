export function BuilderConnections() {
  return <p>Builder Connections</p>
}
