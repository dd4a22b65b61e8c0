/** Solves small systems of linear equations. */

/** Solves `matrix` · x = `right` (Gauss, with pivots, after scaling). Null for a matrix without an inverse. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] | null {
  const n = right.length
  // The parameters differ by orders of magnitude, so each is measured in its own unit.
  const units = matrix.map((row, i) => Math.sqrt(Math.abs(row[i] ?? 0)) || 1)
  const unit = (i: number): number => units[i] ?? 1
  const rows = matrix.map((row, i) => [...row.map((value, j) => value / unit(i) / unit(j)), (right[i] ?? 0) / unit(i)])
  for (let column = 0; column < n; column++) {
    const best = rows.slice(column).reduce((most, row) => (Math.abs(row[column] ?? 0) > Math.abs(most[column] ?? 0) ? row : most))
    const pivot = best[column] ?? 0
    if (Math.abs(pivot) < 1e-13) return null
    const at = rows.indexOf(best)
    const other = rows[column] as number[]
    rows[column] = best
    rows[at] = other
    for (let i = 0; i < n; i++) {
      const row = rows[i]
      if (row === undefined || i === column) continue
      const factor = (row[column] ?? 0) / pivot
      for (let j = column; j <= n; j++) row[j] = (row[j] ?? 0) - factor * (best[j] ?? 0)
    }
  }
  return rows.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1) / unit(i))
}
