/** The row of `plinth verify` in the table of commands. */

import { type CommandFacts, DESIGN_ARGUMENT } from './terminal/command.ts'

/** The command that asks a running backend the questions of its design. */
export const VERIFY_COMMAND: CommandFacts = {
  name: 'verify',
  summary: 'ask a running backend the questions that the design raises, and report what it answers',
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
    { line: 'plinth verify --quick', does: 'starts the backend on a database of its own, asks, and throws the database away' },
    { line: 'plinth verify --only access/Post.read', does: 'asks only about one rule' },
    { line: 'plinth verify blog.yaml --json', does: 'prints the report as JSON' },
    { line: 'DATABASE_URL=postgres://me@localhost/postgres plinth verify', does: 'makes its database on an existing server' },
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
