/** Uses the processor for some microseconds. */

/**
 * Uses as much processor time, and not as much time: who is interrupted meanwhile uses the rest afterwards.
 *
 * @param milliseconds of this process. A call costs some two microseconds more.
 */
export function useProcessor(milliseconds: number): void {
  const until = usedMs() + milliseconds
  while (usedMs() < until) {}
}

function usedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
