export function ConnectionOverview() {
  return <p>Connection Overview</p>
}
