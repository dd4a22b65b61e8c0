/**
 * The patience of backends and executors in tests, so that a machine that is busy with other work is slow but changes no answer. A test of
 * the time limits themselves runs with the patience 1.
 */
export const PATIENCE = 10
