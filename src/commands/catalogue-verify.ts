/** The rows of `plinth verify`, `plinth scaffold`, `plinth client` and `plinth deliver` in the table of commands. */

import { type Call, type CommandFacts, DESIGN_ARGUMENT } from './terminal/command.ts'

/** The command that tests a running backend against its design. */
export const VERIFY_COMMAND: CommandFacts = {
  name: 'verify',
  summary: 'test a running backend against its design, and report the result',
  arguments: [DESIGN_ARGUMENT],
  options: [
    { name: 'quick', takes: 'flag', meaning: 'only what takes less than a minute' },
    { name: 'mutants', takes: 'flag', meaning: 'plant defects in the backend, one at a time, and count those that the cases notice' },
    { name: 'only', takes: 'value', value: 'name', meaning: 'only the cases whose names begin with this: access/Post.read' },
    {
      name: 'from',
      takes: 'value',
      value: 'report',
      meaning: 'repeat the run of this report.json with its seed and options, and say which verdicts changed',
    },
    { name: 'seed', takes: 'value', value: 'number', meaning: 'the order of the cases; 1 unless given. The same seed repeats a run' },
    {
      name: 'out',
      takes: 'value',
      value: 'folder',
      meaning: 'where to write report.html, report.json and its other forms; verify unless given',
    },
    {
      name: 'allow',
      takes: 'values',
      value: 'what',
      choices: ['undecided', 'writes'],
      meaning: 'undecided: exit with 0 also if claims are undecided. writes: send also requests that write to the environment of --against',
    },
    {
      name: 'load-rows',
      takes: 'value',
      value: 'number',
      meaning: 'the most rows of an entity in measurements of performance; targets.rows of the design unless given',
    },
    {
      name: 'load-seconds',
      takes: 'value',
      value: 'number',
      meaning: 'how long each of these measurements takes; 4 unless given',
    },
    {
      name: 'against-build',
      takes: 'value',
      value: 'path',
      meaning: 'also compare what requests cost with another build: a folder with a design, or another Plinth',
    },
    {
      name: 'against',
      takes: 'value',
      value: 'url',
      meaning: 'ask an environment that exists, in place of a database of its own: only reads, and only what needs no known rows',
    },
    {
      name: 'token',
      takes: 'values',
      value: 'caller',
      meaning: 'an access token for --against, from a variable or a file: admin=env:ADMIN_TOKEN, or admin=file:admin.token',
    },
    {
      name: 'rate',
      takes: 'value',
      value: 'number',
      meaning: 'the most requests a second to the environment of --against; 20 unless given',
    },
  ],
  examples: [
    { line: 'plinth verify --quick', does: 'tests the backend on a temporary database' },
    { line: 'plinth verify --only access/Post.read', does: 'tests only one rule' },
    { line: 'plinth verify --mutants --only mutants/limit-moved', does: 'plants only defects of one kind' },
    {
      line: 'plinth verify --only performance --load-rows 10000 --load-seconds 1',
      does: 'measures performance with few rows, in about a minute',
    },
    {
      line: 'plinth verify --only performance/builds --against-build ../before',
      does: 'says whether an operation became slower since another build, in some minutes',
    },
    { line: 'plinth verify --from verify/report.json', does: 'asks the same again and says which verdicts changed' },
    {
      line: 'plinth verify --against https://api.example.com --token admin=env:ADMIN_TOKEN',
      does: 'asks a backend that runs elsewhere, and changes nothing there',
    },
    { line: 'plinth verify blog.yaml --json', does: 'prints the report as JSON' },
    { line: 'DATABASE_URL=postgres://me@localhost/postgres plinth verify', does: 'makes the temporary database on an existing server' },
  ],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const { verify } = await import('./verify.ts')
    return (call, io) =>
      verify(
        {
          design: call.argument('design'),
          mode: call.flag('quick') ? 'quick' : 'full',
          mutants: call.flag('mutants'),
          only: call.option('only'),
          from: call.option('from'),
          seed: call.option('seed'),
          out: call.option('out'),
          allow: call.values('allow'),
          against: againstOf(call),
          load: { rows: call.option('load-rows'), seconds: call.option('load-seconds'), againstBuild: call.option('against-build') },
        },
        io,
      )
  },
}

