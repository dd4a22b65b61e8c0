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
} from './design/language/define.ts'
export type { Design, EntityDesign } from './design/language/design.ts'
export type { FieldDesign } from './design/language/field-design.ts'
