/**
 * One cycle for each group of nodes that reach each other, as the nodes passed, each once; the last leads back to the
 * first. Empty when there is none.
 */
export function findCycles(edges: { from: string; to: string }[]): string[][] {
  const next = Map.groupBy(edges, (edge) => edge.from)
  const followers = (node: string) => (next.get(node) ?? []).map((edge) => edge.to)
  const seen = new Set<string>()
  const cycles: string[][] = []

  for (const start of next.keys()) {
    if (seen.has(start)) continue
    const cycle = shortestWayBack(start, followers)
    if (cycle === undefined) continue
    for (const node of cycle) seen.add(node)
    cycles.push(cycle)
  }
  return cycles
}

/** Breadth first, so the report shows the shortest cycle through `start`. */
function shortestWayBack(start: string, followers: (node: string) => string[]): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const node of queue) {
    for (const follower of followers(node)) {
      if (follower === start) return wayTo(node, cameFrom)
      if (cameFrom.has(follower)) continue
      cameFrom.set(follower, node)
      queue.push(follower)
    }
  }
  return undefined
}

function wayTo(node: string, cameFrom: Map<string, string>): string[] {
  const way = [node]
  for (let at = cameFrom.get(node); at !== undefined; at = cameFrom.get(at)) way.unshift(at)
  return way
}
