/** The public API. Every export by name, no logic. */

export {
  backend,
  boolean,
  choice,
  computed,
  date,
  decimal,
  duration,
  email,
  integer,
  json,
  list,
  number,
  password,
  ref,
  text,
  time,
  timestamp,
  url,
  uuid,
} from './design/define.ts'
export type { Design, EntityDesign } from './design/design.ts'
export type { FieldDesign } from './design/field-design.ts'
