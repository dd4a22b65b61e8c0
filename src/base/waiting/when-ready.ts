/** Continues at once with a known value, and later with a promised one. */

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>

/**
 * Passes a value to `next`. It makes a promise only if it is given one. So work that need not wait makes no promise, and its errors are
 * thrown at once: a rejected promise costs half a microsecond for each function that it passes.
 *
 * @throws what `next` throws, at once for a value, as a rejection for a promise.
 */
export function whenReady<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
