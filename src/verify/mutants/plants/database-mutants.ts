/** Mutants that triggers of the database plant: writes that are lost, or change too much. */

import { type Entity, type Model, storedScalar } from '../../../model/model.ts'
import { quoted } from '../../../postgres/schema/ddl.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant } from '../mutant.ts'
import { isChanged, isCreated, isDeleted, isHeld } from './plantable.ts'

/** The name of the trigger and its function. Only one is planted at a time. */
const PLANTED = 'plinth_planted'

/** All mutants of writes. */
export function databaseMutants(model: Model): readonly Mutant[] {
  return model.entities.flatMap((entity) => {
    const isMoved = model.workflows.some((workflow) => workflow.entity === entity.name)
    // What only steps of actions write, no case looks at.
    const asked = {
      insert: isCreated(entity),
      update: isMoved || isChanged(entity),
      delete: isDeleted(entity),
    }
    return writes(entity).flatMap(({ write, mutant }) => (asked[write] ? [mutant] : []))
  })
}

interface Trigger {
  readonly kind: MutantKind
  readonly detail: string
  readonly what: string
  readonly on: 'before insert' | 'before update' | 'before delete' | 'after update'
  /** The body of the function. */
  readonly body: string
}

function writes(entity: Entity): readonly { readonly write: 'insert' | 'update' | 'delete'; readonly mutant: Mutant }[] {
  const table = quoted('public', entity.table)
  const text = entity.fields.find(
    (field) =>
      field.type.kind === 'scalar' &&
      storedScalar(field.type) === 'text' &&
      field.type.pattern === null &&
      !field.optional &&
      isHeld(entity, field),
  )
  const version = entity.fields.find(({ system }) => system === 'version')
  const triggers: readonly Trigger[] = [
    { kind: 'write-lost', detail: 'update', what: 'a change is not stored', on: 'before update', body: 'return old;' },
    { kind: 'write-lost', detail: 'delete', what: 'a deleted row stays', on: 'before delete', body: 'return null;' },
    ...(version === undefined
      ? []
      : [
          {
            kind: 'version-not-counted',
            detail: 'update',
            what: 'a change does not raise the version',
            on: 'before update',
            body: `new.${quoted(version.column)} := old.${quoted(version.column)}; return new;`,
          } as const,
          {
            kind: 'neighbour-written',
            detail: 'update',
            what: 'a change also touches another row',
            on: 'after update',
            body: `if pg_trigger_depth() > 1 then return null; end if;
              update ${table} set ${quoted(version.column)} = ${quoted(version.column)} + 1
              where id = (select id from ${table} where id <> new.id order by id limit 1); return null;`,
          } as const,
        ]),
    ...(text === undefined
      ? []
      : (['insert', 'update'] as const).map(
          (write): Trigger => ({
            kind: 'value-altered',
            detail: `${text.name}/${write}`,
            what: `${text.name} is stored with a space at its end`,
            on: `before ${write}`,
            body: `new.${quoted(text.column)} := new.${quoted(text.column)} || ' '; return new;`,
          }),
        )),
  ]
  return triggers.map(({ kind, detail, what, on, body }) => ({
    write: on.endsWith('insert') ? 'insert' : on.endsWith('delete') ? 'delete' : 'update',
    mutant: {
      name: `mutants/${kind}/${entity.name}/${detail}`,
      kind,
      what: `${entity.name}: ${what}`,
      entity: entity.name,
      claims: [`access/${entity.name}.${on.endsWith('delete') ? 'delete' : on.endsWith('insert') ? 'create' : 'update.from'}`],
      doors: null,
      plant: {
        kind: 'database',
        plant: [
          `create function public.${PLANTED}() returns trigger language plpgsql security definer as $planted$ begin ${body} end $planted$`,
          `create trigger ${PLANTED} ${on} on ${table} for each row when (current_setting('plinth.restores', true) is distinct from 'yes') execute function public.${PLANTED}()`,
        ],
        remove: [`drop function public.${PLANTED}() cascade`],
      },
      rule: null,
    },
  }))
}
