/** The row of `plinth verify` in the table of commands. */

import { type CommandFacts, DESIGN_ARGUMENT } from './terminal/command.ts'

/** The command that tests a running backend against its design. */
export const VERIFY_COMMAND: CommandFacts = {
  name: 'verify',
  summary: 'test a running backend against its design, and report the result',
  arguments: [DESIGN_ARGUMENT],
  options: [
    { name: 'quick', takes: 'flag', meaning: 'only what takes less than a minute' },
    { name: 'only', takes: 'value', value: 'name', meaning: 'only the cases whose names begin with this: access/Post.read' },
    { name: 'seed', takes: 'value', value: 'number', meaning: 'the order of the cases; 1 unless given. The same seed repeats a run' },
    { name: 'out', takes: 'value', value: 'folder', meaning: 'where to write report.json and junit.xml; verify unless given' },
    {
      name: 'allow',
      takes: 'values',
      value: 'verdict',
      choices: ['undecided'],
      meaning: 'exit with 0 also if claims are undecided',
    },
  ],
  examples: [
    { line: 'plinth verify --quick', does: 'tests the backend on a temporary database' },
    { line: 'plinth verify --only access/Post.read', does: 'tests only one rule' },
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
          only: call.option('only'),
          seed: call.option('seed'),
          out: call.option('out'),
          allow: call.values('allow'),
        },
        io,
      )
  },
}
