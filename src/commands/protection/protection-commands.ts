/** The part of the table of commands about the protection of data. */

import { type CommandFacts, DESIGN_ARGUMENT } from '../terminal/command.ts'
import { BACKUP_COMMANDS } from './backup/backup-commands.ts'

/** The commands about personal data. */
export const PROTECTION_COMMANDS: readonly CommandFacts[] = [
  ...BACKUP_COMMANDS,
  {
    name: 'keys',
    summary: 'count the values of encrypted fields by key, or encrypt them with the first key while callers write',
    arguments: [{ name: 'do', required: true, meaning: 'status or rotate' }],
    options: [{ name: 'design', takes: 'value', value: 'file', meaning: DESIGN_ARGUMENT.meaning }],
    examples: [
      { line: 'plinth keys status', does: 'shows how many values each key has encrypted, and how many are not encrypted' },
      { line: 'plinth keys rotate', does: 'encrypts all values with the first key of ENCRYPTION_KEYS, in batches; run again, it goes on' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { keys } = await import('./keys.ts')
      return (call, io) => keys({ doing: call.argument('do') ?? '', design: call.option('design') }, io)
    },
  },
  {
    name: 'privacy',
    summary: 'export or erase everything about one person: rows, files, sessions, events, jobs, messages',
    arguments: [{ name: 'do', required: true, meaning: 'export or erase' }],
    options: [
      { name: 'of', takes: 'value', value: 'who', meaning: 'the login of the account, or the id of the row' },
      { name: 'entity', takes: 'value', value: 'entity', meaning: 'the entity of the person; that which signs in unless given' },
      { name: 'out', takes: 'value', value: 'folder', meaning: 'with export: write person.json and the files there' },
      { name: 'dry-run', takes: 'flag', meaning: 'with erase: report what would happen, and change nothing' },
      { name: 'design', takes: 'value', value: 'file', meaning: DESIGN_ARGUMENT.meaning },
    ],
    examples: [
      { line: 'plinth privacy export --of ada@example.com --out ada', does: 'writes all rows and files about an account into a folder' },
      { line: 'plinth privacy erase --of ada@example.com --dry-run', does: 'shows what would be deleted, emptied and kept, and why' },
      { line: 'plinth privacy erase --of ada@example.com', does: 'erases it, or says what stands against it' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { privacy } = await import('./privacy.ts')
      return (call, io) =>
        privacy(
          {
            doing: call.argument('do') ?? '',
            of: call.option('of'),
            entity: call.option('entity'),
            design: call.option('design'),
            out: call.option('out'),
            run: call.flag('dry-run') ? 'dry' : 'apply',
          },
          io,
        )
    },
  },
]
