/** Deletes the expired rows of all services, once an hour. */

import type { Service, SweepDeps } from '../services/service.ts'
import type { Observe } from './http/observe.ts'

const SWEEP_MS = 3_600_000

/** Starts to sweep every hour; does not keep the process alive. @returns a function that stops it. */
export function startSweeping(services: readonly Service[], deps: SweepDeps & { readonly observe: Observe }): () => void {
  const sweeping = setInterval(() => void sweepAll(services, deps), SWEEP_MS).unref()
  return () => clearInterval(sweeping)
}

/** Sweeps one service after the other until nothing expired is left. A service that fails is tried again an hour later. */
async function sweepAll(services: readonly Service[], { observe, ...deps }: SweepDeps & { readonly observe: Observe }): Promise<void> {
  for (const { name, sweep } of services) {
    try {
      while ((await sweep(deps)) > 0);
    } catch (error) {
      observe({ kind: 'sweep-failed', service: name, note: String(error) })
    }
  }
}
