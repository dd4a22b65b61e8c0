/** How a supervising process and its child find each other. */

/** The variable that tells a process that it is supervised. */
export const SUPERVISED = 'PLINTH_SUPERVISED'

/** The variable with the number of a worker, from 1. */
export const WORKER = 'PLINTH_WORKER'

/**
 * The file descriptor of the channel between the two processes. The child writes what is stuck; the supervisor ends the channel to ask the
 * child to stop, and the channel also ends when the supervisor dies.
 */
export const CHANNEL = 3
