export function BuilderGeneral() {
  return <p>Builder General</p>
}
