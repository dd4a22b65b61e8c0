/** The part of the table of commands about backups. */

import { type CommandFacts, DESIGN_ARGUMENT } from '../../terminal/command.ts'

/** The commands about backups. */
export const BACKUP_COMMANDS: readonly CommandFacts[] = [
  {
    name: 'backup',
    summary: 'write all rows of the database into a file, in one snapshot, while others write',
    arguments: [{ name: 'file', required: true, meaning: 'the file to write' }, DESIGN_ARGUMENT],
    options: [],
    examples: [{ line: 'plinth backup notes.backup', does: 'writes the file, and says up to which moment it has everything' }],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { backup } = await import('./backup.ts')
      return (call, io) => backup({ file: call.argument('file') ?? '', design: call.argument('design') }, io)
    },
  },
  {
    name: 'restore',
    summary: 'restore a backup into an empty database, and compare every table with it',
    arguments: [{ name: 'file', required: true, meaning: 'a file of plinth backup' }, DESIGN_ARGUMENT],
    options: [],
    examples: [
      { line: 'plinth reset --yes && plinth restore notes.backup', does: 'brings the embedded database back to the moment of the backup' },
      { line: 'DATABASE_URL=postgres://me@db/shop plinth restore notes.backup', does: 'into an empty database of another server' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { restore } = await import('./backup.ts')
      return (call, io) => restore({ file: call.argument('file') ?? '', design: call.argument('design') }, io)
    },
  },
  {
    name: 'transfer',
    summary: 'copy the embedded database to an empty one of another server, and compare every row',
    arguments: [DESIGN_ARGUMENT],
    options: [{ name: 'to', takes: 'value', value: 'url', meaning: 'the address of the empty database' }],
    examples: [{ line: 'plinth transfer --to postgres://me@db/shop', does: 'copies everything; the embedded database stays as it is' }],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { transfer } = await import('./backup.ts')
      return (call, io) => transfer({ to: call.option('to'), design: call.argument('design') }, io)
    },
  },
]
