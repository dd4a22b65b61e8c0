/** The candidate closest to a misspelt name, for "did you mean". */

/**
 * Returns the candidate within an edit distance of a third of the name's length (at least 1), nearest first and then in the given order;
 * undefined when nothing is near. Letter case and the separators `_` and `-` do not count.
 */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined
  const wanted = fold(name)
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    if (candidate.length > 100 || candidate === name) continue
    const folded = fold(candidate)
    // Each letter more or less is a step, so most candidates need no table.
    if (Math.abs(folded.length - wanted.length) >= bestDistance) continue
    const distance = editDistance(wanted, folded)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}

/** Optimal string alignment distance (insert, delete, replace, swap neighbours). */
function editDistance(a: string, b: string): number {
  let previous: number[] = []
  let current: number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min((current[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (current[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) distance = Math.min(distance, (previous[j - 2] ?? 0) + 1)
      row.push(distance)
    }
    previous = current
    current = row
  }
  return current[b.length] ?? 0
}
