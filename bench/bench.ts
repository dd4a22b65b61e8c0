/** `npm run bench`: compares Plinth with its peers, or with `--against` this working tree with another commit. */

import { compareWithCommit } from './against/against.ts'
import { type AgainstOptions, readAgainst } from './against/options.ts'
import { runBench } from './base/command-line.ts'
import { compareWithPeers } from './comparison/comparison.ts'
import { type Options, readComparison } from './comparison/options.ts'
import { ARGUMENTS } from './measure/arguments.ts'
import { OPERATIONS } from './requests/operations.ts'
import { SERVERS } from './servers/servers.ts'

const HELP = `Plinth and its peers on the same PostgreSQL, the same data and the same requests, in turns.
With --against: Plinth at this working tree and at another commit.

  --against commit      compare this working tree with a commit (any revision that git knows): requests a second and processor
                        time of a request, as ratios with 95 % confidence intervals. Other defaults: --only plinth,
                        --operations get,list,create,update --connections 32 --rounds 15 (5 with --quick) --patience 0
                        Change no files while it runs: new server processes start every five rounds
  --quick               small data, slots of one second, one round; nothing is published
  --only a,b            servers: ${Object.keys(SERVERS).join(', ')}
  --operations a,b      ${Object.keys(OPERATIONS).join(', ')}
  --connections 1,32    at once, for every operation
  --rounds n            (3)
  --seconds n           of a slot (2)
  --patience n          slots that are tried again because others kept the machine busy (60)
  --rate n              with --against: requests a second, instead of as many as the connections can do; prints latencies, too
  --logins n            with --against: each load a second time, beside n connections that sign in all the time
  --equal               then get, list and create at one rate for all servers, a part of what fastify-pg reaches, to compare latencies
                        (a whole run does so anyway); needs --only with fastify-pg, and --connections with 32, if these are given
  --publish             write results/<date>.json, docs/performance.md and its plot (the default of a run without any of the above)

Examples:
  npm run bench
      the whole comparison, about twelve minutes; writes the page
  npm run bench -- --quick
      small data and short slots, in two minutes; writes nothing
  npm run bench -- --only plinth,fastify-pg --operations get,create --rounds 5
      two servers, two operations, five rounds
  npm run bench -- --quick --only plinth --operations list --connections 1,128
      lists of Plinth alone, at one connection and at 128
  npm run bench -- --against HEAD
      what the changes that are not committed do to four operations, in eleven minutes
  npm run bench -- --against v0.1.0 --only plinth-graphql --operations list,tree --rounds 30
      two operations in GraphQL, against a tag, with narrower intervals
  npm run bench -- --against HEAD --operations get --connections 8 --rate 100 --logins 8
      what eight callers who sign in all the time do to a hundred gets a second`

type Wish = { readonly kind: 'peers'; readonly options: Options } | { readonly kind: 'commit'; readonly options: AgainstOptions }

await runBench({
  name: 'npm run bench',
  help: HELP,
  options: ARGUMENTS,
  read: (values): Wish =>
    values.against === undefined
      ? { kind: 'peers', options: readComparison(values) }
      : { kind: 'commit', options: readAgainst(values.against, values) },
  run: (wish) => (wish.kind === 'commit' ? compareWithCommit(wish.options) : compareWithPeers(wish.options)),
})
