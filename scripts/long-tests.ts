/**
 * What `npm test` leaves out, so that it ends in some minutes: `npm run test:long` runs it, and `PLINTH_FULL=1 npm test` runs all tests. A
 * change that reaches such a part is tried with its file.
 */

/** Test files that `npm test` leaves out, each with the reason. */
export const LONG_TESTS: Readonly<Record<string, string>> = {
  'test/clients/clients.test.ts': 'installs three generators of clients, 450 packages',
  'test/columns/large-pages.test.ts': 'reads pages of 16 MiB in two forms; differential.test.ts compares the forms',
  'test/commands/bench.test.ts': 'tests the command lines of benchmarks, and nothing of Plinth',
  'test/commands/workers.test.ts': 'kills and reloads processes under load',
  'test/conduit/by-hand.test.ts': 'tests the server that benchmarks compare with, and nothing of Plinth',
  'test/events/crash.test.ts':
    'kills instances; log-reader.test.ts reads each event once, and crash/crash.test.ts kills a process with events',
  'test/executor/bulk-memory.test.ts': 'creates 100,000 rows and measures memory; rest.test.ts creates a thousand at once',
  'test/executor/durability.test.ts': 'kills all processes; embedded-crash.test.ts does so, and idempotency.test.ts repeats writes',
  'test/guides/production.test.ts': 'packs and installs the package, as package.test.ts does',
  'test/jobs/clock-change.test.ts':
    'kills three processes while clocks change; schedules.test.ts changes clocks, and kill-workers.test.ts kills processes',
  'test/mcp/conformance.test.ts': 'installs a suite of its own; http.test.ts and walk.test.ts speak the protocol',
  'test/migrations/hostile-settings.test.ts': 'runs the other tests of migrations a second time, with other settings',
  'test/random/dropped-at-addresses.test.ts': 'drops rules one after the other; model-oracle.test.ts compares what all rules decide',
  'test/shop/kill.test.ts': 'kills an instance many times; the tests of jobs and webhooks kill theirs once',
  'test/verify/reference.test.ts': 'verifies the whole blog; faults.test.ts and security.test.ts ask a part of it',
}

/** Test files that are longer with `PLINTH_FULL=1`: more cases, or more tests. */
export const SHORTENED_TESTS: readonly string[] = [
  'src/base/pattern/parse-pattern.test.ts',
  'src/design/contract/compare-answer.test.ts',
  'src/design/language/agreement.test.ts',
  'src/design/resolve/random-actions.test.ts',
  'src/verify/mutants/run/alike-at-doors.test.ts',
  'src/verify/rules/deciding.test.ts',
  'src/verify/rules/joint-truths.test.ts',
  'test/columns/differential.test.ts',
  'test/commands/package.test.ts',
  'test/crash/crash.test.ts',
  'test/deliver/pages.test.ts',
  'test/embedded/embedded-crash.test.ts',
  'test/executor/equivalence.test.ts',
  'test/expressions/differential.test.ts',
  'test/graphql/fuzz.test.ts',
  'test/identity/refresh.test.ts',
  'test/isolation/append.test.ts',
  'test/migrations/migrate-any.test.ts',
  'test/migrations/migrate-crash.test.ts',
  'test/random/model-oracle.test.ts',
  'test/random/page-recipes.test.ts',
  'test/random/recipes.test.ts',
  'test/random/short-forms.test.ts',
  'test/rest/hostile/fuzz.test.ts',
  'test/rest/races.test.ts',
  'test/rest/writes.test.ts',
  'test/verify/doors/doors.test.ts',
  'test/verify/effects/effects.test.ts',
  'test/verify/family-faults.test.ts',
  'test/verify/faults.test.ts',
  'test/verify/load/growth.test.ts',
  'test/verify/load/performance.test.ts',
  'test/verify/mutants.test.ts',
  'test/verify/proxied/file-faults.test.ts',
  'test/verify/security.test.ts',
]