/** The command that writes first tests. */
export const SCAFFOLD_COMMAND: CommandFacts = {
  name: 'scaffold',
  summary: 'write a first test beside each action and hook that no test of the project runs',
  arguments: [DESIGN_ARGUMENT],
  options: [{ name: 'dry-run', takes: 'flag', meaning: 'say what would be written, and write nothing' }],
  examples: [
    { line: 'plinth scaffold', does: 'runs the tests of the project, and writes first tests for what they do not run' },
    { line: 'plinth scaffold --dry-run --json', does: 'lists what would be written, as JSON' },
  ],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const { scaffold } = await import('./scaffold.ts')
    return (call, io) => scaffold({ design: call.argument('design'), run: call.flag('dry-run') ? 'dry' : 'write' }, io)
  },
}

/** The command that writes the hand-over. */
export const DELIVER_COMMAND: CommandFacts = {
  name: 'deliver',
  summary: 'write the hand-over: the code, its documents, and the evidence of plinth verify',
  arguments: [DESIGN_ARGUMENT],
  options: [
    {
      name: 'out',
      takes: 'value',
      value: 'folder',
      meaning: 'where to write it; delivery unless given. An earlier hand-over there is replaced',
    },
    {
      name: 'report',
      takes: 'value',
      value: 'folder',
      meaning: 'the folder of a finished run of plinth verify, of the same design and code; verify is run unless given',
    },
    { name: 'quick', takes: 'flag', meaning: 'let the run of verify do only what takes less than a minute, so performance is not tested' },
    { name: 'mutants', takes: 'flag', meaning: 'let the run of verify plant defects' },
  ],
  examples: [
    { line: 'plinth deliver --out delivery', does: 'verifies the design and writes the hand-over' },
    { line: 'plinth deliver --quick --out delivery', does: 'the same in about a minute, without performance' },
    { line: 'plinth verify --mutants && plinth deliver --report verify --out delivery', does: 'hands over a run that exists' },
    { line: 'plinth deliver --report verify --json', does: 'prints handover.json and the list of files' },
  ],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const [{ deliver }, { verify }] = await Promise.all([import('./delivering/deliver.ts'), import('./verify.ts')])
    return (call, io) =>
      deliver(
        {
          design: call.argument('design'),
          out: call.option('out') ?? 'delivery',
          report: call.option('report'),
          mode: call.flag('quick') ? 'quick' : 'full',
          mutants: call.flag('mutants'),
        },
        io,
        { verify },
      )
  },
}

/** The command that writes a typed client of the design. */
export const CLIENT_COMMAND: CommandFacts = {
  name: 'client',
  summary: 'write a typed TypeScript client of the design, without dependencies',
  arguments: [DESIGN_ARGUMENT],
  options: [
    {
      name: 'out',
      takes: 'value',
      value: 'path',
      meaning: 'a folder, for client.ts and runtime.ts, or one file that ends in .ts; client unless given',
    },
  ],
  examples: [
    { line: 'plinth client --out web/src/api', does: 'writes web/src/api/client.ts and runtime.ts' },
    { line: 'plinth client --out web/src/api.ts', does: 'the same as one file' },
  ],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const { client } = await import('./delivering/client.ts')
    return (call, io) => client({ design: call.argument('design'), out: call.option('out') ?? 'client' }, io)
  },
}

/** The options about an environment; undefined without one. Tokens and a rate without it are refused by the command. */
function againstOf(call: Call) {
  const [url, tokens, perSecond] = [call.option('against'), call.values('token'), call.option('rate')]
  return url === undefined && tokens.length === 0 && perSecond === undefined ? undefined : { url: url ?? '', tokens, perSecond }
}
