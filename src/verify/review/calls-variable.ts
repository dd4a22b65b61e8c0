/** How the tests of a project tell `plinth verify` what they have called. */

/**
 * The variable with the folder into which each process of tests writes what it has called: a JSON list of texts such as
 * `POST /api/orders/:id/pay` and `graphql createPost`. Without the variable, nothing is recorded.
 */
export const CALLS_FOLDER = 'PLINTH_TEST_CALLS'
