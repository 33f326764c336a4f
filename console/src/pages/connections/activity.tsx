export function ConnectionActivity() {
  return <p>Connection Activity</p>
}
