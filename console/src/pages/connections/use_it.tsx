export function ConnectionUse() {
  return <p>Connection Use</p>
}
