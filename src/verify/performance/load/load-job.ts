/** What the load generator is told, and what it answers. */

/** A measurement. Requests are sent in the order of the prepared ones, from the first again after the last. */
export type LoadJob = OpenJob | ClosedJob | BatchJob

/** Requests that arrive by themselves, as those of many independent callers, whether or not earlier ones are answered. */
export interface OpenJob {
  readonly kind: 'open'
  readonly port: number
  /** Requests a second, on average. */
  readonly rate: number
  readonly seconds: number
  readonly seed: number
}

/** Callers who send their next request as soon as the one before is answered. It finds the ceiling, and says nothing about latency. */
export interface ClosedJob {
  readonly kind: 'closed'
  /** One or several servers; the callers are spread over them. */
  readonly ports: readonly number[]
  readonly callers: number
  /** Seconds before the measurement. */
  readonly warmSeconds: number
  readonly seconds: number
  /** Whether each prepared request is sent once at most; the measurement ends when all are sent. */
  readonly once?: boolean
}

/**
 * A number of requests to several servers in turns, by callers who wait for their answers. What they cost each server can be told exactly.
 */
export interface BatchJob {
  readonly kind: 'batch'
  /** Where each request goes: the first to the first port, and from the first port again after the last. */
  readonly ports: readonly number[]
  readonly callers: number
  readonly requests: number
}

/** A message to the generator: requests as texts in HTTP/1.1, in Latin-1, which replace earlier ones; or a job that sends them. */
export type ToGenerator = LoadJob | { readonly kind: 'requests'; readonly texts: readonly string[] }

/** What an open measurement saw. */
export interface OpenResult {
  readonly kind: 'open'
  /** Milliseconds after the start at which each request was due; ascending. */
  readonly due: Float64Array
  /** Milliseconds from there to the end of the answer; infinite for a request that failed or was not sent. */
  readonly ms: Float64Array
  /** Which of the prepared requests each was. */
  readonly which: Uint32Array
  /** The part of the requests that were sent later than 1 ms after they were due. */
  readonly late: number
  /** The part of a processor that the generator used. */
  readonly busy: number
  /** Statuses of failed answers; 0 for none. */
  readonly statuses: readonly number[]
}

/** What a closed measurement saw. */
export interface ClosedResult {
  readonly kind: 'closed'
  readonly requests: number
  readonly failed: number
  /** As asked, or fewer if all requests were sent before. */
  readonly seconds: number
  readonly busy: number
  readonly statuses: readonly number[]
}

/** What a batch saw. */
export interface BatchResult {
  readonly kind: 'batch'
  /** Seconds from request to answer, by port: the mean. Infinite where none was answered. */
  readonly seconds: ReadonlyMap<number, number>
  /** Statuses of failed answers, by port; 0 for none. */
  readonly statuses: ReadonlyMap<number, readonly number[]>
}

/** A message of the generator. */
export type FromGenerator = OpenResult | ClosedResult | BatchResult | { readonly kind: 'failed'; readonly message: string }
