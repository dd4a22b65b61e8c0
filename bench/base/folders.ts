/** Where the files of the benchmarks are; absolute paths. */

import { join } from 'node:path'

/** The folder `bench/`. */
export const BENCH = join(import.meta.dirname, '..')
/** The repository. */
export const ROOT = join(BENCH, '..')
/** The design that Plinth serves in every benchmark. */
export const DESIGN = join(BENCH, 'design.ts')
/** Databases, logs and other files that a run makes; ignored by git. */
export const WORK = join(BENCH, '.work')
/** One folder for each peer. */
export const PEERS = join(BENCH, 'peers')
