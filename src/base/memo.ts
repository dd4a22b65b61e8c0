/** Keeps the results of functions that always give the same result for the same arguments. */

import { type Lru, lru } from './lru.ts'

/** A result that can be kept: `undefined` means that nothing is kept yet. */
type Kept = NonNullable<unknown> | null

/**
 * Calls `make` once for each key object, compared by identity, and keeps the result as long as the key lives. An error is not
 * kept: the next call tries again.
 *
 * @throws What `make` throws.
 */
export function memo<Key extends object, Result extends Kept>(make: (key: Key) => Result): (key: Key) => Result {
  const results = new WeakMap<Key, Result>()
  return (key) => {
    const known = results.get(key)
    if (known !== undefined) return known
    const result = make(key)
    results.set(key, result)
    return result
  }
}

/**
 * Like `memo`, for two key objects. A result is kept as long as both keys live.
 *
 * @throws What `make` throws.
 */
export function memoPair<First extends object, Second extends object, Result extends Kept>(
  make: (first: First, second: Second) => Result,
): (first: First, second: Second) => Result {
  const ofFirst = memo((first: First) => memo((second: Second) => make(first, second)))
  return (first, second) => ofFirst(first)(second)
}

/**
 * Like `memo`, for a text key. The result that was used least recently is dropped first.
 *
 * @param capacity how many results are kept, at least 1.
 * @throws What `make` throws.
 */
export function memoText<Key extends string, Result extends Kept>(capacity: number, make: (key: Key) => Result): (key: Key) => Result {
  const results = lru<Result>(capacity)
  return (key) => recall(results, key, () => make(key))
}

/**
 * Finds the value of a key in a cache, or makes it and keeps it. For a cache that is passed as an argument; otherwise use `memoText`.
 *
 * @throws What `make` throws. Nothing is kept then.
 */
export function recall<Result extends Kept>(cache: Lru<Result>, key: string, make: () => Result): Result {
  const known = cache.get(key)
  if (known !== undefined) return known
  const result = make()
  cache.set(key, result)
  return result
}
