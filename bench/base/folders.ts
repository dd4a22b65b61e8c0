/** Absolute paths of the benchmarks' files. */

import { join } from 'node:path'

/** The folder `bench/`. */
export const BENCH = join(import.meta.dirname, '..')
/** The repository. */
export const ROOT = join(BENCH, '..')
/** The design that Plinth serves in every benchmark. */
export const DESIGN = join(BENCH, 'design.ts')
/** A checkout of Plinth and the design that it serves; absolute paths. */
export interface Tree {
  readonly root: string
  /** It imports the `plinth` of its own checkout: a package's own name resolves to the nearest package.json (Node, self-referencing). */
  readonly design: string
}

/** This checkout. */
export const OWN: Tree = { root: ROOT, design: DESIGN }
/** Databases, logs and other files that a run makes; ignored by git. */
export const WORK = join(BENCH, '.work')
/** One folder for each peer. */
export const PEERS = join(BENCH, 'peers')
