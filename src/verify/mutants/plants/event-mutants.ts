/** Mutants of the log of events: events that are lost, logged twice, or hold something else. */

import { EVENTS_TABLE, LOG_EVENTS, SYSTEM_SCHEMA } from '../../../model/database.ts'
import type { Entity, Model } from '../../../model/model.ts'
import { quoted, quotedText } from '../../../postgres/schema/ddl.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant } from '../mutant.ts'

/** The name of the trigger and its function. Only one is planted at a time. */
const PLANTED = 'plinth_planted_event'
const WRITES = { created: 'insert', updated: 'update', deleted: 'delete' } as const
const LOG = quoted(SYSTEM_SCHEMA, EVENTS_TABLE)

/** All mutants of the events of writes to which a design reacts. */
export function eventMutants(model: Model): readonly Mutant[] {
  return model.entities.flatMap((entity) =>
    Object.keys(WRITES)
      .filter((happening) => model.events.some((one) => one.entity === entity.name && one.happening === happening))
      .flatMap((happening) => mutantsOf(entity, happening as keyof typeof WRITES)),
  )
}

function mutantsOf(entity: Entity, happening: keyof typeof WRITES): readonly Mutant[] {
  const table = quoted('public', entity.table)
  const write = entity.softDelete && happening === 'deleted' ? 'update' : WRITES[happening]
  const trigger = LOG_EVENTS.triggers[write]
  const of = (
    kind: MutantKind,
    what: string,
    statements: { readonly plant: readonly string[]; readonly remove: readonly string[] },
  ): Mutant => ({
    name: `mutants/${kind}/${entity.name}/${happening}`,
    kind,
    what: `${entity.name}: ${what}`,
    entity: entity.name,
    claims: [`events/${entity.name}`],
    doors: null,
    plant: { kind: 'database', ...statements },
    rule: null,
  })
  const [text] = entity.fields.filter(({ type, system }) => type.kind === 'scalar' && system === null)
  return [
    of('event-lost', `no event ${happening} is logged`, {
      plant: [`alter table ${table} disable trigger ${quoted(trigger)}`],
      remove: [`alter table ${table} enable trigger ${quoted(trigger)}`],
    }),
    of('event-doubled', `the event ${happening} is logged twice`, {
      // The same trigger once more, under another name.
      plant: [
        `do $planted$ begin execute (select replace(pg_get_triggerdef(oid), ${quotedText(trigger)}, ${quotedText(PLANTED)})
          from pg_trigger where tgrelid = ${quotedText(`public.${quoted(entity.table)}`)}::regclass and tgname = ${quotedText(trigger)}); end $planted$`,
      ],
      remove: [`drop trigger ${PLANTED} on ${table}`],
    }),
    of(
      'event-misdirected',
      `the event ${happening} names another row`,
      changed(entity, happening, "new.row_id := '00000000-0000-4000-8000-000000000000'"),
    ),
    ...(text === undefined
      ? []
      : [
          of(
            'event-altered',
            `the event ${happening} lacks ${text.name}`,
            changed(entity, happening, `new.after := new.after - ${quotedText(text.column)}`),
          ),
        ]),
  ]
}

/** A trigger on the log that changes what is written. */
function changed(
  entity: Entity,
  happening: string,
  assignment: string,
): { readonly plant: readonly string[]; readonly remove: readonly string[] } {
  return {
    plant: [
      `create function public.${PLANTED}() returns trigger language plpgsql as $planted$ begin
        if new.entity = ${quotedText(entity.name)} and new.happening = ${quotedText(happening)} then ${assignment}; end if; return new;
        end $planted$`,
      `create trigger ${PLANTED} before insert on ${LOG} for each row execute function public.${PLANTED}()`,
    ],
    remove: [`drop function public.${PLANTED}() cascade`],
  }
}
