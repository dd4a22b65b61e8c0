/** Counts latencies in buckets: exact to 1 µs below 2 ms and to 0.1 % above, of fixed size for any number of latencies. */

const LINEAR = 2048
const STEPS = 1024
const OCTAVES = 16

/** Counted latencies. */
export interface Histogram {
  /** Counts one latency. */
  record(microseconds: number): void
  /** The lowest latency that at least this share of all (0 to 1) does not exceed, in milliseconds; 0 when nothing was recorded. */
  quantile(share: number): number
  max(): number
}

/** Returns an empty histogram. Latencies above about two minutes count in the last bucket. */
export function openHistogram(): Histogram {
  const counts = new Uint32Array(LINEAR + STEPS * OCTAVES)
  let total = 0
  let largest = 0
  return {
    record(microseconds) {
      const at = bucketOf(microseconds)
      counts[at] = (counts[at] ?? 0) + 1
      total++
      if (microseconds > largest) largest = microseconds
    },
    quantile(share) {
      const rank = Math.max(1, Math.ceil(share * total))
      let seen = 0
      for (let i = 0; i < counts.length; i++) {
        seen += counts[i] ?? 0
        if (seen >= rank) return floorOf(i) / 1000
      }
      return 0
    },
    max: () => largest / 1000,
  }
}

/** There is one bucket a microsecond below `LINEAR`, and `STEPS` buckets in each octave above. */
function bucketOf(microseconds: number): number {
  const whole = Math.max(0, Math.round(microseconds))
  if (whole < LINEAR) return whole
  const octave = Math.floor(Math.log2(whole / LINEAR))
  if (octave >= OCTAVES) return LINEAR + STEPS * OCTAVES - 1
  return LINEAR + octave * STEPS + Math.floor((whole / (LINEAR * 2 ** octave) - 1) * STEPS)
}

/** The lowest latency of a bucket, in microseconds. */
function floorOf(bucket: number): number {
  if (bucket < LINEAR) return bucket
  const octave = Math.floor((bucket - LINEAR) / STEPS)
  return LINEAR * 2 ** octave * (1 + ((bucket - LINEAR) % STEPS) / STEPS)
}
